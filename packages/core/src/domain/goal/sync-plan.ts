/**
 * What a sync does to the global registry: a plan, computed inside its lock and before anything is written
 * (FIL-20 to FIL-25, CMD-44). One route that would change refuses the whole sync, unless the caller replaces.
 */
import { parseGoalId } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { formatInstant, type Moment } from "../time.ts";
import { textOf } from "./fields.ts";
import { type AuthorityFacts, syncedEntry } from "./global-registry.ts";
import { sameJson, withoutKeys } from "./json-values.ts";
import type { Registry, RegistryItem } from "./registry.ts";

/** One change of a registry's goals, carried out by `store/registry.ts`. */
export type GoalEdit =
  | { readonly kind: "put"; readonly goal_id: string; readonly entry: JsonObject }
  | { readonly kind: "remove"; readonly goal_id: string };

export interface IncomingEntry {
  readonly goal_id: string;
  readonly raw: JsonObject;
  readonly authority?: AuthorityFacts;
}

export interface Route {
  readonly source_registry: string | null;
  readonly repo: string | null;
  readonly state_file: string | null;
}

/** `route`: the id leads elsewhere; `case`: another spelling stands there; `duplicate`: the global registry has the id twice. */
export interface SyncCollision {
  readonly kind: "route" | "case" | "duplicate";
  readonly goal_id: string;
  readonly existing_goal_id: string;
  readonly existing: Route;
  readonly incoming: Route;
}

/** What a sync starts from: the goals of one source, the global registry, and how much may change. */
export interface SyncRequest {
  /** The global registry, or null when there is none yet. */
  readonly global: Registry | null;
  /** Goals of the source; those whose id is illegal or stands twice in any case are skipped. */
  readonly incoming: readonly IncomingEntry[];
  /** The source's other goals, when its file has just been rewritten: those that stand as they are here get a fresh stamp (FIL-27). */
  readonly beside?: readonly IncomingEntry[];
  readonly source_registry: string;
  readonly now: Moment;
  /** `--replace-state`: routes may change. Case collisions and duplicates may not. */
  readonly replace: boolean;
  /** `--prune`: every id the source still has, and registries that are known to be gone; null prunes nothing. */
  readonly prune: { readonly source_goal_ids: readonly string[]; readonly missing_registries: readonly string[] } | null;
  /** Whether two paths are one place. The default compares their text. */
  readonly samePath?: (left: string, right: string) => boolean;
}

/** What a sync would write, by goal id, and the collisions that stop it. */
export interface SyncPlan {
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  /** Equal in all but `synced_at`; stamped all the same (FIL-22). */
  readonly unchanged: readonly string[];
  readonly pruned: readonly string[];
  /** Incoming ids that are illegal, or stand twice in the source in any case; they are left out. */
  readonly skipped: readonly string[];
  readonly collisions: readonly SyncCollision[];
  /** True when a collision stops the sync; then there are no entries. */
  readonly refused: boolean;
  readonly entries: readonly GoalEdit[];
}

/** The plan for one source registry. With collisions it names every one of them and changes nothing. */
export function planSync(request: SyncRequest): SyncPlan {
  const standing = indexOf(request.global);
  const { legal, skipped } = sortIncoming(request.incoming);
  const collisions = legal.flatMap((item) => collisionsOf(item, standing, request));
  const refused = collisions.some((collision) => collision.kind !== "route" || !request.replace);
  if (refused) return { added: [], replaced: [], unchanged: [], pruned: [], skipped, collisions, refused, entries: [] };
  const puts = legal.map((item) => planEntry(item, standing, request));
  const pruned = prunedIds(request);
  const ids = (action: PlannedEntry["action"]) => puts.filter((put) => put.action === action).map((put) => put.edit.goal_id);
  const entries = [...puts, ...restamped(request, standing)].map((put) => put.edit as GoalEdit);
  entries.push(...pruned.map((goal_id) => ({ kind: "remove" as const, goal_id })));
  return { added: ids("added"), replaced: ids("replaced"), unchanged: ids("unchanged"), pruned, skipped, collisions, refused, entries };
}

function sortIncoming(incoming: readonly IncomingEntry[]): { legal: readonly IncomingEntry[]; skipped: readonly string[] } {
  const counts = new Map<string, number>();
  for (const { goal_id } of incoming) counts.set(goal_id.toLowerCase(), (counts.get(goal_id.toLowerCase()) ?? 0) + 1);
  const isLegal = ({ goal_id }: IncomingEntry) => parseGoalId(goal_id) !== null && counts.get(goal_id.toLowerCase()) === 1;
  return { legal: incoming.filter(isLegal), skipped: [...new Set(incoming.filter((item) => !isLegal(item)).map((item) => item.goal_id))] };
}

