import { history } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { HISTORY_FLAGS } from "../options/wake-up.ts";
import { renderHistory } from "../render/history.ts";

/** The newest runs of one goal or of all (CMD-61). */
export async function run(call: Call<typeof HISTORY_FLAGS>): Promise<Answer> {
  const payload = await history(await call.host(), call.input);
  return { payload, lines: () => renderHistory(payload) };
}
