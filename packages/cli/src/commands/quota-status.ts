import { quotaStatus } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { QUOTA_STATUS_FLAGS } from "../options/quota.ts";
import { renderQuota } from "../render/quota.ts";

/** All goals by what their quota and gates allow (CMD-82). */
export async function run({ input, globals, host }: Call<typeof QUOTA_STATUS_FLAGS>): Promise<Answer> {
  const payload = await quotaStatus(await host(), { ...input, mode: "status", cwd: globals.cwd });
  return { payload, lines: () => renderQuota(payload) };
}