type Standing = ReadonlyMap<string, readonly RegistryItem[]>;

/** The standing items by case-folded id. */
function indexOf(global: Registry | null): Standing {
  const standing = new Map<string, RegistryItem[]>();
  for (const item of global?.items ?? []) {
    if (item.id === null) continue;
    const folded = item.id.toLowerCase();
    const same = standing.get(folded);
    if (same === undefined) standing.set(folded, [item]);
    else same.push(item);
  }
  return standing;
}

function standingEntry(goal_id: string, standing: Standing): JsonObject | undefined {
  const item = standing.get(goal_id.toLowerCase())?.find(({ id }) => id === goal_id);
  return item === undefined ? undefined : (item.raw as JsonObject);
}

function collisionsOf(item: IncomingEntry, standing: Standing, request: SyncRequest): SyncCollision[] {
  const incoming = { ...routeOf(item.raw), source_registry: request.source_registry };
  const others = standing.get(item.goal_id.toLowerCase()) ?? [];
  const found: SyncCollision[] = [];
  const same = others.filter(({ id }) => id === item.goal_id);
  for (const other of others) {
    const existing = routeOf(other.raw as JsonObject);
    const kind =
      other.id !== item.goal_id ? "case" : same.length > 1 ? "duplicate" : movesRoute(existing, incoming, request) ? "route" : null;
    if (kind !== null) found.push({ kind, goal_id: item.goal_id, existing_goal_id: other.id ?? "", existing, incoming });
  }
  return found;
}

/** A part that the old entry does not name cannot move. */
function movesRoute(existing: Route, incoming: Route, request: SyncRequest): boolean {
  const samePath = request.samePath ?? ((left: string, right: string) => left === right);
  const moved = (old: string | null, fresh: string | null) => old !== null && (fresh === null || !samePath(old, fresh));
  return (
    moved(existing.source_registry, incoming.source_registry) ||
    moved(existing.repo, incoming.repo) ||
    moved(existing.state_file, incoming.state_file)
  );
}

function routeOf(raw: JsonObject): Route {
  return { source_registry: textOf(raw.source_registry), repo: textOf(raw.repo), state_file: textOf(raw.state_file) };
}

interface PlannedEntry {
  readonly action: "added" | "replaced" | "unchanged";
  readonly edit: Extract<GoalEdit, { kind: "put" }>;
}

const STAMP = new Set(["synced_at"]);

function planEntry(item: IncomingEntry, standing: Standing, request: SyncRequest): PlannedEntry {
  const old = standingEntry(item.goal_id, standing);
  const entry = syncedEntry({
    raw: item.raw,
    source_registry: request.source_registry,
    synced_at: formatInstant(request.now, "seconds"),
    ...(item.authority === undefined ? {} : { authority: item.authority }),
    ...(old === undefined ? {} : { old }),
  });
  const edit = { kind: "put", goal_id: item.goal_id, entry } as const;
  if (old === undefined) return { action: "added", edit };
  return { action: sameJson(withoutKeys(old, STAMP), withoutKeys(entry, STAMP)) ? "unchanged" : "replaced", edit };
}

/** Nothing of them changes but the stamp, so a goal that moved, changed or is new waits for its own sync. */
function restamped(request: SyncRequest, standing: Standing): PlannedEntry[] {
  return sortIncoming(request.beside ?? [])
    .legal.filter((item) => standing.has(item.goal_id.toLowerCase()) && collisionsOf(item, standing, request).length === 0)
    .map((item) => planEntry(item, standing, request))
    .filter(({ action }) => action === "unchanged");
}

/** Goals whose source is this registry and no longer has them, or whose source is gone (FIL-25). */
function prunedIds({ global, prune, incoming, source_registry }: SyncRequest): string[] {
  if (prune === null || global === null) return [];
  const written = new Set(incoming.map((item) => item.goal_id));
  const present = new Set(prune.source_goal_ids);
  const missing = new Set(prune.missing_registries);
  const ids = new Set<string>();
  for (const item of global.items) {
    const source = item.id === null ? null : routeOf(item.raw as JsonObject).source_registry;
    if (item.id === null || source === null || written.has(item.id)) continue;
    if (missing.has(source) || (source === source_registry && !present.has(item.id))) ids.add(item.id);
  }
  return [...ids];
}
