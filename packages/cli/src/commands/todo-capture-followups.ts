import { captureFollowUps } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { TODO_CAPTURE_FLAGS } from "../options/todos.ts";
import { renderTodoCapture } from "../render/todo.ts";

/** Writes follow-ups down as agent todos, all or none. */
export async function run({ input, globals, host }: Call<typeof TODO_CAPTURE_FLAGS>): Promise<Answer> {
  const payload = await captureFollowUps(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderTodoCapture(payload) };
}
