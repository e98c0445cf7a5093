import { quotaStatus } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { QUOTA_STATUS_FLAGS } from "../options/quota.ts";
import { renderQuota } from "../render/quota.ts";

/** The same as `quota status`, for choosing the next turns (CMD-82). */
export async function run({ input, globals, host }: Call<typeof QUOTA_STATUS_FLAGS>): Promise<Answer> {
  const payload = await quotaStatus(await host(), { ...input, mode: "plan", cwd: globals.cwd });
  return { payload, lines: () => renderQuota(payload) };
}
