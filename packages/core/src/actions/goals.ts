/**
 * The goals a call may speak of: the host's registry, read once, and the one goal it names.
 * Queries get faults as findings; writes end with the error the fault stands for.
 */
import { LoopxError, type ErrorCode } from "../domain/errors.ts";
import type { Finding } from "../domain/finding.ts";
import type { GoalEntry } from "../domain/goal/entry.ts";
import { itemsOfGoal } from "../domain/goal/read-registry.ts";
import { editorCommand } from "../domain/command-line.ts";
import type { Registry, RegistryItem } from "../domain/goal/registry.ts";
import { parseGoalId, type AbsolutePath, type GoalId } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { Host } from "../ports/host.ts";
import { loadRegistry } from "../store/registry.ts";
import { unreadableError } from "../store/outcome.ts";
import { bindState, type Misplaced } from "./bind-state.ts";

export type Goals = { readonly kind: "goals"; readonly registry: Registry } | { readonly kind: "fault"; readonly finding: Finding };

/** The host's registry, or why it stops every goal in it (FIL-16). */
export async function readGoals(host: Host): Promise<Goals> {
  const loaded = await loadRegistry(host.documents, { kind: "registry" }, host.places.registry);
  switch (loaded.kind) {
    case "registry":
      return { kind: "goals", registry: loaded.registry };
    case "absent":
      return { kind: "fault", finding: missingRegistry(host) };
    case "invalid":
      return { kind: "fault", finding: loaded.finding };
  }
}

/** The registry, or the error of a call that cannot do without: `registry_not_found` or `registry_invalid`. */
export async function requireGoals(host: Host): Promise<Registry> {
  const goals = await readGoals(host);
  if (goals.kind === "goals") return goals.registry;
  throw registryError(goals.finding);
}

/** The error that stands for an unreadable registry. */
export function registryError(fault: Finding): LoopxError {
  const missing = fault.code === "registry_missing";
  return new LoopxError(missing ? "registry_not_found" : "registry_invalid", fault.message, {
    hint: missing ? "loopx connect --goal-id <goal> in the project" : editorCommand(fault.file ?? "", fault.line),
    details: { file: fault.file, line: fault.line },
  });
}

function missingRegistry(host: Host): Finding {
  const { registry } = host.places;
  return { code: "registry_missing", severity: "error", message: `there is no registry at ${registry}`, file: registry };
}

/** The goal id a query means: the named one, else the only goal of the registry (CMD-2). */
export function chooseGoal(registry: Registry, given: string | undefined): string {
  if (given !== undefined) return validGoalId(given);
  const [only, ...others] = registry.items;
  if (only?.id !== null && only?.id !== undefined && others.length === 0) return only.id;
  const names = registry.items.slice(0, 5).map((item) => item.id ?? `goals[${item.position}]`);
  throw new LoopxError(
    "usage",
    `--goal-id is needed: the registry has ${registry.items.length} goals${names.length === 0 ? "" : ` (${names.join(", ")}${registry.items.length > 5 ? ", …" : ""})`}`,
    {
      hint: names.length === 0 ? "loopx connect --goal-id <goal>" : "add --goal-id <goal>",
    },
  );
}

/** The same for a call that answers even when the registry cannot be read: its fault is part of the answer. */
export async function chooseGoalOf(host: Host, given: string | undefined): Promise<string> {
  return given === undefined ? chooseGoal(await requireGoals(host), undefined) : validGoalId(given);
}

/** A goal a write may touch: sound entry, resolved and confined state file. */
export interface OpenGoal {
  readonly goal_id: GoalId;
  readonly entry: GoalEntry;
  readonly repo: AbsolutePath;
  readonly state_path: AbsolutePath;
}

/** The one sound entry of a goal; its files were not looked at. */
export interface NamedGoal {
  readonly goal_id: GoalId;
  readonly entry: GoalEntry;
  readonly item: RegistryItem;
}

/** The entry, or the error of a write that names a wrong or unsound one. */
export function namedGoal(host: Host, registry: Registry, given: string | undefined): NamedGoal {
  if (given === undefined) throw new LoopxError("usage", "--goal-id is needed: a write never guesses its goal");
  const goalId = validGoalId(given);
  const items = itemsOfGoal(registry, goalId);
  const item = items[0];
  if (item === undefined) throw unknownGoal(host, registry, goalId);
  if (item.entry === null || hasNoOwnId(item)) throw unsoundEntry(goalId, items);
  return { goal_id: goalId, entry: item.entry, item };
}

/** The goal, or the error of a write that names a wrong or unsound one. */
export function openGoal(host: Host, registry: Registry, given: string | undefined): OpenGoal {
  const { goal_id: goalId, entry, item } = namedGoal(host, registry, given);
  const bound = bindState(host, goalId, entry);
  if (bound.kind === "repo_missing") {
    throw new LoopxError("goal_unhealthy", `the repository ${bound.repo} of ${goalId} is no existing directory`, {
      hint: `loopx why --goal-id ${goalId}`,
      details: { goal_id: goalId, file: bound.repo },
    });
  }
  if (bound.kind === "misplaced") throw misplacedError(goalId, bound);
  if (bound.kind === "unreadable") throw unreadableError(bound, { goal_id: goalId });
  requireOwnState(host, registry, item);
  return { goal_id: goalId, entry, repo: bound.repo, state_path: bound.state_path };
}

