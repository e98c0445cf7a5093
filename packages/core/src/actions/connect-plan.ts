/**
 * Everything about a `connect` that can fail, checked before the first write (CMD-31, design D12). The plan says what will
 * be written; `connect.ts` writes it.
 */
import { shellLine } from "../domain/command-line.ts";
import { LoopxError } from "../domain/errors.ts";
import { connectFlagFault, ignoredFlags, type ConnectFlags } from "../domain/goal/connect-flags.ts";
import type { GoalEntry } from "../domain/goal/entry.ts";
import { newGoalEntry, replaceEntryKeys } from "../domain/goal/new-entry.ts";
import type { Registry, RegistryItem } from "../domain/goal/registry.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import { frontMatterObjective } from "../domain/goal-state/template.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import { isJsonObject, type JsonObject } from "../domain/json.ts";
import type { Moment } from "../domain/time.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { unreadableError } from "../store/outcome.ts";
import { loadRegistry } from "../store/registry.ts";
import { bindState } from "./bind-state.ts";
import { emptySync, previewSync, requireNoCollision, type SyncRequest } from "./global-sync.ts";
import { registryError, validGoalId } from "./goals.ts";
import { requireSafe } from "./safe-text.ts";

/** The flags of `connect` (CMD-30). `project` is where the host's registry lies; what is left out keeps its default. */
export interface ConnectInput extends ConnectFlags {
  readonly project: string;
  readonly cwd: string;
  readonly goal_id?: string | undefined;
  readonly gitignore?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly replace_state?: boolean | undefined;
  readonly no_global_sync?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
}

export interface ConnectPlan {
  readonly goal_id: GoalId;
  readonly project: AbsolutePath;
  readonly registry: Registry;
  /** The entry as it will stand: fresh, kept, or with its keys replaced. */
  readonly entry: JsonObject;
  /** The same over what stands when it is written: others may have changed it since. */
  readonly entryOver: (standing: RegistryItem | null) => JsonObject;
  readonly registry_action: "appended" | "kept-existing" | "replaced";
  readonly state_action: "created" | "kept-existing" | "replaced";
  readonly state_file: string;
  readonly state_path: AbsolutePath;
  readonly goal_doc: { readonly shown: string; readonly exists: boolean } | null;
  readonly ignored_flags: readonly string[];
  readonly sync: SyncRequest | null;
  readonly parent_known: boolean;
}

const EMPTY_REGISTRY: Registry = {
  schema_version: null,
  updated_at: null,
  common_runtime_root: null,
  registry_role: null,
  locale: null,
  items: [],
  findings: [],
  raw: { goals: [] },
};

export async function planConnect(host: Host, input: ConnectInput, now: Moment): Promise<ConnectPlan> {
  const project = requireProject(host, input.project);
  const goalId = validGoalId(input.goal_id ?? defaultGoalId(project));
  requireFlags(input);
  const registry = await projectRegistry(host);
  const existing = existingItem(registry, goalId);
  const kept = existing !== null && input.force !== true ? requireUsable(existing, goalId) : null;
  const stateFile = kept?.state_file ?? input.state_file ?? `.codex/goals/${goalId}/ACTIVE_GOAL_STATE.md`;
  const bound = requireState(host, goalId, kept?.repo ?? project, stateFile);
  const goalDoc = input.goal_doc === undefined ? null : host.project.locate(project, input.goal_doc, input.cwd);
  const shownState = kept === null ? host.project.locate(bound.repo, bound.state_path, bound.repo).shown : stateFile;
  const entryOver = (standing: RegistryItem | null): JsonObject =>
    kept === null
      ? freshEntry(host, input, { goalId, project, stateFile: shownState, goalDoc: goalDoc?.shown ?? null, old: standing })
      : keptRaw(standing);
  const entry = entryOver(existing);
  await requireOwnState(host, registry, goalId, { repo: bound.repo, state_file: shownState });
  const sync = await planSyncStep(host, input, registry, { goal_id: goalId, raw: entry }, now);
  await requireWritable(host, goalId);
  return {
    goal_id: goalId,
    project,
    registry,
    entry,
    entryOver,
    registry_action: existing === null ? "appended" : kept === null ? "replaced" : "kept-existing",
    state_action: !bound.exists
      ? "created"
      : kept === null && existing !== null
        ? "replaced"
        : input.force === true
          ? "replaced"
          : "kept-existing",
    state_file: shownState,
    state_path: bound.state_path,
    goal_doc: goalDoc,
    ignored_flags: kept === null ? [] : ignoredFlags(kept, asKept(input, goalDoc), await keptObjective(host, goalId)),
    sync,
    parent_known: input.parent_goal_id === undefined || registry.items.some((item) => item.id === input.parent_goal_id),
  };
}

