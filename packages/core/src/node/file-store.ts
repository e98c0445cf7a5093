/** The file store of one host: documents, logs and leases over one lock, one clock and one record of calls. */
import type { AbsolutePath } from "../domain/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Documents } from "../ports/documents.ts";
import type { Leases, LeaseScope } from "../ports/leases.ts";
import type { Logs } from "../ports/logs.ts";
import { systemClock } from "./clock.ts";
import { namesOfLeases } from "./directories.ts";
import { fileDocuments } from "./file-documents.ts";
import type { FileGround, FilePlaces } from "./file-ground.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";
import { CLI_LOCK_WAIT_MS } from "./limits.ts";
import type { FileLock, FileLockOptions } from "./lock.ts";
import type { GuardLeases } from "./lease-guard.ts";
import { nodeIdentity, type ProcessIdentity } from "./process-identity.ts";

export interface FileStoreOptions {
  readonly runtime_root: AbsolutePath;
  readonly places: FilePlaces;
  /** What the owner record says this process is doing, such as `loopx todo add`. */
  readonly command: string;
  readonly clock?: Clock;
  /** Compared with times of files; the machine's clock unless a test plays with it. */
  readonly file_clock?: Clock;
  readonly wait_ms?: number;
  readonly signal?: AbortSignal;
  readonly calls?: FsCalls;
  readonly identity?: ProcessIdentity;
}

export interface FileStore {
  readonly documents: Documents;
  readonly logs: Logs;
  readonly leases: Leases;
  readonly lock: FileLock;
}

/** Opens nothing and writes nothing until it is asked to. */
export function fileStore(options: FileStoreOptions): FileStore {
  const { runtime_root, places, command, clock = systemClock, file_clock = systemClock } = options;
  const { calls = nodeFs, identity = nodeIdentity(), wait_ms = CLI_LOCK_WAIT_MS, signal } = options;
  const lock = lazyLock({ runtime_root, clock: file_clock, calls, identity });
  const ground: FileGround = { places, clock, calls, identity, lock, wait: { wait_ms, command, signal } };
  const leases = lazyLeases(ground);
  return { documents: fileDocuments(ground, leases.guard), logs: lazyLogs(ground, leases.guard), leases, lock };
}

/** Who only reads takes no lock. */
function lazyLock(options: FileLockOptions): FileLock {
  let loading: Promise<FileLock> | null = null;
  const lock = () => (loading ??= import("./lock.ts").then(({ fileLock }) => fileLock(options)));
  return {
    take: async (path, wait) => (await lock()).take(path, wait),
    acquire: async (path, wait) => (await lock()).acquire(path, wait),
    obstacle: async () => (await lock()).obstacle(),
    fileTimeMs: () => options.clock.now().getTime(),
  };
}

/** A verdict reads a history by its fold, and no log. Calls keep their order: all wait for the same loading. */
function lazyLogs(ground: FileGround, guardLeases: GuardLeases): Logs {
  let loading: Promise<Logs> | null = null;
  const logs = () => (loading ??= import("./file-logs.ts").then(({ fileLogs }) => fileLogs(ground, guardLeases)));
  return {
    append: async (key, record, options) => (await logs()).append(key, record, options),
    tail: async (key, options) => (await logs()).tail(key, options),
    scan: async function* (key, options) {
      yield* (await logs()).scan(key, options);
    },
  };
}

/** Leases are rare, and the schemas that read them cost every wake-up their loading time: they load with the first lease. */
function lazyLeases(ground: FileGround): Leases & { guard: GuardLeases } {
  let opened: (Leases & { guard: GuardLeases }) | null = null;
  const leases = async () => (opened ??= (await import("./file-leases.ts")).fileLeases(ground));
  return {
    acquire: async (key, request) => (await leases()).acquire(key, request),
    preview: async (key, request) => (await leases()).preview(key, request),
    read: async (key) => (await leases()).read(key),
    renew: async (ref, options) => (await leases()).renew(ref, options),
    release: async (ref, options) => (await leases()).release(ref, options),
    list: async (scope, options) => (hasLeases(ground, scope) ? (await leases()).list(scope, options) : { leases: [], unreadable: [] }),
    guard: async (scope) => (await leases()).guard(scope),
  };
}

/** False only when there is nothing to read: what cannot be looked at is listed as unreadable. */
function hasLeases(ground: FileGround, scope: LeaseScope): boolean {
  const place = ground.places.leases(scope);
  return "kind" in place || namesOfLeases(ground.calls, place.directory).length > 0;
}
