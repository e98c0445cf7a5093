/** Copies a registry's goals into the global registry (FIL-20 to FIL-28): planned inside its lock, refused whole on a route collision. */
import { LoopxError } from "../domain/errors.ts";
import { sameJson } from "../domain/goal/json-values.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { planSync, type IncomingEntry, type SyncCollision, type SyncPlan } from "../domain/goal/sync-plan.ts";
import { isJsonObject } from "../domain/json.ts";
import type { GlobalSync } from "../domain/payload/sync-global.ts";
import type { Moment } from "../domain/time.ts";
import type { UpdateOptions } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { replaceWithBackup } from "../store/backup.ts";
import { registryOutcomeError } from "../store/outcome.ts";
import { loadRegistry } from "../store/registry.ts";
import { updateRegistryGoals, type RegistryUpdate } from "../store/registry-update.ts";
import { registryError } from "./goals.ts";
import { removeStrayRoutes } from "./stray-routes.ts";

export interface SyncRequest {
  /** Null for every goal of the registry. */
  readonly goal_ids: readonly string[] | null;
  readonly replace_state: boolean;
  readonly prune: boolean;
  readonly dry_run: boolean;
  /** This call rewrote the registry: its other goals are as fresh as before, and their stamps have to say so. */
  readonly restamp?: boolean;
}

export type { GlobalSync } from "../domain/payload/sync-global.ts";

/** Goals to sync that are not in the registry file yet: what `connect` is about to write. */
export interface PendingEntry {
  readonly goal_id: string;
  readonly raw: IncomingEntry["raw"];
}

/** The plan against the global registry as it stands, or the error of one that cannot be read. */
export async function previewSync(
  host: Host,
  registry: Registry,
  request: SyncRequest,
  now: Moment,
  pending: PendingEntry | null = null,
): Promise<SyncPlan> {
  const loaded = await loadRegistry(host.documents, { kind: "global_registry" }, host.places.global_registry);
  if (loaded.kind === "invalid") throw registryError(loaded.finding);
  return planSync(planRequest(host, registry, loaded.kind === "registry" ? loaded.registry : null, request, now, pending));
}

/** Throws `route_collision` naming both routes when the plan would move a goal. */
export function requireNoCollision(plan: SyncPlan): void {
  const collision = plan.collisions[0];
  if (!plan.refused || collision === undefined) return;
  if (collision.kind !== "route") {
    throw new LoopxError(
      "goal_id_collision",
      `the global registry has ${collision.existing_goal_id}, which ${collision.kind === "case" ? "differs only in case from" : "stands twice beside"} ${collision.goal_id}`,
      { details: { collisions: plan.collisions.map(plain) } },
    );
  }
  throw new LoopxError(
    "route_collision",
    `the global registry routes ${collision.goal_id} elsewhere: ${routeText(collision.existing)}; this registry says ${routeText(collision.incoming)}`,
    {
      details: { collisions: plan.collisions.map(plain) },
    },
  );
}

/** Syncs, or tells that the global registry may not be written. A collision is an error, a lost race too. */
export async function syncGoals(host: Host, registry: Registry, request: SyncRequest, now: Moment): Promise<GlobalSync> {
  if (sameRegistry(host)) return emptySync(host, request, { skipped: true });
  const preview = await previewSync(host, registry, request, now);
  requireNoCollision(preview);
  if (request.dry_run) return syncOf(host, request, preview, { applied: false, backup_path: null });
  try {
    return await write(host, registry, request, now, preview.collisions.length > 0);
  } catch (error) {
    // A read-only runtime root must not take the project's own files with it.
    if (error instanceof LoopxError && (error.code === "write_failed" || error.code === "write_denied")) return denied(host, request);
    throw error;
  }
}

/** So often somebody else may change the registry while it is copied. */
const MAX_ROUNDS = 5;

/**
 * Copies until what was copied is what stands: whoever changed the registry meanwhile may have synced before this call, and
 * an older copy must not outlive a newer one. A goal that left the registry meanwhile leaves the copy too.
 */
async function write(host: Host, registry: Registry, request: SyncRequest, now: Moment, moves: boolean): Promise<GlobalSync> {
  const key = { kind: "global_registry" } as const;
  const place = { folder: "_registry", now, name: "registry.global.json" };
  const copy = async (from: Registry, options: UpdateOptions) =>
    updateRegistryGoals(host.documents, {
      key,
      file: host.places.global_registry,
      now,
      common_runtime_root: host.places.runtime_root,
      options,
      decide: (current) => {
        const plan = planSync(planRequest(host, from, current, request, now, null));
        return { edits: plan.entries, value: plan };
      },
    });
  const { outcome, copies } = moves
    ? await replaceWithBackup(host.documents, key, place, host.places.runtime_root, (expected) => copy(registry, { expected }))
    : { outcome: await copy(registry, {}), copies: [] };
  const sync = applied(host, request, outcome, copies.at(-1) ?? null);
  let copied = registry;
  for (let round = 1; round < MAX_ROUNDS; round++) {
    const loaded = await loadRegistry(host.documents, { kind: "registry" }, host.places.registry);
    if (loaded.kind === "invalid" || (loaded.kind === "registry" && sameEntries(copied, loaded.registry, request))) break;
    const left = loaded.kind === "registry" ? loaded.registry.items : [];
    const gone = copied.items.flatMap(({ id }) => (id === null || left.some((item) => item.id === id) ? [] : [id]));
    if (gone.length > 0) await removeStrayRoutes(host, new Set(gone), now);
    if (loaded.kind !== "registry") break;
    copied = loaded.registry;
    applied(host, request, await copy(copied, {}), null);
  }
  return sync;
}

