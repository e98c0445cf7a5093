import { registerAgent } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { REGISTER_AGENT_FLAGS } from "../options/connecting.ts";
import { renderAgents } from "../render/configure-goal.ts";

/** Registers agents for a goal; a preview without `--execute` (CMD-47). */
export async function run(call: Call<typeof REGISTER_AGENT_FLAGS>): Promise<Answer> {
  const host = await call.host();
  const payload = await registerAgent(host, call.input);
  return { payload, lines: () => renderAgents(payload, host.places.registry) };
}
