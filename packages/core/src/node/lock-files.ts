/**
 * The files of one lock, and the only hands that touch them: the owner record, and the claims under which a dead record
 * is removed (REL-30, REL-33, REL-35). Never removes a record whose owner could still act.
 */
import { basename, join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { LockOwner } from "../ports/lock.ts";
import { canonicalPath } from "./confine.ts";
import { namesIn } from "./directories.ts";
import { errnoOf, ignoringFaults, writeFailed } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";
import { sha256 } from "./hashing.ts";
import { abandon, formatOwner, isDead, lookAtRecord, newOwner, type SeenRecord } from "./owner-record.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { ageMs, removeIfThere, removeRemains, writeSibling, writerOf } from "./temporary-file.ts";

/** A lock directory without a record is younger than this while its maker is about to link one. */
const EMPTY_DIRECTORY_MS = 500;
/** How many claims on claims are followed; each needs one process that died in the middle of a takeover. */
const MAX_CLAIMS = 8;
/** Locks of other documents are left alone until something of them is older. */
const ABANDONED_MS = 60_000;
/** A record is linked in a moment; its temporary file lives no longer. */
const RECORD_TEMPORARY_MS = 60_000;
const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

export interface LockGround {
  readonly calls: FsCalls;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
}

export interface LockFiles {
  readonly directory: AbsolutePath;
  readonly record: AbsolutePath;
  /** What stands there now. */
  look(): SeenRecord;
  /** Links a record of ours into place, complete at birth. Null: another one is there, or its directory went away. */
  place(command: string): LockOwner | null;
  /** Removes a record that `look` found dead. True when it is gone by our hand. */
  clear(seen: SeenRecord & { kind: "present" }, command: string): boolean;
  /** Removes a lock directory that has had no record for a while. True when there was one. */
  clearEmptyDirectory(): boolean;
  isDead(seen: SeenRecord & { kind: "present" }): boolean;
  holds(owner: LockOwner): boolean;
  /** Removes the record if it is that one. */
  withdraw(owner: LockOwner): void;
  /** What dead processes left of this lock beside its record, among these names of its directory. */
  removeLitter(names: readonly string[], command: string): void;
}

/** The name of a document's lock (FIL-90): one for every spelling of its path. */
export function lockKey(calls: FsCalls, path: AbsolutePath): { key: string; path: AbsolutePath } {
  const real = canonicalPath(path, calls);
  return { key: keyOf(real), path: real };
}

function keyOf(path: AbsolutePath): string {
  return sha256(path).slice(0, 32);
}

/** The lock of that key. `path` is what it is on; null for one that is only cleaned up. */
export function lockFiles(ground: LockGround, locks: AbsolutePath, { key, path }: { key: string; path: AbsolutePath | null }): LockFiles {
  const { calls, identity, clock } = ground;
  const record = join(locks, `${key}.owner.json`);
  const directory = join(locks, `${key}.lock`);
  // A claim on a claim is also named by that claim: two of equal bytes, such as none after a power cut, never guard themselves.
  const claimOn = (target: AbsolutePath, mark: string) =>
    join(locks, `${key}.clear.${target === record ? mark : sha256(`${basename(target)} ${mark}`).slice(0, 16)}`);
  const dead = (seen: SeenRecord & { kind: "present" }) => isDead(seen, identity, clock.now().getTime());

  const place = (at: AbsolutePath, command: string): LockOwner | null => {
    const owner = newOwner(identity, clock, command, path);
    return linkRecord(calls, at, record, owner) ? owner : null;
  };

  /** Under a claim that names the record: whoever links it is the only one who may remove the record. */
  const removeUnderClaim = (target: AbsolutePath, mark: string, command: string, depth: number): boolean => {
    const claim = claimOn(target, mark);
    const owner = place(claim, command);
    if (owner === null) {
      const seen = lookAtRecord(calls, claim);
      if (seen.kind === "present" && seen.mark !== null && depth < MAX_CLAIMS && dead(seen))
        removeUnderClaim(claim, seen.mark, command, depth + 1);
      return false;
    }
    try {
      const seen = lookAtRecord(calls, target);
      if (seen.kind !== "present" || seen.mark !== mark || !dead(seen)) return false;
      calls.unlink(target);
      return true;
    } finally {
      withdraw(calls, claim, owner);
    }
  };

  return {
    directory,
    record,
    look: () => lookAtRecord(calls, record),
    place: (command) => place(record, command),
    isDead: dead,
    holds: (owner) => {
      const seen = lookAtRecord(calls, record);
      return seen.kind === "present" && seen.mark === owner.nonce;
    },
    withdraw: (owner) => withdraw(calls, record, owner),
    clear: (seen, command) => {
      if (seen.mark === null || !removeUnderClaim(record, seen.mark, command, 0)) return false;
      directoryRemoved(calls, directory);
      return true;
    },
    // One from the future was made before the clock was set back: nobody here makes such a one.
    clearEmptyDirectory: () =>
      Math.abs(ageMs(calls, directory, clock.now().getTime())) >= EMPTY_DIRECTORY_MS && directoryRemoved(calls, directory),
    removeLitter: (names, command) => {
      for (const name of names) {
        if (name.startsWith(`${key}.clear.`)) {
          const claim = join(locks, name);
          const seen = lookAtRecord(calls, claim);
          if (seen.kind === "present" && seen.mark !== null && dead(seen)) removeUnderClaim(claim, seen.mark, command, 0);
        }
        const pid = writerOf(name, `${key}.owner.json`);
        if (pid === null) continue;
        const sibling = join(locks, name);
        if (identity.look(pid).kind === "gone" || ageMs(calls, sibling, clock.now().getTime()) > RECORD_TEMPORARY_MS)
          removeIfThere(calls, sibling);
      }
    },
  };
}

/**
 * Removes what dead processes left of a lock, and of others: most documents are written once, and nobody would ever
 * wait for their locks again. Of the others only what has stood there for a while is looked at.
 */
export function sweepLocks(ground: LockGround, locks: AbsolutePath, own: { key: string; files: LockFiles }, command: string): void {
  const names = namesIn(ground.calls, locks);
  own.files.removeLitter(names, command);
  for (const key of abandonedKeys(ground, locks, names)) {
    if (key === own.key) continue;
    const files = lockFiles(ground, locks, { key, path: null });
    const seen = files.look();
    if (seen.kind === "absent") files.clearEmptyDirectory();
    else if (files.isDead(seen) && files.clear(seen, command)) removeRemainsOf(ground, key, seen.owner);
    files.removeLitter(names, command);
  }
}

function abandonedKeys({ calls, clock }: LockGround, locks: AbsolutePath, names: readonly string[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const name of names) {
    const key = /^\.?([0-9a-f]{32})\./.exec(name)?.[1];
    if (key !== undefined && !keys.has(key) && ageMs(calls, join(locks, name), clock.now().getTime()) >= ABANDONED_MS) keys.add(key);
  }
  return keys;
}

/** The record says which document it locked; a path that is not the lock's own is not followed. */
function removeRemainsOf({ calls, identity }: LockGround, key: string, owner: LockOwner | null): void {
  if (owner?.path !== undefined && keyOf(owner.path) === key) removeRemains(calls, owner.path, identity, owner.pid);
}

/** True when the record stands at that place now; false when something else does. */
function linkRecord(calls: FsCalls, at: AbsolutePath, base: AbsolutePath, owner: LockOwner): boolean {
  const sibling = writeSibling(calls, base, Buffer.from(formatOwner(owner)), { pid: owner.pid, mode: 0o600, sync: false });
  try {
    calls.link(sibling, at);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    // ENOENT: somebody took our sibling for litter, which costs us one more try.
    if (errno === "EEXIST" || errno === "ENOENT") return false;
    if (errno !== null && NO_HARD_LINKS.has(errno)) throw writeFailed(errno, at, error, "locks need a file system with hard links");
    throw error;
  } finally {
    ignoringFaults(() => removeIfThere(calls, sibling));
  }
}

/** Removes our own record. One that cannot be seen or removed now counts as dead for this process from here on. */
function withdraw(calls: FsCalls, at: AbsolutePath, owner: LockOwner): void {
  let seen = lookAtRecord(calls, at);
  if (seen.kind === "present" && seen.mark === null) seen = lookAtRecord(calls, at);
  if (seen.kind === "absent") return;
  if (seen.mark === null) abandon(owner);
  if (seen.mark !== owner.nonce) return;
  try {
    removeIfThere(calls, at);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    abandon(owner);
  }
}

function directoryRemoved(calls: FsCalls, directory: AbsolutePath): boolean {
  try {
    calls.rmdir(directory);
    return true;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return false;
  }
}
