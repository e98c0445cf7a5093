import { ERRORS } from "@loopx/core";
import type { Answer } from "../call.ts";
import { renderExitCodes, type CodeRow } from "../render/exit-codes.ts";

const EXITS: readonly { exit: number; meaning: string }[] = [
  { exit: 0, meaning: "done, also a dry run, also a verdict that says skip" },
  { exit: 1, meaning: "an honest no" },
  { exit: 2, meaning: "usage, load or parse" },
  { exit: 3, meaning: "busy or conflict: retry later" },
  { exit: 10, meaning: "only with --exit-code: quiet skip" },
  { exit: 11, meaning: "only with --exit-code: waits for a person" },
  { exit: 12, meaning: "only with --exit-code: paused or throttled" },
  { exit: 13, meaning: "only with --exit-code: unhealthy" },
  { exit: 70, meaning: "a bug" },
  { exit: 130, meaning: "interrupted" },
  { exit: 143, meaning: "terminated" },
];

/** Every exit code and every error code, from the one table (CMD-21). */
export async function run(): Promise<Answer> {
  const codes: CodeRow[] = Object.entries(ERRORS).map(([code, row]) => ({ code, ...row }));
  return { payload: { exit_codes: EXITS, error_codes: codes }, lines: () => renderExitCodes(EXITS, codes) };
}
