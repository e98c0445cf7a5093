/**
 * Everything about a `disconnect` that can fail, looked at before the first write (CMD-40, CMD-41): which entries leave, the
 * text of every file before and after, and where states would be moved.
 */
import { LoopxError } from "../domain/errors.ts";
import { departureOf, type Departure } from "../domain/goal/departure.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId, type AbsolutePath, type GoalId } from "../domain/ids.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import { formatStamp, type Moment } from "../domain/time.ts";
import type { DocumentKey, Revision } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { unreadableError } from "../store/outcome.ts";
import { loadRegistry, type RegistryKey } from "../store/registry.ts";
import { registryWithout } from "../store/registry-update.ts";
import { bindState } from "./bind-state.ts";
import { registryError, requireGoals, sharedState, unknownGoal, validGoalId } from "./goals.ts";
import { noteOf, type Note } from "./note.ts";

export interface DisconnectWish {
  readonly goal_id?: readonly string[] | undefined;
  readonly archive_state?: boolean | undefined;
  readonly remove_empty_registry?: boolean | undefined;
}

/** One file that changes. `after` null: it is removed, or moved away. */
export interface FileChange {
  readonly role: "registry" | "global_registry" | "goal_state";
  readonly goal_id: GoalId | null;
  readonly key: DocumentKey;
  readonly path: AbsolutePath;
  readonly copy: string;
  readonly revision: Revision;
  readonly before: string;
  readonly after: string | null;
}

export interface DisconnectPlan {
  readonly departure: Departure;
  /** In the order in which they are written: the global registry, the project's, then states. */
  readonly changes: readonly FileChange[];
  readonly state_actions: DisconnectResult["state_actions"];
  readonly warnings: readonly Note[];
  readonly stamp: string;
}

const MAX_STAMPS = 1_000;

export async function planDisconnect(host: Host, wish: DisconnectWish, now: Moment): Promise<DisconnectPlan> {
  const canonical = host.project.canonical(host.places.registry);
  if (canonical === host.project.canonical(host.places.global_registry)) {
    throw new LoopxError("invalid_value", `${host.places.registry} is the global registry; a project is disconnected by its own`, {
      hint: "loopx --registry <project>/.loopx/registry.json disconnect, or loopx sync-global --prune",
      details: { registry: host.places.registry },
    });
  }
  const local = await requireGoals(host);
  const loaded = await loadRegistry(host.documents, { kind: "global_registry" }, host.places.global_registry);
  if (loaded.kind === "invalid") throw registryError(loaded.finding);
  const global = loaded.kind === "registry" ? loaded.registry : null;
  const isOwn = (path: string): boolean => path !== "" && (path === canonical || host.project.canonical(path) === canonical);
  const departure = departureOf({ local, global, wanted: wish.goal_id ?? null, isOwn });
  if (departure.kind === "unknown") throw unknownGoal(host, local, validGoalId(departure.goal_id));
  const states = await planStates(host, local, departure, wish.archive_state ?? false);
  const registries = [
    await registryChange(host, { kind: "global_registry" }, departure.global_ids, now, false),
    await registryChange(
      host,
      { kind: "registry" },
      departure.local_ids,
      now,
      wish.remove_empty_registry === true && departure.local_after === 0,
    ),
  ];
  const changes = [...registries.flatMap((change) => change ?? []), ...states.changes];
  const stamp = await freeStamp(host, changes, now);
  await requireWritable(host, changes, stamp);
  const state_actions = states.actions.map((action) => {
    const change = states.changes.find(({ goal_id }) => goal_id === action.goal_id);
    return change === undefined ? action : { ...action, archived_to: archivedTo(host, change, stamp) };
  });
  return { departure, changes, state_actions, warnings: states.warnings, stamp };
}

async function registryChange(
  host: Host,
  key: RegistryKey,
  leaving: ReadonlySet<string>,
  now: Moment,
  removeFile: boolean,
): Promise<FileChange | null> {
  if (leaving.size === 0 && !removeFile) return null;
  const path = key.kind === "registry" ? host.places.registry : host.places.global_registry;
  const found = await host.documents.read(key);
  if (found.kind === "unreadable") throw unreadableError(found, { unreadable: "registry_invalid" });
  if (found.kind === "absent") return null;
  const edited = registryWithout(found.text, { key, file: path, now }, leaving);
  if (edited.kind === "invalid") throw registryError(edited.finding);
  const copy = key.kind === "registry" ? "registry.json" : "registry.global.json";
  return {
    role: key.kind,
    goal_id: null,
    key,
    path,
    copy,
    revision: found.revision,
    before: found.text,
    after: removeFile ? null : (edited.text ?? found.text),
  };
}

