/**
 * Leases as files, one each, never deleted (FIL-80 to FIL-83). The rules are pure; this file reads the records under
 * the one lock of their directory, asks the rules, and replaces the file by the write protocol.
 */
import { join } from "node:path";
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import { formatLease, parseAnyLease, parseLease } from "../domain/lease/lease.ts";
import { leaseFault, type LeaseTerms } from "../domain/lease/limits.ts";
import { acquireLease, fenceHolds, type LeaseGround, releaseLease, renewLease } from "../domain/lease/rules.ts";
import type { Moment } from "../domain/time.ts";
import type { Lease, LeaseKey, Leases } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { callOrder } from "./call-order.ts";
import { canonicalPath, confine } from "./confine.ts";
import { namesOfLeases } from "./directories.ts";
import { ignoringFaults, writeFault } from "./faults.ts";
import type { TakeFence } from "./fence.ts";
import type { FileGround, LeasePlace, LeaseScope } from "./file-ground.ts";
import { sha256 } from "./hashing.ts";
import { CAS_RETRIES, LEASE_LIMIT } from "./limits.ts";
import type { Held } from "./lock.ts";
import { decodeUtf8, isReadOnly, readRegular } from "./open-file.ts";
import { type Before, replaceFile } from "./replace-file.ts";
import { removeLitter } from "./temporary-file.ts";

type Read = { kind: "lease"; lease: Lease; before: Before } | { kind: "absent" } | Unreadable;

interface Files {
  readonly path: AbsolutePath;
  readonly place: LeasePlace;
  /** Real path of the directory: what the lock is on. */
  readonly directory: AbsolutePath;
}

/** What a rule said, and the record that has to be written first, if any. */
interface Ruling<T> {
  readonly answer: T;
  readonly write: Lease | null;
}

export function fileLeases(ground: FileGround): Leases & { takeFence: TakeFence } {
  const inOrder = callOrder();
  const change = async <T>(key: LeaseKey, rule: (files: Files, current: Lease | null, now: Moment) => Ruling<T> | Unreadable) => {
    const files = filesOf(ground, key);
    if ("kind" in files) return files;
    return inOrder(files.directory, () => changeUnderLock(ground, files, key, rule));
  };
  return {
    acquire: async (key, request) => {
      refuseTerms(request);
      return change(key, (files, current, now) => {
        const known = neighbours(ground, files, key, current, request.write_scopes.length > 0);
        if ("kind" in known) return known;
        const answer = acquireLease(key, request, known, now);
        return { answer, write: answer.kind === "granted" && !answer.repeated ? answer.lease : null };
      });
    },
    preview: async (key, request) => {
      refuseTerms(request);
      const files = filesOf(ground, key);
      if ("kind" in files) return files;
      const read = readLease(ground, files.path, key);
      if (read.kind === "unreadable") return read;
      const known = neighbours(ground, files, key, read.kind === "lease" ? read.lease : null, request.write_scopes.length > 0);
      return "kind" in known ? known : acquireLease(key, request, known, moment(ground));
    },
    read: async (key) => {
      const files = filesOf(ground, key);
      if ("kind" in files) return files;
      const read = readLease(ground, files.path, key);
      return read.kind === "lease" ? { kind: "found", lease: read.lease } : read;
    },
    renew: async (ref, options) => {
      refuseTerms({ ttl_minutes: options.ttl_minutes });
      return change(ref, (_, current, now) => {
        const answer = renewLease(current, ref, options, now);
        return { answer, write: answer.kind === "renewed" ? answer.lease : null };
      });
    },
    release: async (ref, options = {}) =>
      change(ref, (_, current, now) => {
        const answer = releaseLease(current, ref, options, now);
        return { answer, write: answer.kind === "released" && answer.changed ? answer.lease : null };
      }),
    list: async (scope) => {
      const place = directoryOf(ground, scope);
      if ("kind" in place) return [];
      return leaseFiles(ground, place.directory).flatMap((path) => {
        const read = readLease(ground, path, null);
        return read.kind === "lease" ? [read.lease] : [];
      });
    },
    takeFence: async (fence) => {
      const files = filesOf(ground, fence);
      if ("kind" in files) return files;
      const held = await ground.lock.take(files.directory, ground.wait);
      if (held.kind !== "held") return held;
      return {
        kind: "held",
        isOurs: held.isOurs,
        release: held.release,
        check: () => {
          const read = readLease(ground, files.path, fence);
          const current = read.kind === "lease" ? read.lease : null;
          return fenceHolds(current, fence, moment(ground)) ? null : { kind: "fenced", current };
        },
      };
    },
  };
}

async function changeUnderLock<T>(
  ground: FileGround,
  files: Files,
  key: LeaseKey,
  rule: (files: Files, current: Lease | null, now: Moment) => Ruling<T> | Unreadable,
): Promise<T | Busy | Unreadable> {
  const started = ground.clock.monotonicMs();
  const held = await ground.lock.take(files.directory, ground.wait);
  if (held.kind !== "held") return held;
  try {
    const outcome = commitChange(ground, files, key, held, rule);
    // Others wrote without our lock each time, or it was taken from us: as if we had never come to our turn.
    return outcome ?? { kind: "busy", owner: null, waited_ms: Math.round(ground.clock.monotonicMs() - started), record: null };
  } catch (error) {
    return writeFault(error, files.path);
  } finally {
    await held.release();
    ignoringFaults(() => removeLitter(ground.calls, files.path, ground.identity, ground.lock.fileTimeMs(), held.cleared?.pid ?? null));
  }
}

