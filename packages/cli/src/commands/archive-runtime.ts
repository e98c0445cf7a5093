import { archiveRuntime } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { ARCHIVE_RUNTIME_FLAGS } from "../options/state.ts";
import { fields, title } from "../render/markdown.ts";

/** Moves a goal's runtime directory out of the way (CMD-115). */
export async function run({ input, globals, host }: Call<typeof ARCHIVE_RUNTIME_FLAGS>): Promise<Answer> {
  const payload = await archiveRuntime(await host(), { ...input, cwd: globals.cwd });
  return {
    payload,
    lines: () => [
      title("Archive Runtime"),
      ...fields(payload, ["goal_id", "dry_run", "applied", "registered", "run_count", "source", "destination", "moved"]),
    ],
  };
}
