import { disconnect, listDisconnected, restoreDisconnected } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { DISCONNECT_FLAGS } from "../options/connecting.ts";
import { renderDisconnect, renderDisconnectList } from "../render/disconnect.ts";

/** Takes goals out of the registries, puts them back, or lists what can be put back (CMD-40 to CMD-42). */
export async function run({ input, host }: Call<typeof DISCONNECT_FLAGS>): Promise<Answer> {
  const { restore, list = false, ...wish } = input;
  const opened = await host({ missing_registry: list || restore !== undefined });
  if (list) {
    const listed = await listDisconnected(opened);
    return { payload: listed, lines: () => renderDisconnectList(listed) };
  }
  const payload =
    restore === undefined ? await disconnect(opened, wish) : await restoreDisconnected(opened, { stamp: restore, dry_run: wish.dry_run });
  return { payload, lines: () => renderDisconnect(restore === undefined ? "Disconnect" : "Restore", payload) };
}
