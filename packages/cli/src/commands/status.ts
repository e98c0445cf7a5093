import { status, type StatusInput } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { STATUS_FLAGS } from "../options/wake-up.ts";
import { renderStatus } from "../render/status.ts";

/** Where every goal stands and who has to act (CMD-63); with `--watch` until somebody ends it. */
export async function run(call: Call<typeof STATUS_FLAGS>): Promise<Answer> {
  const { watch, interval, ...flags } = call.input;
  const input: StatusInput = { ...flags, cwd: call.globals.cwd };
  if (watch === true) return (await import("../watch/status.ts")).watchStatus(call, input, interval);
  const payload = await status(await call.host(), input);
  return { payload, lines: () => renderStatus(payload) };
}
