/** `disconnect --list`: what was disconnected and can be put back (CMD-40). */
import { MANIFEST_NAME, parseManifest } from "../domain/goal/disconnect-manifest.ts";
import type { DisconnectListResult } from "../domain/payload/disconnect.ts";
import { restoreCommand } from "./disconnect.ts";
import { standingOf } from "./disconnect-restore.ts";
import { observed } from "./observed.ts";

export type { DisconnectListResult } from "../domain/payload/disconnect.ts";

/** Oldest first, of every project; a manifest that cannot be read is listed without its goals. */
export const listDisconnected = observed("list_disconnected", async (host): Promise<DisconnectListResult> => {
  const stamps = await host.documents.disconnectStamps();
  const disconnected = await Promise.all(
    stamps.map(async (stamp) => {
      const found = await host.documents.read({ kind: "disconnected", stamp, name: MANIFEST_NAME });
      const manifest = found.kind === "found" ? parseManifest(found.text) : null;
      return {
        stamp,
        standing: manifest === null ? ("unreadable" as const) : await standingOf(host, manifest),
        disconnected_at: manifest?.disconnected_at ?? null,
        project_registry: manifest?.registry ?? null,
        goal_ids: manifest?.goal_ids ?? [],
        restore_command: manifest === null ? null : restoreCommand(host, stamp),
      };
    }),
  );
  return { read_only: true, global_registry: host.places.global_registry, disconnected };
});