/** A goal state where none may be: writing it would lose something else. */
export function misplacedError(goalId: GoalId, { where, why }: Misplaced): LoopxError {
  return new LoopxError("path_outside_root", `the goal state ${where} ${why}`, {
    hint: `loopx connect --goal-id ${goalId} --force gives it a file of its own`,
    details: { goal_id: goalId, file: where },
  });
}

/** Refuses a goal whose state file another goal has too: nobody could say whose todos stand there. */
export function requireOwnState(host: Host, registry: Registry, item: RegistryItem): void {
  const shared = sharedState(host, registry, item);
  if (shared === null) return;
  throw new LoopxError("goal_unhealthy", shared.message, {
    hint: `loopx why --goal-id ${item.id}`,
    details: { goal_id: item.id, file: shared.file },
  });
}

/** The id, or `goal_id_invalid` saying what would be right (FIL-4). */
export function validGoalId(given: string): GoalId {
  const goalId = parseGoalId(given);
  if (goalId !== null) return goalId;
  throw new LoopxError(
    "goal_id_invalid",
    `${JSON.stringify(given)} is no goal id: one path segment of letters, digits, dot, dash and underscore, at most 80 long, is right`,
    { details: { goal_id: given } },
  );
}

/** `goal_not_found`, naming the registry and the nearest way out. */
export function unknownGoal(host: Host, registry: Registry, goalId: string): LoopxError {
  const known = registry.items.slice(0, 5).flatMap((item) => (item.id === null ? [] : [item.id]));
  return new LoopxError(
    "goal_not_found",
    `no goal ${JSON.stringify(goalId)} in ${host.places.registry}${known.length === 0 ? "" : `; it has ${known.join(", ")}`}`,
    {
      hint: `loopx registry, or loopx connect --goal-id ${parseGoalId(goalId) ?? "<goal>"}`,
      details: { goal_id: goalId, registry: host.places.registry },
    },
  );
}

/** Two entries with one id, or with ids that are one directory where case does not count. */
function hasNoOwnId({ findings }: RegistryItem): boolean {
  return findings.some((found) => found.code === "goal_id_duplicate" || found.code === "goal_id_case_collision");
}

function unsoundEntry(goalId: string, items: readonly RegistryItem[]): LoopxError {
  const fault = items.flatMap((item) => item.findings).find((found) => found.severity === "error");
  const code: ErrorCode = fault?.code === "goal_id_invalid" ? "goal_id_invalid" : "goal_unhealthy";
  return new LoopxError(code, fault?.message ?? `the registry entry of ${goalId} cannot be used`, {
    hint: `loopx why --goal-id ${goalId}`,
    details: { goal_id: goalId, finding: fault?.code, file: fault?.file, line: fault?.line },
  });
}

export interface SharedState {
  /** In the order of the registry. */
  readonly goal_ids: readonly string[];
  /** The real path, in the spelling of the first goal. */
  readonly file: AbsolutePath;
  readonly message: string;
}

/** The goals that have this goal's state file too, through a link or another spelling (design D11); every one of them is told the same. */
export function sharedState(host: Host, registry: Registry, item: RegistryItem): SharedState | null {
  const same = registry.items.length < 2 ? [] : (stateSharers(host, registry).get(item.position) ?? []);
  const [first] = same;
  const goal_ids = [...new Set(same.flatMap(({ id }) => (id === null ? [] : [id])))];
  const place = first === undefined ? null : placeOf(first);
  if (place === null || goal_ids.length < 2) return null;
  const file = host.project.canonical(`${place.repo}/${place.state_file}`);
  return { goal_ids, file, message: `state_file shared by multiple goals: ${goal_ids.join(", ")} -> ${file}` };
}

const known = new WeakMap<Registry, ReadonlyMap<number, readonly RegistryItem[]>>();

/** By position: the items that have one state file. One look per goal and registry, however many goals are compared. */
function stateSharers(host: Host, registry: Registry): ReadonlyMap<number, readonly RegistryItem[]> {
  const before = known.get(registry);
  if (before !== undefined) return before;
  const byFile = new Map<string, RegistryItem[]>();
  const sharers = new Map<number, readonly RegistryItem[]>();
  for (const item of registry.items) {
    const place = placeOf(item);
    if (place === null) continue;
    const identity = host.project.stateIdentity(place);
    const group = byFile.get(identity);
    if (group === undefined) byFile.set(identity, [item]);
    else group.push(item);
  }
  for (const group of byFile.values()) if (group.length > 1) for (const item of group) sharers.set(item.position, group);
  known.set(registry, sharers);
  return sharers;
}

function placeOf(item: RegistryItem): { repo: string; state_file: string } | null {
  const { raw } = item;
  if (!isJsonObject(raw) || typeof raw["repo"] !== "string" || typeof raw["state_file"] !== "string") return null;
  return { repo: raw["repo"], state_file: raw["state_file"] };
}
