/**
 * What is wrong with the global registry as a whole (FIL-27, DEC-74): sources that moved or vanished, goals twice, state files gone.
 * Pure: it judges facts that a caller looked up, and none of its findings blocks another goal.
 */
import { shellLine } from "../command-line.ts";
import { type Finding, finding, type FindingCode, FINDINGS } from "../finding.ts";
import { instantMs } from "../time.ts";
import { objectOf, textOf } from "./fields.ts";
import type { Registry, RegistryItem } from "./registry.ts";

/** The findings that are about the global registry. */
export type GlobalFindingKind = Extract<
  FindingCode,
  | "duplicate_goal_id"
  | "source_registry_missing"
  | "stale_source_registry"
  | "source_entry_missing"
  | "state_file_missing"
  | "state_file_not_declared"
  | "current_registry_scope_excludes_global_goals"
  | "unregistered_runtime_goal"
>;

/** Something wrong with the global registry, and the command that repairs it. */
export interface GlobalFinding {
  readonly kind: GlobalFindingKind;
  readonly severity: "high" | "action" | "info";
  readonly message: string;
  readonly recommended_action: string;
  readonly goal_id?: string;
  readonly goal_ids?: readonly string[];
  readonly path?: string;
}

/** A project registry as it was found: gone, or there but not readable, or read. */
export type SourceRegistryFact =
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "read"; readonly modified_ms: number | null; readonly goal_ids: ReadonlySet<string> };

/** What a caller looked up about the registries and state files that the global registry names. */
export interface GlobalFacts {
  /** By the `source_registry` of the entries; one that was not looked up is not judged. */
  readonly sources: ReadonlyMap<string, SourceRegistryFact>;
  /** By goal id: whether the state file exists; one that was not looked up is not judged. */
  readonly state_files: ReadonlyMap<string, boolean>;
  /** Ids that the registry in use shows; null when that is the global registry itself. */
  readonly shown_goal_ids: ReadonlySet<string> | null;
}

/** How much newer than its sync a source may be: file times and stamps have different precision (FIL-27). */
const STALE_AFTER_MS = 5_000;

/** All findings: high first, then those to act on, then notes; inside in registry order. */
export function globalFindings(global: Registry, facts: GlobalFacts): readonly GlobalFinding[] {
  return [
    ...duplicateGoals(global),
    ...sourceFindings(global, facts),
    ...global.items.flatMap((item) => stateFindings(item, facts)),
    ...hiddenGoals(global, facts),
  ];
}

/** The same as a finding of the one table, for readers that take findings of every kind. */
export function asFinding({ kind, message, goal_id, goal_ids, path }: GlobalFinding): Finding {
  const about = { ...(goal_id === undefined ? {} : { goal_id }), ...(goal_ids === undefined ? {} : { goal_ids }) };
  return finding(kind, message, path === undefined ? about : { ...about, file: path });
}

function duplicateGoals(global: Registry): GlobalFinding[] {
  const counts = new Map<string, number>();
  for (const { id } of global.items) if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([goal_id, count]) =>
      found("duplicate_goal_id", "high", `the global registry holds ${goal_id} ${count} times`, FINDINGS.duplicate_goal_id.fix, {
        goal_id,
      }),
    );
}

function sourceFindings(global: Registry, facts: GlobalFacts): GlobalFinding[] {
  return [...itemsBySource(global)].flatMap(([path, items]) => {
    const source = facts.sources.get(path);
    if (source === undefined || source.kind === "unreadable") return [];
    const goal_ids = items.map((item) => item.id ?? "");
    if (source.kind === "missing") {
      return [
        found(
          "source_registry_missing",
          "action",
          `the registry ${path} is gone; it was the source of ${goal_ids.join(", ")}`,
          "loopx sync-global --prune",
          { goal_ids, path },
        ),
      ];
    }
    const gone = items.filter((item) => !source.goal_ids.has(item.id ?? ""));
    return [...staleSource(path, items, source), ...gone.map((item) => missingEntry(path, item))];
  });
}

