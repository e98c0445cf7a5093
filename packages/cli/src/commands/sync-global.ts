import { syncGlobal } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { SYNC_GLOBAL_FLAGS } from "../options/connecting.ts";
import { renderSyncGlobal } from "../render/sync-global.ts";

/** Copies this registry's goals into the global registry (CMD-44). */
export async function run(call: Call<typeof SYNC_GLOBAL_FLAGS>): Promise<Answer> {
  const payload = await syncGlobal(await call.host(), call.input);
  return { payload, lines: () => renderSyncGlobal(payload) };
}
