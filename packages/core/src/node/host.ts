/** Puts a real host together: roots resolved, files behind the ports, the machine's clock. Opening one writes nothing. */
import { basename, dirname, join } from "node:path";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { RuntimeArchive } from "../ports/archive.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type { Commands } from "../ports/commands.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import type { Lock } from "../ports/lock.ts";
import type { Observer } from "../ports/observer.ts";
import type { Recall } from "../ports/recall.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { systemClock } from "./clock.ts";
import { nodeCommands } from "./commands.ts";
import { nodeDigest } from "./digest.ts";
import type { DocumentPlace, FilePlaces } from "./file-ground.ts";
import type { FileLock } from "./lock.ts";
import { fileStore, type FileStoreOptions } from "./file-store.ts";
import { type FsCalls, nodeFs, withoutFsync } from "./fs-calls.ts";
import { readingGit } from "./git.ts";
import { bytesRead, fileHistories } from "./histories.ts";
import { randomIds } from "./ids.ts";
import { ARTIFACT_LIMIT, CLI_LOCK_WAIT_MS, EXECUTOR_STATE_LIMIT, REGISTRY_LIMIT, STATE_LIMIT } from "./limits.ts";
import { filePlaces } from "./places.ts";
import { fileRecall, noRecall } from "./recall.ts";
import { fileProject, type GoalPlaces } from "./project.ts";
import { PROJECT_REGISTRY, requireRuntimeRoot, resolveRoots, type Origin, type RootOptions, type Roots } from "./roots.ts";
import { fileScanner } from "./scanner.ts";
import type { UserConfig } from "./user-config.ts";

/** How to open a host; only `cwd`, `env` and `home` are needed. */
export interface HostOptions extends RootOptions {
  /** The binary's name in printed commands; `loopx` by default. */
  readonly cli_bin?: string | undefined;
  /** What an owner record says this process does. */
  readonly command?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly ids?: Ids | undefined;
  /** Folders of executors that do not lie under the runtime root (LPR-2), by the executor's name. */
  readonly executor_dirs?: Readonly<Record<string, string>> | undefined;
  /** Names the code that runs, such as the hash of a bundle. With it `status` remembers what it made of quiet goals (FIL-70). */
  readonly build?: string | undefined;
  /** How long a write waits for a lock; 10 s by default, servers use 5 (REL-37). */
  readonly lock_wait_ms?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Who looks on while actions run; nobody by default. `@loopx/core/telemetry` has one for OpenTelemetry. */
  readonly observer?: Observer | undefined;
}

/** A host over real files, with where its settings came from. */
export interface FileHost extends Host {
  /** The lock of the store, for longer work of one process: a loop's cycle. */
  readonly lock: Lock;
  /** Bytes of run indexes that this process has read. */
  indexBytesRead(): number;
  readonly runtime_root_source: Origin;
  readonly locale_source: Origin;
  readonly user_config: UserConfig;
  readonly user_config_path: AbsolutePath;
}

/**
 * A host over real files. Throws `registry_not_found` when a named registry is missing, `config_invalid` for a faulty
 * user file and `invalid_value` for a runtime root below a file; whatever else is wrong is found out, and told, by the action that needs it.
 */
export function openHost(options: HostOptions): FileHost {
  return openHostOn({}, options);
}

/** What a test puts in the place of the machine: its file system calls, its processes, the clock of its files (REL-28). */
export type Machine = Pick<FileStoreOptions, "calls" | "identity" | "file_clock"> & { readonly commands?: Commands };

