/**
 * Writing documents as files, by the write protocol (REL-20 to REL-26, REL-40 to REL-43). From the read of an update to the
 * removal of the owner record all is one synchronous turn, so no task of this process comes between.
 */
import { basename, dirname, join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { formatStamp } from "../domain/time.ts";
import type { DocumentKey, Documents, Edit, Found, RemoveOutcome, Revision, UpdateOptions, UpdateOutcome } from "../ports/documents.ts";
import type { LeaseScope } from "../ports/leases.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { callOrder } from "./call-order.ts";
import { assertWritable } from "./document-text.ts";
import { removeEmptyBelow, syncDirectory } from "./directories.ts";
import { ignoringFaults, readFault, writeFault } from "./faults.ts";
import { confined, type DocumentPlace, type FileGround } from "./file-ground.ts";
import { revisionOf } from "./hashing.ts";
import type { GuardLeases, LeaseGuard } from "./lease-guard.ts";
import { CAS_RETRIES } from "./limits.ts";
import type { Held } from "./lock.ts";
import { isReadOnly, readRegular } from "./open-file.ts";
import { textOf } from "./read-document.ts";
import { type Before, replaceFile } from "./replace-file.ts";
import { removeLitter } from "./temporary-file.ts";

interface Target {
  readonly key: DocumentKey;
  readonly place: DocumentPlace;
  readonly path: AbsolutePath;
  readonly limit: number;
}

type Current = { found: Found | null; before: Before };

/** The half of `Documents` that writes, or says why it could not. */
export type DocumentWrites = Pick<Documents, "obstacle" | "update" | "remove">;

export function documentWrites(ground: FileGround, guardLeases: GuardLeases): DocumentWrites {
  const inOrder = callOrder();
  return {
    obstacle: async (key) => {
      const at = confined(ground, ground.places.document(key));
      return at.kind === "unreadable" ? at : writeObstacle(ground, at.path, at.place.limit);
    },
    update: async (key, edit, options = {}) => {
      const at = confined(ground, ground.places.document(key));
      if (at.kind === "unreadable") return at;
      const target = { key, place: at.place, path: at.path, limit: at.place.limit };
      return inOrder(at.path, () => updateUnderLock(ground, guardLeases, target, edit, options));
    },
    remove: async (key, { expected }) => {
      const at = confined(ground, ground.places.document(key));
      if (at.kind === "unreadable") return at;
      return inOrder(at.path, () => removeUnderLock(ground, at.path, at.place, expected));
    },
  };
}

/** What a look can tell: the content, the permissions, and those of the directory that would take a new file. */
async function writeObstacle(ground: FileGround, path: AbsolutePath, limit: number): Promise<Unreadable | null> {
  const read = readRegular(ground.calls, path, limit);
  const current = read.kind === "bytes" ? textOf(read, path) : read;
  if (current.kind === "unreadable") return current;
  try {
    if (read.kind === "bytes" && isReadOnly(ground.calls, path, read.stat)) return { kind: "unreadable", reason: "denied", where: path };
    return (await ground.lock.obstacle()) ?? directoryObstacle(ground, dirname(path));
  } catch (error) {
    return readFault(error, path);
  }
}

function directoryObstacle(ground: FileGround, directory: AbsolutePath): Unreadable | null {
  const stat = ground.calls.stat(directory);
  if (stat === null) return directoryObstacle(ground, dirname(directory));
  if (!stat.isDirectory()) return { kind: "unreadable", reason: "not_a_regular_file", where: directory };
  return isReadOnly(ground.calls, directory, stat) ? { kind: "unreadable", reason: "denied", where: directory } : null;
}

async function updateUnderLock<T>(
  ground: FileGround,
  guardLeases: GuardLeases,
  target: Target,
  edit: Edit<T>,
  options: UpdateOptions,
): Promise<UpdateOutcome<T>> {
  const held = await ground.lock.take(target.path, ground.wait);
  if (held.kind !== "held") return held;
  let guard: LeaseGuard | null = null;
  try {
    // Before the write: who dies after it is no reason to look for what was left before.
    if (held.cleared !== null) sweep(ground, target, held);
    const scope = scopeOf(options);
    if (scope !== null) {
      const taken = await guardLeases(scope);
      if (taken.kind !== "held") return taken;
      guard = taken;
    }
    return commitUpdate(ground, target, edit, options, { held, guard });
  } catch (error) {
    return writeFault(error, target.path);
  } finally {
    // Both records go before anything is awaited (REL-21).
    const released = [held.release(), ...(guard === null ? [] : [guard.release()])];
    await Promise.all(released);
    if (options.expected !== null && held.cleared === null) sweep(ground, target, held);
  }
}

/** Whose leases the write looks at; a fence and `leases_of` are about one goal. */
function scopeOf({ fence, leases_of }: UpdateOptions): LeaseScope | null {
  return fence ?? (leases_of === undefined ? null : { goal_id: leases_of });
}

/** From the look to the sync of the directory all is one turn, under the lock every writer takes. */
async function removeUnderLock(ground: FileGround, path: AbsolutePath, place: DocumentPlace, expected: Revision): Promise<RemoveOutcome> {
  const held = await ground.lock.take(path, ground.wait);
  if (held.kind !== "held") return held;
  try {
    const read = readRegular(ground.calls, path, place.limit);
    if (read.kind !== "bytes") return read;
    const actual = revisionOf(read.bytes);
    if (actual !== expected || !held.isOurs()) return { kind: "conflict", actual, attempts: 1 };
    if (isReadOnly(ground.calls, path, read.stat)) return { kind: "unreadable", reason: "denied", where: path };
    ground.calls.unlink(path);
    syncDirectory(ground.calls, dirname(path));
    if (place.owner_folder !== undefined) removeEmptyBelow(ground.calls, place.owner_folder, dirname(path));
    return { kind: "removed" };
  } catch (error) {
    return writeFault(error, path);
  } finally {
    await held.release();
  }
}

/** A document that had to be new has no earlier writer, and its directory may hold many thousands. */
function sweep(ground: FileGround, target: Target, held: Held): void {
  ignoringFaults(() => removeLitter(ground.calls, target.path, ground.identity, ground.lock.fileTimeMs(), held.cleared?.pid ?? null));
}

function commitUpdate<T>(
  ground: FileGround,
  target: Target,
  edit: Edit<T>,
  options: UpdateOptions,
  locks: { held: Held; guard: LeaseGuard | null },
): UpdateOutcome<T> {
  const isOurs = () => locks.held.isOurs() && (locks.guard?.isOurs() ?? true);
  const fenced = options.fence === undefined ? null : (locks.guard?.fenced(options.fence) ?? null);
  if (fenced !== null) return fenced;
  const leases = options.leases_of === undefined ? null : (locks.guard?.list ?? null);
  for (let attempts = 1; ; attempts += 1) {
    const current = readCurrent(ground, target, options);
    if ("kind" in current) return current;
    const { found, before } = current;
    const revision = found?.revision ?? null;
    if (options.expected !== undefined && options.expected !== revision) return { kind: "conflict", actual: revision, attempts };
    const edited = edit(found === null ? null : { text: found.text, revision: found.revision }, leases);
    if ("keep" in edited) return { kind: "unchanged", revision, value: edited.value };
    const bytes = Buffer.from(edited.write);
    const refusal = refuses(ground, target, before, bytes);
    if (refusal !== null) return refusal;
    assertWritable(target.key, edited.write);
    const replaced = replaceFile(ground, { ...target, mode: options.mode }, before, bytes, isOurs);
    if (replaced === "written") return { kind: "written", revision: revisionOf(bytes), value: edited.value, attempts };
    if (replaced === "changed" && options.expected === undefined && attempts <= CAS_RETRIES) continue;
    return { kind: "conflict", actual: actualRevision(ground, target), attempts };
  }
}

function refuses(ground: FileGround, { path, limit }: Target, before: Before, bytes: Uint8Array): Unreadable | null {
  if (bytes.length > limit) return { kind: "unreadable", reason: "too_large", where: path, size: bytes.length, limit };
  if (before !== null && isReadOnly(ground.calls, path, before.stat)) return { kind: "unreadable", reason: "denied", where: path };
  return null;
}

function readCurrent(ground: FileGround, target: Target, options: UpdateOptions): Current | Unreadable {
  const read = readRegular(ground.calls, target.path, target.limit);
  if (read.kind === "absent") return { found: null, before: null };
  const text = read.kind === "bytes" ? textOf(read, target.path) : read;
  if (text.kind === "found" && read.kind === "bytes") return { found: text, before: read };
  if (text.kind !== "unreadable") throw new Error("a text without bytes");
  return setAside(ground, target, options, text) ? { found: null, before: null } : text;
}

/** An unreadable executor state is renamed aside when its owner says so; nothing else ever is (REL-42). */
function setAside(ground: FileGround, { key, path }: Target, options: UpdateOptions, why: Unreadable): boolean {
  if (key.kind !== "executor_state" || options.set_aside !== true || options.expected) return false;
  if (why.reason === "denied" || why.reason === "io") return false;
  const { calls, clock } = ground;
  const stamp = formatStamp({ ms: clock.now().getTime(), offset_minutes: 0 });
  const name = `${basename(path)}.corrupt-${stamp}`;
  let aside = join(dirname(path), name);
  for (let count = 2; calls.lstat(aside) !== null; count += 1) aside = join(dirname(path), `${name}-${count}`);
  calls.rename(path, aside);
  syncDirectory(calls, dirname(path));
  return true;
}

function actualRevision(ground: FileGround, { path, limit }: Target): Revision | null {
  const now = readRegular(ground.calls, path, limit);
  return now.kind === "bytes" ? revisionOf(now.bytes) : null;
}
