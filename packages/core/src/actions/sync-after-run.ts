/** The global registry after a write that already stands: it follows, and it never takes that write back (FIL-26). */
import { LoopxError } from "../domain/errors.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { GoalId } from "../domain/ids.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { emptySync, syncGoals, type GlobalSync } from "./global-sync.ts";
import { noteOf, type Note } from "./note.ts";

/** What became of the goal in the global registry; a sync that fails is a warning. */
export async function syncAfterRun(
  host: Host,
  registry: Registry,
  goal: { readonly goal_id: GoalId },
  now: Moment,
  { restamp = false }: { readonly restamp?: boolean } = {},
): Promise<{ global_sync: GlobalSync; warnings: readonly Note[] }> {
  const request = { goal_ids: [goal.goal_id], replace_state: false, prune: false, dry_run: false, restamp };
  try {
    const global_sync = await syncGoals(host, registry, request, now);
    const warnings =
      global_sync.write_denied === true ? [noteOf("global_registry_write_denied", host.locale, host.places.global_registry)] : [];
    return { global_sync, warnings };
  } catch (error) {
    if (!(error instanceof LoopxError)) throw error;
    return {
      global_sync: { ...emptySync(host, request, { skipped: false }), write_denied: true, error_kind: "global_registry_write_denied" },
      warnings: [noteOf("global_sync_failed", host.locale, error.message)],
    };
  }
}
