import { completeTodo } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_COMPLETE_FLAGS } from "../options/todos.ts";
import { renderTodoChange } from "../render/todo.ts";

/** Closes a todo and opens the one that follows, in one write (CMD-95). */
export async function run({ input, globals, host }: Call<typeof TODO_COMPLETE_FLAGS>): Promise<Answer> {
  const payload = await completeTodo(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoChange("Completed", payload) };
}
