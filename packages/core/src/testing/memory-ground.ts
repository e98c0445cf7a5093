/**
 * What the memory ports stand on together: one disk, one clock, and where each key lies on that disk. Two stores made
 * over one ground are what two processes over one directory are.
 */
import type { Digest } from "../domain/digest.ts";
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import { nodeDigest } from "../node/digest.ts";
import { EXECUTOR_STATE_LIMIT, STATE_LIMIT, ARTIFACT_LIMIT, REGISTRY_LIMIT } from "../node/limits.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { LeaseKey, LeaseScope } from "../ports/leases.ts";
import type { LogKey } from "../ports/logs.ts";
import type { Places } from "../ports/places.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { fakeClock, type FakeClock } from "./fake-clock.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { memoryPlaces } from "./memory-places.ts";

export interface MemoryGround {
  readonly disk: MemoryDisk;
  readonly clock: FakeClock;
  readonly digest: Digest;
  readonly places: Places;
  /** The directory the host was opened for; `.gitignore` lies there. */
  readonly project: AbsolutePath;
  /** Real paths of goal states, by goal: `Project.bindGoal` fills it. */
  readonly bound: Map<GoalId, AbsolutePath>;
}

/** The project folder of a memory host, unless the test names another. */
export const PROJECT = "/srv/project";

export function memoryGround(given: Partial<MemoryGround> = {}): MemoryGround {
  const clock = given.clock ?? fakeClock();
  const project = given.project ?? PROJECT;
  const disk = given.disk ?? new MemoryDisk(clock);
  disk.makeDirectory(project);
  return {
    disk,
    clock,
    project,
    digest: given.digest ?? nodeDigest,
    places: given.places ?? memoryPlaces({ project }),
    bound: given.bound ?? new Map(),
  };
}

/** A key of any port; every one of them is a file. */
export type PlaceKey = DocumentKey | LogKey | ({ kind: "lease" } & LeaseKey);

export type Located = { kind: "at"; path: AbsolutePath; limit: number } | Unreadable;

const EXECUTOR_SEGMENT = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const NAME_SEGMENT = /^[A-Za-z0-9._-]{1,255}$/;

/** Where a document lies and how large it may be. A name that is no legal path segment leads out of its root (REL-10). */
export function documentPlace(ground: MemoryGround, key: DocumentKey): Located {
  const { places } = ground;
  switch (key.kind) {
    case "registry":
      return { kind: "at", path: places.registry, limit: REGISTRY_LIMIT };
    case "global_registry":
      return { kind: "at", path: places.global_registry, limit: REGISTRY_LIMIT };
    case "goal_state":
      return { kind: "at", path: statePath(ground, key.goal_id), limit: STATE_LIMIT };
    case "gitignore":
      return { kind: "at", path: `${ground.project}/.gitignore`, limit: STATE_LIMIT };
    case "artifact":
      return below(places.runsDirectory(key.goal_id), [key.name], NAME_SEGMENT, ARTIFACT_LIMIT);
    case "backup":
      return below(`${places.runtime_root}/backups`, [key.folder, key.stamp, key.name], NAME_SEGMENT, REGISTRY_LIMIT);
    case "disconnected":
      return below(`${places.runtime_root}/disconnected`, [key.stamp, key.name], NAME_SEGMENT, REGISTRY_LIMIT);
    case "archived_state":
      return archived(ground, key.folder, statePath(ground, key.goal_id).split("/").at(-1) ?? "");
    case "archived_ignore":
      return archived(ground, key.folder, ".gitignore");
    case "executor_state":
      return executorFile(places, key.executor, key.name);
  }
}

export function logPlace(ground: MemoryGround, key: LogKey): Located {
  return key.kind === "runs"
    ? { kind: "at", path: `${ground.places.runsDirectory(key.goal_id)}/index.jsonl`, limit: Number.POSITIVE_INFINITY }
    : executorFile(ground.places, key.executor, key.name);
}

export function leaseDirectory(ground: MemoryGround, scope: LeaseScope): AbsolutePath {
  const { runtime_root } = ground.places;
  return "goal_id" in scope ? `${runtime_root}/goals/${scope.goal_id}/leases` : `${runtime_root}/executors/${scope.executor}/leases`;
}

export function leasePlace(ground: MemoryGround, key: LeaseKey): AbsolutePath {
  const name = "goal_id" in key ? key.todo_id : ground.digest("sha256", key.item).slice(0, 32);
  return `${leaseDirectory(ground, key)}/${name}.json`;
}

/** The path of any port's key; where it would lead, for one that leaves its root. */
export function placeOf(ground: MemoryGround, key: PlaceKey): AbsolutePath {
  if (key.kind === "lease") return leasePlace(ground, key);
  const place = key.kind === "runs" || key.kind === "executor_log" ? logPlace(ground, key) : documentPlace(ground, key);
  return place.kind === "at" ? place.path : place.where;
}

function statePath(ground: MemoryGround, goalId: GoalId): AbsolutePath {
  const path = ground.bound.get(goalId);
  if (path === undefined) throw new LoopxError("internal", `the state of goal ${goalId} was asked for before bindGoal`);
  return path;
}

/** In the project folder: every repository of a memory host is that one. */
function archived(ground: MemoryGround, folder: string, name: string): Located {
  return below(`${ground.project}/.loopx/archived-project-state`, [folder, name], NAME_SEGMENT, STATE_LIMIT);
}

function executorFile(places: Places, executor: string, name: string): Located {
  return below(`${places.runtime_root}/executors`, [...executor.split("/"), ...name.split("/")], EXECUTOR_SEGMENT, EXECUTOR_STATE_LIMIT);
}

function below(root: AbsolutePath, segments: readonly string[], legal: RegExp, limit: number): Located {
  const path = [root, ...segments].join("/");
  const stays = segments.every((segment) => legal.test(segment) && segment !== "." && segment !== "..");
  return stays ? { kind: "at", path, limit } : { kind: "unreadable", reason: "path_outside_root", where: path };
}
