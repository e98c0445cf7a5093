import type { Answer, Call } from "../call.ts";
import type { SHOULD_RUN_FLAGS } from "../options/wake-up.ts";
import { verdictLine } from "../render/verdict.ts";
import { askVerdict } from "../verdict.ts";

/** The verdict as one line and an exit code, for shell loops (CMD-80). */
export async function run(call: Call<typeof SHOULD_RUN_FLAGS>): Promise<Answer> {
  const { verdict, error, exit_code } = await askVerdict(call, { ...call.input, exit_code: true });
  return { payload: { ...verdict, error }, exit_code, lines: () => [verdictLine(verdict)] };
}
