import type { AnyCall, Answer } from "../call.ts";
import { manPage } from "../man/page.ts";
import { LOOPX } from "../options/commands.ts";

/** The manual page, for `man -l -` (CMD-23). */
export async function run({ io }: AnyCall): Promise<Answer> {
  const page = manPage(LOOPX, io.version);
  return { payload: { page }, lines: () => page.trimEnd().split("\n"), verbatim: true };
}
