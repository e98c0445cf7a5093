/**
 * The files of one lock, and the only hands that touch them: the owner record, and the claims under which a dead record
 * is removed (REL-30, REL-33, REL-35). Never removes a record whose owner could still act.
 */
import { join } from "node:path";
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
import { ageMs, removeIfThere, writeSibling, writerOf } from "./temporary-file.ts";

/** A lock directory without a record is younger than this while its maker is about to link one. */
const EMPTY_DIRECTORY_MS = 500;
/** How many claims on claims are followed; each needs one process that died in the middle of a takeover. */
const MAX_CLAIMS = 8;
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
  /** What dead processes left of this lock beside its record. */
  removeLitter(command: string): void;
}

export function lockFiles(ground: LockGround, locks: AbsolutePath, path: AbsolutePath): LockFiles {
  const { calls, identity, clock } = ground;
  const key = sha256(canonicalPath(path, calls)).slice(0, 32);
  const record = join(locks, `${key}.owner.json`);
  const directory = join(locks, `${key}.lock`);
  const claimOn = (mark: string) => join(locks, `${key}.clear.${mark}`);
  const dead = (seen: SeenRecord & { kind: "present" }) => isDead(seen, identity, clock.now().getTime());

  const place = (at: AbsolutePath, command: string): LockOwner | null => {
    const owner = newOwner(identity, clock, command);
    return linkRecord(calls, at, record, owner) ? owner : null;
  };

  /** Under a claim that names the record: whoever links it is the only one who may remove the record. */
  const removeUnderClaim = (target: AbsolutePath, mark: string, command: string, depth: number): boolean => {
    const claim = claimOn(mark);
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
    clearEmptyDirectory: () => ageMs(calls, directory, clock.now().getTime()) >= EMPTY_DIRECTORY_MS && directoryRemoved(calls, directory),
    removeLitter: (command) => {
      for (const name of namesIn(calls, locks)) {
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
