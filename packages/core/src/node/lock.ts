/**
 * The lock of the store, for processes of one host and, more slowly, of several (REL-30 to REL-38). proper-lockfile
 * orders the waiting; the owner record decides who holds. A dead owner is cleared within a second by one waiter; a
 * stopped but living owner blocks, and the answer names it.
 */
import { join } from "node:path";
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Busy, HeldLock, Lock, LockOwner } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { ensureDirectory, PRIVATE_DIRECTORY } from "./directories.ts";
import { ignoringFaults, writeFault } from "./faults.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";
import { type LockFiles, lockFiles, lockKey, sweepLocks } from "./lock-files.ts";
import { type PoliteLock, politeLock } from "./polite-lock.ts";
import { nodeIdentity, type ProcessIdentity } from "./process-identity.ts";

const TOUCH_MS = 5_000;
const FIRST_POLL_MS = 2;
const POLL_FACTOR = 1.3;
const LONGEST_POLL_MS = 40;

export interface LockWait {
  readonly wait_ms: number;
  readonly command: string;
  readonly signal?: AbortSignal | undefined;
}

/** A lock in hand. `release` removes the owner record before it first waits, so it belongs to the caller's turn. */
export type Held = HeldLock;

export interface FileLock extends Lock {
  /** As `acquire`, with a lock directory that may not be written as a value. */
  take(path: AbsolutePath, wait: LockWait): Promise<Held | Busy | Unreadable>;
  /** Why no lock can be taken here, as far as a look can tell. Writes nothing. */
  obstacle(): Promise<Unreadable | null>;
  /** The clock that times of files are compared with. */
  fileTimeMs(): number;
}

export interface FileLockOptions {
  readonly runtime_root: AbsolutePath;
  readonly clock: Clock;
  readonly calls?: FsCalls;
  readonly identity?: ProcessIdentity;
  /** 0 up to 1; spreads the waiters. */
  readonly random?: () => number;
}

interface Ground {
  readonly runtime_root: AbsolutePath;
  readonly locks: AbsolutePath;
  readonly clock: Clock;
  readonly calls: FsCalls;
  readonly identity: ProcessIdentity;
  readonly random: () => number;
  readonly polite: PoliteLock;
}

/** Locks under `<runtime root>/locks/`. A lock that cannot be made at all throws `write_denied` or `write_failed`. */
export function fileLock(options: FileLockOptions): FileLock {
  const { runtime_root, clock, calls = nodeFs, identity = nodeIdentity(), random = Math.random } = options;
  const polite = politeLock(calls, () => clock.now());
  const ground: Ground = { runtime_root, locks: join(runtime_root, "locks"), clock, calls, identity, random, polite };
  const take = async (path: AbsolutePath, wait: LockWait) => {
    try {
      return await waitFor(ground, path, wait);
    } catch (error) {
      return writeFault(error, ground.locks);
    }
  };
  return {
    take,
    obstacle: async () => foreignRoot(ground),
    fileTimeMs: () => clock.now().getTime(),
    acquire: async (path, wait) => {
      const taken = await take(path, wait);
      if (taken.kind !== "unreadable") return taken;
      throw new LoopxError("write_denied", `${taken.where} may not be written, so nothing can be locked`, {
        details: { file: taken.where },
      });
    },
  };
}

async function waitFor(ground: Ground, path: AbsolutePath, wait: LockWait): Promise<Held | Busy | Unreadable> {
  const started = ground.clock.monotonicMs();
  const name = lockKey(ground.calls, path);
  const files = lockFiles(ground, ground.locks, name);
  let cleared: LockOwner | null = null;
  for (let poll = FIRST_POLL_MS; ;) {
    const denied = prepare(ground);
    if (denied !== null) return denied;
    const owner = await tryOnce(ground, files, wait.command);
    if (owner !== null)
      return held(ground, files, owner, cleared, () => sweepLocks(ground, ground.locks, { key: name.key, files }, wait.command));
    const obstacle = clearTheDead(files, wait.command);
    if (obstacle.kind === "cleared") {
      cleared = obstacle.owner ?? cleared;
      continue;
    }
    const waited = ground.clock.monotonicMs() - started;
    if (waited >= wait.wait_ms || wait.signal?.aborted === true) {
      return { kind: "busy", owner: obstacle.owner, waited_ms: Math.round(waited), record: files.record };
    }
    await pause(Math.min(poll * (0.5 + ground.random()), wait.wait_ms - waited), wait.signal);
    poll = Math.min(poll * POLL_FACTOR, LONGEST_POLL_MS);
  }
}

function prepare(ground: Ground): Unreadable | null {
  const denied = foreignRoot(ground);
  if (denied === null) ensureDirectory(ground.calls, ground.locks, PRIVATE_DIRECTORY);
  return denied;
}

/** A runtime root of another user is not ours to write, unless we are root (REL-84). */
function foreignRoot(ground: Ground): Unreadable | null {
  const user = ground.identity.user();
  const root = ground.calls.stat(ground.runtime_root);
  const foreign = root !== null && user !== null && user !== 0 && root.uid !== user;
  return foreign ? { kind: "unreadable", reason: "denied", where: ground.runtime_root } : null;
}

async function tryOnce(
  ground: Ground,
  files: LockFiles,
  command: string,
): Promise<{ owner: LockOwner; leave: () => Promise<void> } | null> {
  const leave = await ground.polite(files.directory);
  if (leave === null) return null;
  let owner: LockOwner | null = null;
  try {
    owner = files.place(command);
  } finally {
    if (owner === null) await leave();
  }
  return owner === null ? null : { owner, leave };
}

type Obstacle = { kind: "cleared"; owner: LockOwner | null } | { kind: "in_the_way"; owner: LockOwner | null };

function clearTheDead(files: LockFiles, command: string): Obstacle {
  const seen = files.look();
  if (seen.kind === "absent") return { kind: files.clearEmptyDirectory() ? "cleared" : "in_the_way", owner: null };
  const cleared = files.isDead(seen) ? files.clear(seen, command) : false;
  return { kind: cleared ? "cleared" : "in_the_way", owner: seen.owner };
}

function held(
  ground: Ground,
  files: LockFiles,
  taken: { owner: LockOwner; leave: () => Promise<void> },
  cleared: LockOwner | null,
  sweep: () => void,
): HeldLock {
  const { calls, clock } = ground;
  const isOurs = () => files.holds(taken.owner);
  const touch = setInterval(() => {
    if (isOurs()) ignoringFaults(() => calls.utimes(files.record, clock.now(), clock.now()));
  }, TOUCH_MS);
  touch.unref();
  return {
    kind: "held",
    cleared,
    isOurs,
    release: async () => {
      clearInterval(touch);
      files.withdraw(taken.owner);
      await taken.leave();
      ignoringFaults(sweep);
    },
  };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
