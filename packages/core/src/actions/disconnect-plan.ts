/**
 * Everything about a `disconnect` that can fail, looked at before the first write (CMD-40, CMD-41): which entries leave, the
 * text of every file before and after, and where states would be moved.
 */
import { LoopxError } from "../domain/errors.ts";
import { departureOf, type Departure } from "../domain/goal/departure.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import { formatStamp, type Moment } from "../domain/time.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { unreadableError } from "../store/outcome.ts";
import { loadRegistry, type RegistryKey } from "../store/registry.ts";
import { registryWithout } from "../store/registry-update.ts";
import { archiveKeys, planStates, stateChange, type FileChange, type StateMove } from "./disconnect-states.ts";
import { registryError, requireGoals, unknownGoal, validGoalId } from "./goals.ts";
import type { Note } from "./note.ts";

export interface DisconnectWish {
  readonly goal_id?: readonly string[] | undefined;
  readonly archive_state?: boolean | undefined;
  readonly remove_empty_registry?: boolean | undefined;
}

export interface DisconnectPlan {
  readonly departure: Departure;
  /** In the order in which they are written. The project's registry is the last: until then a rerun finds its goals (REL-26). */
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
  const stamp = await freeStamp(host, states.moves, now);
  const removed = wish.remove_empty_registry === true && departure.local_after === 0;
  const changes = [
    await registryChange(host, { kind: "global_registry" }, departure.global_ids, now, false),
    ...(await Promise.all(states.moves.map((move) => stateChange(host, move, stamp)))),
    await registryChange(host, { kind: "registry" }, departure.local_ids, now, removed),
  ].filter((change) => change !== null);
  await requireWritable(host, changes, stamp);
  const state_actions = states.actions.map((action) => {
    const change = changes.find(({ goal_id }) => goal_id === action.goal_id);
    return change === undefined ? action : { ...action, archived_to: change.archive?.path ?? null };
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
    archive: null,
    key,
    path,
    copy,
    revision: found.revision,
    before: found.text,
    mode: found.mode,
    after: removeFile ? null : (edited.text ?? found.text),
  };
}

/** A stamp that names neither copies nor an archived state yet. */
async function freeStamp(host: Host, moves: readonly StateMove[], now: Moment): Promise<string> {
  const used = await host.documents.disconnectStamps();
  for (let count = 1; count <= MAX_STAMPS; count += 1) {
    const stamp = `${formatStamp(now)}${count === 1 ? "" : `-${count}`}`;
    if (used.includes(stamp)) continue;
    const taken = await Promise.all(moves.map(async ({ goal_id }) => host.documents.exists(archiveKeys(goal_id, stamp).state)));
    if (!taken.includes(true)) return stamp;
  }
  throw new LoopxError("conflict", `no free stamp for ${formatStamp(now)} below ${host.places.runtime_root}/disconnected`);
}

async function requireWritable(host: Host, changes: readonly FileChange[], stamp: string): Promise<void> {
  const keys: DocumentKey[] = changes.flatMap(({ key, goal_id, copy }) => [
    key,
    { kind: "disconnected", stamp, name: copy } as const,
    ...(goal_id === null ? [] : [archiveKeys(goal_id, stamp).state]),
  ]);
  for (const key of keys) {
    const obstacle = await host.documents.obstacle(key);
    if (obstacle !== null) throw unreadableError(obstacle, { writing: true });
  }
}
