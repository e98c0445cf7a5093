import { check } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import { installRoot } from "../installation.ts";
import type { CHECK_FLAGS } from "../options/looking.ts";
import { renderCheck } from "../render/check.ts";

/** Judges the files of all goals; `check_failed` when something is wrong (CMD-62, CMD-65). */
export async function run({ input, globals, host, io }: Call<typeof CHECK_FLAGS>): Promise<Answer> {
  const payload = await check(await host(), { ...input, install_root: installRoot(io.entry), cwd: globals.cwd });
  return { payload, lines: () => renderCheck(payload) };
}
