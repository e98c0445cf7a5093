import { refreshState } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { REFRESH_STATE_FLAGS } from "../options/state.ts";
import { renderRefresh } from "../render/refresh-state.ts";

/** Records a run: what was done, checked and comes next (CMD-110). */
export async function run({ input, host }: Call<typeof REFRESH_STATE_FLAGS>): Promise<Answer> {
  const payload = await refreshState(await host(), input);
  return { payload, lines: () => renderRefresh(payload) };
}
