/** `sync-global`: the explicit form of what `connect` and `refresh-state` do by themselves; for diagnosis and recovery (CMD-44). */
import { requireGoals, unknownGoal } from "./goals.ts";
import { syncGoals, type GlobalSync } from "./global-sync.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `sync-global` (CMD-44); every goal of the registry by default. */
export interface SyncGlobalInput {
  readonly goal_id?: string | undefined;
  readonly replace_state?: boolean | undefined;
  readonly prune?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
}

/** What was added, replaced, pruned. Errors: `route_collision`, `goal_not_found`, `registry_invalid`. */
export const syncGlobal = observed("sync_global", async (host, input: SyncGlobalInput): Promise<GlobalSync> => {
  const registry = await requireGoals(host);
  if (input.goal_id !== undefined && !registry.items.some((item) => item.id === input.goal_id))
    throw unknownGoal(host, registry, input.goal_id);
  const request = {
    goal_ids: input.goal_id === undefined ? null : [input.goal_id],
    replace_state: input.replace_state ?? false,
    prune: input.prune ?? false,
    dry_run: input.dry_run ?? false,
  };
  return syncGoals(host, registry, request, momentOf(host.clock));
});