/** The flags as a goal would hold them: written the same way, they differ only when something else was meant. */
function asKept(input: ConnectInput, goalDoc: ConnectPlan["goal_doc"]): ConnectFlags {
  return {
    ...flagsOf(input),
    ...(goalDoc === null ? {} : { goal_doc: goalDoc.shown }),
    ...(input.objective === undefined ? {} : { objective: frontMatterObjective(input.objective) }),
  };
}

/** The real path of the project, or `project_missing`: it is never created. */
export function requireProject(host: Host, path: string): AbsolutePath {
  const found = host.project.directory(path);
  if (found.kind === "found") return found.path;
  throw new LoopxError(
    "project_missing",
    found.kind === "missing" ? `the project folder ${path} does not exist` : `${path} is no directory`,
    { details: { project: path } },
  );
}

/** The directory's name, lower-cased, other characters as dashes, and `-goal` (CMD-30). */
export function defaultGoalId(project: AbsolutePath): string {
  const name = project.split("/").at(-1) ?? "";
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 75);
  return `${safe === "" ? "project" : safe}-goal`;
}

/** Refuses a flag that no entry may hold, and a text that may not be recorded. */
export function requireFlags(input: ConnectInput): void {
  const fault = connectFlagFault(flagsOf(input));
  if (fault !== null) throw new LoopxError("invalid_value", fault.message, { details: { key: fault.key } });
  requireSafe("--objective", input.objective);
  requireSafe("--next-probe", input.next_probe);
}

const OWN_KEYS = new Set(["project", "cwd", "goal_id", "gitignore", "force", "replace_state", "no_global_sync", "dry_run"]);

/** The flags that shape an entry; what was not given stays away, so that a kept entry is not compared with it. */
function flagsOf(input: ConnectInput): ConnectFlags {
  return Object.fromEntries(Object.entries(input).filter(([key, value]) => !OWN_KEYS.has(key) && isGiven(value)));
}

/** A switch that is off and a list without members are the same as none. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

async function projectRegistry(host: Host): Promise<Registry> {
  const loaded = await loadRegistry(host.documents, { kind: "registry" }, host.places.registry);
  if (loaded.kind === "absent") return EMPTY_REGISTRY;
  if (loaded.kind === "registry") return loaded.registry;
  throw registryError({ ...loaded.finding, message: `${loaded.finding.message}; LoopX does not rewrite it` });
}

function existingItem(registry: Registry, goalId: GoalId): RegistryItem | null {
  const same = registry.items.filter((item) => item.id?.toLowerCase() === goalId.toLowerCase());
  const [item] = same;
  if (same.length > 1)
    throw new LoopxError("goal_id_collision", `the registry holds ${goalId} ${same.length} times`, {
      hint: "edit the registry so that one entry is left",
      details: { goal_id: goalId },
    });
  if (item !== undefined && item.id !== goalId)
    throw new LoopxError("goal_id_collision", `the registry has ${item.id ?? ""}, which differs only in case from ${goalId}`, {
      details: { goal_id: goalId },
    });
  return item ?? null;
}

/** A kept entry has to be sound; replacing a broken one needs the word of a person. */
function requireUsable(item: RegistryItem, goalId: GoalId): GoalEntry {
  if (item.entry !== null) return item.entry;
  const fault = item.findings.find((found) => found.severity === "error");
  throw new LoopxError("goal_unhealthy", fault?.message ?? `the entry of ${goalId} cannot be used`, {
    hint: `loopx connect --goal-id ${goalId} --force keeps a backup and rewrites the entry`,
    details: { goal_id: goalId, finding: fault?.code },
  });
}