function staleSource(path: string, items: readonly RegistryItem[], source: Extract<SourceRegistryFact, { kind: "read" }>): GlobalFinding[] {
  const modified = source.modified_ms;
  const stale = items.filter((item) => source.goal_ids.has(item.id ?? "") && modified !== null && isStale(item, modified));
  if (stale.length === 0) return [];
  const goal_ids = stale.map((item) => item.id ?? "");
  const command = shellLine(["loopx", "--registry", path, "sync-global"]);
  return [
    found("stale_source_registry", "action", `the registry ${path} changed after the last sync of ${goal_ids.join(", ")}`, command, {
      goal_ids,
      path,
    }),
  ];
}

/** An entry that was never stamped counts as stale: nobody can say how old it is. */
function isStale(item: RegistryItem, modified_ms: number): boolean {
  const synced_ms = instantMs(rawText(item, "synced_at"));
  return synced_ms === null || modified_ms > synced_ms + STALE_AFTER_MS;
}

function missingEntry(path: string, item: RegistryItem): GlobalFinding {
  const command = shellLine(["loopx", "--registry", path, "sync-global", "--prune"]);
  return found("source_entry_missing", "action", `the registry ${path} no longer has ${item.id}`, command, {
    goal_id: item.id ?? "",
    path,
  });
}

function stateFindings(item: RegistryItem, facts: GlobalFacts): GlobalFinding[] {
  if (item.id === null) return [];
  const goal_id = item.id;
  const repo = rawText(item, "repo");
  const connect = shellLine(["loopx", "connect", ...(repo === null ? [] : ["--project", repo]), "--goal-id", goal_id]);
  const state_file = rawText(item, "state_file");
  if (state_file === null) return [found("state_file_not_declared", "action", `${goal_id} names no state file`, connect, { goal_id })];
  if (facts.state_files.get(goal_id) !== false) return [];
  return [
    found("state_file_missing", "action", `the state file of ${goal_id} does not exist: ${state_file}`, connect, {
      goal_id,
      path: state_file,
    }),
  ];
}

function hiddenGoals(global: Registry, { shown_goal_ids }: GlobalFacts): GlobalFinding[] {
  if (shown_goal_ids === null) return [];
  const goal_ids = [...new Set(global.items.flatMap(({ id }) => (id === null || shown_goal_ids.has(id) ? [] : [id])))];
  if (goal_ids.length === 0) return [];
  const noun = goal_ids.length === 1 ? "1 goal" : `${goal_ids.length} goals`;
  return [
    found(
      "current_registry_scope_excludes_global_goals",
      "info",
      `the global registry has ${noun} that this registry does not show`,
      FINDINGS.current_registry_scope_excludes_global_goals.fix,
      { goal_ids },
    ),
  ];
}

function itemsBySource(global: Registry): ReadonlyMap<string, readonly RegistryItem[]> {
  const bySource = new Map<string, RegistryItem[]>();
  for (const item of global.items) {
    const source = item.id === null ? null : rawText(item, "source_registry");
    if (source === null) continue;
    const same = bySource.get(source);
    if (same === undefined) bySource.set(source, [item]);
    else same.push(item);
  }
  return bySource;
}

/** A field of the raw entry, so that a broken entry is judged as well as a sound one, and cheaply. */
function rawText(item: RegistryItem, key: "repo" | "state_file" | "source_registry" | "synced_at"): string | null {
  return textOf(objectOf(item.raw)[key]);
}

function found(
  kind: GlobalFindingKind,
  severity: GlobalFinding["severity"],
  message: string,
  recommended_action: string,
  about: Pick<GlobalFinding, "goal_id" | "goal_ids" | "path">,
): GlobalFinding {
  return { kind, severity, message, recommended_action, ...about };
}
