import { promptForHeartbeat } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { HEARTBEAT_PROMPT_FLAGS } from "../options/wake-up.ts";

/** The text an automation hands to an agent; with `--quiet` only its body (CMD-48 to CMD-50). */
export async function run({ input, globals, host }: Call<typeof HEARTBEAT_PROMPT_FLAGS>): Promise<Answer> {
  const { payload, markdown, quiet } = await promptForHeartbeat(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => (globals.quiet ? quiet : markdown).trimEnd().split("\n") };
}
