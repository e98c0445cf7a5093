import type { Answer, Call } from "../call.ts";
import type { QUOTA_SHOULD_RUN_FLAGS } from "../options/wake-up.ts";
import { renderVerdict } from "../render/verdict.ts";
import { askVerdict } from "../verdict.ts";

/** The whole verdict; exit codes 10 to 13 only with `--exit-code` (CMD-80). */
export async function run(call: Call<typeof QUOTA_SHOULD_RUN_FLAGS>): Promise<Answer> {
  const { verdict, error, exit_code } = await askVerdict(call, call.input);
  return { payload: { ...verdict, error }, exit_code, lines: () => renderVerdict(verdict) };
}
