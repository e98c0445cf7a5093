import { supersedeTodo } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_SUPERSEDE_FLAGS } from "../options/todos.ts";
import { renderTodoChange } from "../render/todo.ts";

/** Closes a todo because something else takes its place (CMD-96). */
export async function run({ input, globals, host }: Call<typeof TODO_SUPERSEDE_FLAGS>): Promise<Answer> {
  const payload = await supersedeTodo(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoChange("Superseded", payload) };
}