interface PlannedStates {
  readonly changes: FileChange[];
  readonly actions: DisconnectResult["state_actions"][number][];
  readonly warnings: Note[];
}

/** States stay unless they are to be archived; one that a staying goal uses too is never moved. */
async function planStates(host: Host, local: Registry, departure: Departure, archive: boolean): Promise<PlannedStates> {
  const planned: PlannedStates = { changes: [], actions: [], warnings: [] };
  const stays = (why: string): void => void planned.warnings.push(noteOf("state_not_archived", host.locale, why));
  for (const goalId of departure.goal_ids) {
    const item = local.items.find(({ id }) => id === goalId);
    const id = parseGoalId(goalId);
    const bound = item?.entry === null || item?.entry === undefined || id === null ? null : bindState(host, id, item.entry);
    if (item === undefined || id === null || bound?.kind !== "bound") {
      planned.actions.push({ goal_id: goalId, action: "unresolved", path: null, archived_to: null });
      if (archive) stays(`${goalId} has no usable entry`);
      continue;
    }
    const key = { kind: "goal_state", goal_id: id } as const;
    const found = await host.documents.read(key);
    const action = (what: "kept" | "missing" | "archived") => ({
      goal_id: goalId,
      action: what,
      path: bound.state_path,
      archived_to: null,
    });
    const sharer = sharedState(host, local, item)?.goal_ids.find((other) => !departure.local_ids.has(other));
    const taken = planned.changes.some((change) => change.path === bound.state_path);
    if (found.kind === "absent") planned.actions.push(action("missing"));
    else if (!archive || sharer !== undefined || taken) {
      planned.actions.push(action("kept"));
      if (archive && sharer !== undefined) stays(`${sharer} uses ${bound.state_path} too`);
    } else {
      if (found.kind === "unreadable") throw unreadableError(found, { goal_id: id });
      planned.actions.push(action("archived"));
      planned.changes.push({
        role: "goal_state",
        goal_id: id,
        key,
        path: bound.state_path,
        copy: `state-${id}.md`,
        revision: found.revision,
        before: found.text,
        after: null,
      });
    }
  }
  return planned;
}

/** The key under which a state is archived. */
export function archiveKey(goalId: GoalId, stamp: string): DocumentKey {
  return { kind: "archived_state", goal_id: goalId, folder: `${goalId}-${stamp}` };
}

function archivedTo(host: Host, { goal_id, path }: FileChange, stamp: string): string {
  const registryFolder = host.project.canonical(host.places.registry).replace(/\/[^/]*$/, "");
  return `${registryFolder}/archived-project-state/${goal_id ?? ""}-${stamp}/${path.split("/").at(-1) ?? ""}`;
}

/** A stamp that names neither copies nor an archived state yet. */
async function freeStamp(host: Host, changes: readonly FileChange[], now: Moment): Promise<string> {
  const used = await host.documents.disconnectStamps();
  for (let count = 1; count <= MAX_STAMPS; count += 1) {
    const stamp = `${formatStamp(now)}${count === 1 ? "" : `-${count}`}`;
    if (used.includes(stamp)) continue;
    const archives = changes.flatMap(({ goal_id }) => (goal_id === null ? [] : [archiveKey(goal_id, stamp)]));
    const taken = await Promise.all(archives.map(async (key) => host.documents.exists(key)));
    if (!taken.includes(true)) return stamp;
  }
  throw new LoopxError("conflict", `no free stamp for ${formatStamp(now)} below ${host.places.runtime_root}/disconnected`);
}

async function requireWritable(host: Host, changes: readonly FileChange[], stamp: string): Promise<void> {
  const keys: DocumentKey[] = changes.flatMap(({ key, goal_id, copy }) => [
    key,
    { kind: "disconnected", stamp, name: copy } as const,
    ...(goal_id === null ? [] : [archiveKey(goal_id, stamp)]),
  ]);
  for (const key of keys) {
    const obstacle = await host.documents.obstacle(key);
    if (obstacle !== null) throw unreadableError(obstacle, { writing: true });
  }
}
