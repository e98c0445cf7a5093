import { ERRORS } from "@loopx/core";
import type { Answer } from "../call.ts";
import { EXITS } from "../exits.ts";
import { renderExitCodes, type CodeRow } from "../render/exit-codes.ts";

/** Every exit code and every error code, from the one table (CMD-21). */
export async function run(): Promise<Answer> {
  const codes: CodeRow[] = Object.entries(ERRORS).map(([code, row]) => ({ code, ...row }));
  return { payload: { exit_codes: EXITS, error_codes: codes }, lines: () => renderExitCodes(EXITS, codes) };
}
