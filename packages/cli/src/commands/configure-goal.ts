import { configureGoal } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { CONFIGURE_GOAL_FLAGS } from "../options/connecting.ts";
import { renderConfigured } from "../render/configure-goal.ts";

/** Changes a goal's entry; a preview without `--execute` (CMD-46). */
export async function run(call: Call<typeof CONFIGURE_GOAL_FLAGS>): Promise<Answer> {
  const host = await call.host();
  const payload = await configureGoal(host, call.input);
  return { payload, lines: () => renderConfigured("Configure Goal", payload, host.places.registry) };
}
