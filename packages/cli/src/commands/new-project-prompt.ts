import { promptForNewProject } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { NEW_PROJECT_PROMPT_FLAGS } from "../options/connecting.ts";
import { renderNewProject } from "../render/new-project-prompt.ts";

/** The text by which another agent connects a project; with `--quiet` only that text (CMD-38). */
export async function run({ input, globals, host }: Call<typeof NEW_PROJECT_PROMPT_FLAGS>): Promise<Answer> {
  const payload = await promptForNewProject(await host({ project: input.project }), { ...input, cwd: globals.cwd });
  return { payload, lines: () => (globals.quiet ? payload.prompt.trimEnd().split("\n") : renderNewProject(payload)) };
}
