import { operatorGate } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { OPERATOR_GATE_FLAGS } from "../options/state.ts";
import { renderOperatorGate } from "../render/operator-gate.ts";

/** Records a person's answer to a gate (CMD-112). */
export async function run(call: Call<typeof OPERATOR_GATE_FLAGS>): Promise<Answer> {
  const payload = await operatorGate(await call.host(), call.input);
  return { payload, lines: () => renderOperatorGate(payload) };
}