function requireState(
  host: Host,
  goalId: GoalId,
  repo: string,
  stateFile: string,
): { repo: AbsolutePath; state_path: AbsolutePath; exists: boolean } {
  const bound = bindState(host, goalId, { repo, state_file: stateFile });
  if (bound.kind === "bound") return bound;
  if (bound.kind === "repo_missing") {
    throw new LoopxError("goal_unhealthy", `the kept entry of ${goalId} names the repository ${repo}, which does not exist`, {
      hint: `loopx connect --goal-id ${goalId} --force connects it here`,
      details: { goal_id: goalId, file: repo },
    });
  }
  if (bound.kind === "misplaced") {
    throw new LoopxError("path_outside_root", `the state file ${bound.where} ${bound.why}`, {
      hint: `give ${goalId} its own --state-file`,
      details: { goal_id: goalId, file: bound.where },
    });
  }
  throw unreadableError(bound, { goal_id: goalId, hint: unusableHint(bound) });
}

/** The goal may not exist yet, so the next step is said here. */
function unusableHint({ reason, where }: Unreadable): string {
  return reason === "path_outside_root"
    ? "give a --state-file inside the project, or move the link aside"
    : `${shellLine(["mv", "-n", where, `${where}.unreadable`])}, then repeat the command`;
}

function freshEntry(
  host: Host,
  input: ConnectInput,
  goal: { goalId: GoalId; project: AbsolutePath; stateFile: string; goalDoc: string | null; old: RegistryItem | null },
): JsonObject {
  const fresh = newGoalEntry({
    goal_id: goal.goalId,
    repo: goal.project,
    state_file: goal.stateFile,
    goal_doc: goal.goalDoc,
    flags: flagsOf(input),
    locale: host.locale,
    invocation: { cli_bin: host.cli_bin, registry: null, runtime_root: null },
  });
  return goal.old === null ? fresh : replaceEntryKeys(goal.old.raw, fresh);
}

function keptRaw(item: RegistryItem | null): JsonObject {
  return item !== null && isJsonObject(item.raw) ? item.raw : {};
}

/** No other goal, here or in the global registry, may have this state file under any spelling (design D11). */
async function requireOwnState(host: Host, registry: Registry, goalId: GoalId, place: { repo: string; state_file: string }): Promise<void> {
  const global = await loadRegistry(host.documents, { kind: "global_registry" }, host.places.global_registry);
  const identity = host.project.stateIdentity(place);
  const items = [...registry.items, ...(global.kind === "registry" ? global.registry.items : [])];
  for (const item of items) {
    const raw = item.raw;
    if (
      item.id === null ||
      item.id === goalId ||
      !isJsonObject(raw) ||
      typeof raw["repo"] !== "string" ||
      typeof raw["state_file"] !== "string"
    )
      continue;
    if (host.project.stateIdentity({ repo: raw["repo"], state_file: raw["state_file"] }) !== identity) continue;
    throw new LoopxError("state_file_shared", `the goal ${item.id} already has the state file ${place.repo}/${place.state_file}`, {
      hint: `give ${goalId} its own --state-file`,
      details: { goal_id: goalId, other_goal_id: item.id, file: `${place.repo}/${place.state_file}` },
    });
  }
}

async function planSyncStep(
  host: Host,
  input: ConnectInput,
  registry: Registry,
  pending: { goal_id: string; raw: JsonObject },
  now: Moment,
): Promise<SyncRequest | null> {
  if (input.no_global_sync === true) return null;
  const request: SyncRequest = {
    goal_ids: [pending.goal_id],
    replace_state: input.replace_state ?? false,
    prune: false,
    dry_run: input.dry_run ?? false,
    restamp: true,
  };
  if (emptySync(host, request, { skipped: false }).source_registry === host.project.canonical(host.places.global_registry)) return null;
  requireNoCollision(await previewSync(host, registry, request, now, pending));
  return request;
}

async function requireWritable(host: Host, goalId: GoalId): Promise<void> {
  const keys: readonly DocumentKey[] = [{ kind: "goal_state", goal_id: goalId }, { kind: "registry" }];
  for (const key of keys) {
    const obstacle = await host.documents.obstacle(key);
    if (obstacle !== null) throw unreadableError(obstacle, { goal_id: goalId, writing: true, hint: unusableHint(obstacle) });
  }
}

/** The objective of a kept state, for the comparison with a given one. */
async function keptObjective(host: Host, goalId: GoalId): Promise<string | null> {
  const document = await host.documents.read({ kind: "goal_state", goal_id: goalId });
  if (document.kind !== "found") return null;
  return parseGoalState(document.text, { digest: host.digest, file: "" }).front_matter?.keys["objective"] ?? null;
}
