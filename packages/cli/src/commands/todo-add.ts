import { addTodo } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_ADD_FLAGS } from "../options/todos.ts";
import { renderTodoChange } from "../render/todo.ts";

/** Adds a todo for an agent or a question for a person (CMD-91). */
export async function run({ input, globals, host }: Call<typeof TODO_ADD_FLAGS>): Promise<Answer> {
  const payload = await addTodo(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoChange("Added", payload) };
}