function commitChange<T>(
  ground: FileGround,
  files: Files,
  key: LeaseKey,
  held: Held,
  rule: (files: Files, current: Lease | null, now: Moment) => Ruling<T> | Unreadable,
): T | Unreadable | null {
  for (let attempts = 1; attempts <= CAS_RETRIES + 1; attempts += 1) {
    const read = readLease(ground, files.path, key);
    if (read.kind === "unreadable") return read;
    const ruling = rule(files, read.kind === "lease" ? read.lease : null, moment(ground));
    if ("kind" in ruling) return ruling;
    if (ruling.write === null) return ruling.answer;
    const before = read.kind === "lease" ? read.before : null;
    if (before !== null && isReadOnly(ground.calls, files.path, before.stat))
      return { kind: "unreadable", reason: "denied", where: files.path };
    const target = { place: { private_root: true }, path: files.path, limit: LEASE_LIMIT };
    const replaced = replaceFile(ground, target, before, Buffer.from(formatLease(ruling.write)), held.isOurs);
    if (replaced === "written") return ruling.answer;
    if (replaced === "not_ours") return null;
  }
  return null;
}

function readLease(ground: FileGround, path: AbsolutePath, key: LeaseKey | null): Read {
  const read = readRegular(ground.calls, path, LEASE_LIMIT);
  if (read.kind !== "bytes") return read;
  const text = decodeUtf8(read.bytes);
  if (text === null) return { kind: "unreadable", reason: "not_utf8", where: path };
  const lease = key === null ? parseAnyLease(text) : parseLease(text, key);
  // Content that is no lease counts as held by an unknown holder (FIL-83).
  return lease === null ? { kind: "unreadable", reason: "io", where: path } : { kind: "lease", lease, before: read };
}

/** The other leases beside this one. One that cannot be read may cover any path, so it stands in the way of scopes. */
function neighbours(
  ground: FileGround,
  files: Files,
  key: LeaseKey,
  current: Lease | null,
  comparesScopes: boolean,
): LeaseGround | Unreadable {
  const others: Lease[] = [];
  for (const path of comparesScopes ? leaseFiles(ground, files.directory) : []) {
    if (path === files.path) continue;
    const read = readLease(ground, path, null);
    if (read.kind === "lease") others.push(read.lease);
    else if (read.kind === "unreadable") return read;
  }
  const archived = current === null ? archivedToken(ground, files.place, key) : 0;
  return typeof archived === "number" ? { current, others, archived_token: archived } : archived;
}

/** Tokens go on growing after a goal's runtime was archived (FIL-81). */
function archivedToken(ground: FileGround, place: LeasePlace, key: LeaseKey): number | Unreadable {
  if (place.archives === null || !("goal_id" in key)) return 0;
  let highest = 0;
  for (const folder of namesOfLeases(ground.calls, place.archives)) {
    if (!isArchiveOf(folder, key.goal_id)) continue;
    const at = confine(place.archives, join(place.archives, folder, "leases", `${key.todo_id}.json`), ground.calls);
    if (at.kind === "unreadable") return at;
    const read = readLease(ground, at.path, key);
    if (read.kind === "unreadable") return read;
    if (read.kind === "lease") highest = Math.max(highest, read.lease.token);
  }
  return highest;
}

function isArchiveOf(folder: string, goalId: string): boolean {
  return folder.startsWith(`${goalId}-`) && /^\d{8}T\d{6}Z(?:-\d+)?$/.test(folder.slice(goalId.length + 1));
}

function filesOf(ground: FileGround, key: LeaseKey): Files | Unreadable {
  const found = directoryOf(ground, key);
  if ("kind" in found) return found;
  const name = "goal_id" in key ? key.todo_id : sha256(key.item).slice(0, 32);
  const at = confine(found.directory, join(found.directory, `${name}.json`), ground.calls);
  return at.kind === "unreadable" ? at : { path: at.path, place: found.place, directory: found.directory };
}

function directoryOf(ground: FileGround, scope: LeaseScope): { place: LeasePlace; directory: AbsolutePath } | Unreadable {
  const place = ground.places.leases(scope);
  if ("kind" in place) return place;
  const at = confine(place.root, place.directory, ground.calls);
  return at.kind === "unreadable" ? at : { place, directory: at.path };
}

function leaseFiles(ground: FileGround, directory: AbsolutePath): readonly AbsolutePath[] {
  const names = namesOfLeases(ground.calls, directory).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  return names.sort().map((name) => canonicalPath(join(directory, name), ground.calls));
}

function moment(ground: FileGround): Moment {
  const now = ground.clock.now();
  return { ms: now.getTime(), offset_minutes: ground.clock.utcOffsetMinutes(now) };
}

/** Callers check before they ask; this is the last door (REL-105). */
function refuseTerms(terms: LeaseTerms): void {
  const fault = leaseFault(terms);
  if (fault !== null) throw new LoopxError("invalid_value", fault.message, { details: { key: fault.key } });
}
