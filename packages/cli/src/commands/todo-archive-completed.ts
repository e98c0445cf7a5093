import { archiveTodos } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_ARCHIVE_FLAGS } from "../options/todos.ts";
import { renderTodoArchive } from "../render/todo.ts";

/** Moves closed todos to the archive of the goal state (CMD-97). */
export async function run({ input, globals, host }: Call<typeof TODO_ARCHIVE_FLAGS>): Promise<Answer> {
  const payload = await archiveTodos(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoArchive(payload) };
}
