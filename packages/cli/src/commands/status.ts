import { status } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { STATUS_FLAGS } from "../options/looking.ts";
import { renderStatus } from "../render/status.ts";

/** Where every goal stands and who has to act (CMD-63). */
export async function run({ input, globals, host }: Call<typeof STATUS_FLAGS>): Promise<Answer> {
  const payload = await status(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderStatus(payload) };
}
