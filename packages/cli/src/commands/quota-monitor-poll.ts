import { monitorPoll } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { MONITOR_POLL_FLAGS } from "../options/quota.ts";
import { renderPoll } from "../render/monitor-poll.ts";

/** Records a look at a monitor (CMD-85). */
export async function run({ input, globals, host }: Call<typeof MONITOR_POLL_FLAGS>): Promise<Answer> {
  const payload = await monitorPoll(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderPoll(payload) };
}