/** The same over another machine. */
export function openHostOn(machine: Machine, options: HostOptions): FileHost {
  const { calls = callsFor(options.env), commands = nodeCommands(systemClock) } = machine;
  const roots = resolveRoots(options);
  requireRuntimeRoot(roots);
  const clock = options.clock ?? systemClock;
  const bound: GoalPlaces = new Map();
  const store = fileStore({
    ...machine,
    calls,
    runtime_root: roots.runtime_root,
    places: storePlaces(calls, { ...roots, executor_dirs: options.executor_dirs ?? {} }, bound),
    command: options.command ?? "loopx",
    clock,
    ...(options.lock_wait_ms === undefined ? {} : { wait_ms: options.lock_wait_ms }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return {
    clock,
    ids: options.ids ?? randomIds(clock),
    digest: nodeDigest,
    documents: store.documents,
    logs: store.logs,
    leases: store.leases,
    lock: store.lock,
    histories: fileHistories({ runtimeRoot: roots.runtime_root, calls }),
    project: fileProject(readingGit(commands, options.env), options.cwd, bound, calls),
    places: filePlaces(roots, options),
    scanner: fileScanner,
    archive: lazyArchive(calls, roots, store.lock, options),
    recall: recallOf(calls, machine, roots, options.build),
    // The runtime root stays: both registries' runs and locks lie there.
    at: (registry, { missing = false } = {}) =>
      openHostOn(machine, { ...options, registry, runtime_root: roots.runtime_root, project: missing ? dirname(registry) : undefined }),
    indexBytesRead: () => bytesRead.index,
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    cli_bin: options.cli_bin ?? "loopx",
    locale: roots.locale,
    locale_named: roots.locale_source !== "lang" && roots.locale_source !== "default",
    locale_source: roots.locale_source,
    runtime_root_source: roots.runtime_root_source,
    user_config: roots.user_config,
    user_config_path: roots.user_config_path,
  };
}

/** `LOOPX_FSYNC=0` leaves the syncs out: what was acknowledged may then be lost with the power. For measuring only (REL-23). */
function callsFor(env: RootOptions["env"]): FsCalls {
  return env["LOOPX_FSYNC"] === "0" ? withoutFsync(nodeFs) : nodeFs;
}

function recallOf(
  calls: FsCalls,
  { file_clock = systemClock }: Machine,
  { runtime_root, registry }: Roots,
  build: string | undefined,
): Recall {
  return build === undefined ? noRecall : fileRecall({ calls, clock: file_clock, runtimeRoot: runtime_root, registry, build });
}

/** Moving a runtime directory is rare: what does it loads with the first one. */
function lazyArchive(
  calls: FsCalls,
  { runtime_root }: Roots,
  lock: FileLock,
  { command = "loopx", lock_wait_ms: wait_ms = CLI_LOCK_WAIT_MS, signal }: HostOptions,
): RuntimeArchive {
  const archive = async () =>
    (await import("./runtime-archive.ts")).fileArchive({ runtime_root, calls, lock, wait: { wait_ms, command, signal } });
  return {
    look: async (request) => (await archive()).look(request),
    move: async (request, allowed) => (await archive()).move(request, allowed),
  };
}

type StoreRoots = Roots & { readonly executor_dirs: Readonly<Record<string, AbsolutePath>> };

/** Where every key of the store lies (files specification, section "Places"). */
function storePlaces(calls: FsCalls, roots: StoreRoots, bound: GoalPlaces): FilePlaces {
  const runtime = roots.runtime_root;
  const goals = join(runtime, "goals");
  return {
    document: (key) => documentPlace(calls, key, roots, bound),
    disconnected: join(runtime, "disconnected"),
    log: (key) =>
      key.kind === "runs"
        ? {
            root: join(goals, key.goal_id),
            path: join(goals, key.goal_id, "runs", "index.jsonl"),
            private_root: true,
            goal_id: key.goal_id,
          }
        : {
            root: executorRoot(roots, key.executor),
            path: join(executorRoot(roots, key.executor), `${key.name}.jsonl`),
            private_root: true,
            goal_id: null,
          },
    leases: (scope) => {
      const root = "goal_id" in scope ? join(goals, scope.goal_id) : executorRoot(roots, scope.executor);
      return { root, directory: join(root, "leases"), archives: "goal_id" in scope ? join(runtime, "archived-goals") : null };
    },
  };
}

function documentPlace(calls: FsCalls, key: DocumentKey, roots: StoreRoots, bound: GoalPlaces): DocumentPlace | Unreadable {
  const runtime = roots.runtime_root;
  switch (key.kind) {
    case "registry":
      return registryPlace(calls, roots);
    case "global_registry":
      return { ...linkTarget(calls, join(runtime, "registry.global.json")), private_root: true, limit: REGISTRY_LIMIT };
    case "goal_state":
      return statePlace(key.goal_id, bound);
    case "artifact":
      return {
        root: join(runtime, "goals", key.goal_id),
        path: join(runtime, "goals", key.goal_id, "runs", key.name),
        private_root: true,
        limit: ARTIFACT_LIMIT,
      };
    case "backup":
      return {
        root: join(runtime, "backups"),
        path: join(runtime, "backups", key.folder, key.stamp, key.name),
        private_root: true,
        limit: REGISTRY_LIMIT,
      };
    case "disconnected":
      return {
        root: join(runtime, "disconnected"),
        path: join(runtime, "disconnected", key.stamp, key.name),
        private_root: true,
        limit: REGISTRY_LIMIT,
      };
    case "archived_state":
      return archivedPlace(key.goal_id, bound, (state) => join(key.folder, basename(state)));
    case "archived_ignore":
      return archivedPlace(key.goal_id, bound, () => join(key.folder, ".gitignore"));
    case "gitignore": {
      const project = dirname(dirname(roots.registry));
      return { root: project, path: join(project, ".gitignore"), private_root: false, limit: STATE_LIMIT };
    }
    case "executor_state":
      return {
        root: executorRoot(roots, key.executor),
        path: join(executorRoot(roots, key.executor), key.name),
        private_root: true,
        limit: EXECUTOR_STATE_LIMIT,
      };
  }
}

/** A project registry may be named by a link that leads elsewhere; the caller chose it, so its target is its root. */
function registryPlace(calls: FsCalls, roots: Roots): DocumentPlace {
  const inRuntime = dirname(roots.registry) === roots.runtime_root;
  const place = { ...linkTarget(calls, roots.registry), private_root: inRuntime, limit: REGISTRY_LIMIT };
  return place.path.endsWith(`/${PROJECT_REGISTRY}`) ? { ...place, owner_folder: dirname(dirname(place.path)) } : place;
}

/** The file a path stands for, and the directory it lies in: a link is followed and stays a link (FIL-28). */
function linkTarget(calls: FsCalls, path: AbsolutePath): { root: AbsolutePath; path: AbsolutePath } {
  try {
    const real = calls.realpath(path);
    return { root: dirname(real), path: real };
  } catch {
    return { root: dirname(path), path };
  }
}

function statePlace(goalId: GoalId, bound: GoalPlaces): DocumentPlace | Unreadable {
  const place = bound.get(goalId);
  if (place === undefined)
    return { kind: "unreadable", reason: "path_outside_root", where: `the state of ${goalId}, which was not resolved` };
  return { root: place.repo, path: place.state_path, private_root: false, limit: STATE_LIMIT, owner_folder: place.repo };
}

/** Beside the registry of the goal's own repository. */
function archivedPlace(goalId: GoalId, bound: GoalPlaces, name: (statePath: AbsolutePath) => string): DocumentPlace | Unreadable {
  const place = statePlace(goalId, bound);
  if ("kind" in place) return place;
  const root = join(place.root, ".loopx", "archived-project-state");
  return { ...place, root, path: join(root, name(place.path)) };
}

function executorRoot({ runtime_root, executor_dirs }: StoreRoots, executor: string): AbsolutePath {
  return executor_dirs[executor] ?? join(runtime_root, "executors", executor);
}
