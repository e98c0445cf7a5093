import { listTodos } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_LIST_FLAGS } from "../options/wake-up.ts";
import { renderTodoList } from "../render/todo.ts";

/** The todos of a goal (CMD-92). */
export async function run({ input, globals, host }: Call<typeof TODO_LIST_FLAGS>): Promise<Answer> {
  const payload = await listTodos(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoList(payload) };
}