function sameEntries(left: Registry, right: Registry, { goal_ids }: SyncRequest): boolean {
  const raws = ({ items }: Registry) =>
    items.flatMap(({ id, raw }) => (id !== null && (goal_ids === null || goal_ids.includes(id)) ? [raw] : []));
  const [before, after] = [raws(left), raws(right)];
  return before.length === after.length && before.every((raw, index) => sameJson(raw, after[index]));
}

function applied(host: Host, request: SyncRequest, update: RegistryUpdate<SyncPlan>, backup: string | null): GlobalSync {
  if (update.kind === "invalid" && update.unreadable?.reason === "denied") return denied(host, request);
  if (update.kind !== "written" && update.kind !== "unchanged") throw registryOutcomeError(update, host.places.global_registry);
  requireNoCollision(update.value);
  return syncOf(host, request, update.value, { applied: true, backup_path: backup });
}

function planRequest(
  host: Host,
  registry: Registry,
  global: Registry | null,
  request: SyncRequest,
  now: Moment,
  pending: PendingEntry | null,
): Parameters<typeof planSync>[0] {
  const sound = registry.items.flatMap((item) =>
    item.entry !== null && item.id !== null && isJsonObject(item.raw) && item.id !== pending?.goal_id
      ? [{ goal_id: item.id, raw: item.raw }]
      : [],
  );
  const all = pending === null ? sound : [...sound, pending];
  const ids = request.goal_ids;
  return {
    global,
    incoming: ids === null ? all : all.filter(({ goal_id }) => ids.includes(goal_id)),
    ...(ids === null || request.restamp !== true ? {} : { beside: all.filter(({ goal_id }) => !ids.includes(goal_id)) }),
    source_registry: host.project.canonical(host.places.registry),
    now,
    replace: request.replace_state,
    prune: request.prune
      ? {
          source_goal_ids: registry.items.flatMap((item) => (item.id === null ? [] : [item.id])),
          missing_registries: missingSources(host, global),
        }
      : null,
    samePath: (left, right) => left === right || host.project.canonical(left) === host.project.canonical(right),
  };
}

function missingSources(host: Host, global: Registry | null): readonly string[] {
  const sources = new Set(
    global?.items.flatMap((item) =>
      isJsonObject(item.raw) && typeof item.raw["source_registry"] === "string" ? [item.raw["source_registry"]] : [],
    ),
  );
  return [...sources].filter((source) => host.project.readable(source, host.places.runtime_root) === "missing");
}

function sameRegistry(host: Host): boolean {
  return host.project.canonical(host.places.registry) === host.project.canonical(host.places.global_registry);
}

function syncOf(host: Host, request: SyncRequest, plan: SyncPlan, more: { applied: boolean; backup_path: string | null }): GlobalSync {
  return {
    ...emptySync(host, request, { skipped: false }),
    applied: more.applied,
    synced_goal_ids: plan.entries.flatMap((edit) => (edit.kind === "put" ? [edit.goal_id] : [])),
    added: plan.added,
    replaced: plan.replaced,
    unchanged: plan.unchanged,
    pruned: plan.pruned,
    collisions: plan.collisions,
    backup_path: more.backup_path,
  };
}

function denied(host: Host, request: SyncRequest): GlobalSync {
  return { ...emptySync(host, request, { skipped: false }), write_denied: true, error_kind: "global_registry_write_denied" };
}

/** A sync that did nothing. */
export function emptySync(host: Host, request: Pick<SyncRequest, "dry_run">, { skipped }: { skipped: boolean }): GlobalSync {
  return {
    dry_run: request.dry_run,
    applied: false,
    skipped,
    source_registry: host.project.canonical(host.places.registry),
    global_registry: host.places.global_registry,
    synced_goal_ids: [],
    added: [],
    replaced: [],
    unchanged: [],
    pruned: [],
    collisions: [],
    backup_path: null,
  };
}

function plain(collision: SyncCollision): { kind: string; goal_id: string; existing: string; incoming: string } {
  return {
    kind: collision.kind,
    goal_id: collision.goal_id,
    existing: routeText(collision.existing),
    incoming: routeText(collision.incoming),
  };
}

function routeText(route: SyncCollision["existing"]): string {
  return `${route.source_registry ?? "no registry"} (${route.repo ?? "?"}, ${route.state_file ?? "?"})`;
}
