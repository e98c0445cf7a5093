import { updateTodo } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_UPDATE_FLAGS } from "../options/todos.ts";
import { renderTodoChange } from "../render/todo.ts";

/** Changes a todo (CMD-94). */
export async function run({ input, globals, host }: Call<typeof TODO_UPDATE_FLAGS>): Promise<Answer> {
  const payload = await updateTodo(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoChange("Updated", payload) };
}
