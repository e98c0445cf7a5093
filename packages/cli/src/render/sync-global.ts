import type { SyncGlobalResult } from "@loopx/core";
import { fields, section, title } from "./markdown.ts";

/** What the global registry has now, and what stood in the way. */
export function renderSyncGlobal(result: SyncGlobalResult): string[] {
  return [
    title("Global Sync"),
    ...fields(result, [
      "dry_run",
      "applied",
      "source_registry",
      "global_registry",
      "synced_goal_ids",
      "added",
      "replaced",
      "unchanged",
      "pruned",
      "backup_path",
    ]),
    ...section(
      "Collisions",
      result.collisions.map((collision) => `- ${JSON.stringify(collision)}`),
    ),
  ];
}
