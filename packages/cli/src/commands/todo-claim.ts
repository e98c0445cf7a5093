import { claimTodo } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_CLAIM_FLAGS } from "../options/todos.ts";
import { renderTodoChange } from "../render/todo.ts";

/** Takes a todo, or takes a stale claim over (CMD-93). */
export async function run({ input, globals, host }: Call<typeof TODO_CLAIM_FLAGS>): Promise<Answer> {
  const payload = await claimTodo(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoChange("Claimed", payload) };
}
