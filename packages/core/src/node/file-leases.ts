/**
 * Leases as files, one each, never deleted (FIL-80 to FIL-83). The rules are pure; this file reads the records under
 * the one lock of their directory, asks the rules, and replaces the file by the write protocol.
 */
import { LoopxError } from "../domain/errors.ts";
import { formatLease } from "../domain/lease/lease.ts";
import { leaseFault, type LeaseTerms } from "../domain/lease/limits.ts";
import { acquireLease, fenceHolds, releaseLease, renewLease } from "../domain/lease/rules.ts";
import type { Moment } from "../domain/time.ts";
import type { AcquireOutcome, Lease, LeaseKey, LeaseRequest, Leases, StateWish } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { callOrder } from "./call-order.ts";
import { ignoringFaults, writeFault } from "./faults.ts";
import type { FileGround } from "./file-ground.ts";
import { leaseDirectory, leaseFile, listLeases, neighbours, readLease, type LeaseFile } from "./lease-files.ts";
import type { GuardLeases } from "./lease-guard.ts";
import { CAS_RETRIES, LEASE_LIMIT } from "./limits.ts";
import type { Held } from "./lock.ts";
import { isReadOnly } from "./open-file.ts";
import { readDocumentText } from "./read-document.ts";
import { replaceFile } from "./replace-file.ts";
import { removeLitter } from "./temporary-file.ts";

/** What a rule said, and the record that has to be written first, if any. */
interface Ruling<T> {
  readonly answer: T;
  readonly write: Lease | null;
}

type Rule<T> = (file: LeaseFile, current: Lease | null, now: Moment) => Ruling<T> | Unreadable;

export function fileLeases(ground: FileGround): Leases & { guard: GuardLeases } {
  const inOrder = callOrder();
  const change = async <T>(key: LeaseKey, rule: Rule<T>) => {
    const file = leaseFile(ground, key);
    if ("kind" in file) return file;
    return inOrder(file.directory, () => changeUnderLock(ground, file, key, rule));
  };
  return {
    acquire: async (key, wish) => {
      if (!("state_of" in wish)) refuseTerms(wish);
      return change<AcquireOutcome>(key, (file, current, now) => {
        const answer = answerWish(ground, file, key, { wish, current, now });
        return { answer, write: answer.kind === "granted" && !answer.repeated ? answer.lease : null };
      });
    },
    preview: async (key, wish) => {
      if (!("state_of" in wish)) refuseTerms(wish);
      const file = leaseFile(ground, key);
      if ("kind" in file) return file;
      const read = readLease(ground, file.path, key);
      if (read.kind === "unreadable") return read;
      return answerWish(ground, file, key, { wish, current: read.kind === "lease" ? read.lease : null, now: moment(ground) });
    },
    read: async (key) => {
      const file = leaseFile(ground, key);
      if ("kind" in file) return file;
      const read = readLease(ground, file.path, key);
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
    list: async (scope, options) => listLeases(ground, scope, options),
    guard: guardLeases(ground),
  };
}

/** Holds every lease of a scope as it is, for a write that looks at them. */
function guardLeases(ground: FileGround): GuardLeases {
  return async (scope) => {
    const found = leaseDirectory(ground, scope);
    if ("kind" in found) return found;
    const held = await ground.lock.take(found.directory, ground.wait);
    if (held.kind !== "held") return held;
    return {
      kind: "held",
      isOurs: held.isOurs,
      release: held.release,
      list: (options) => listLeases(ground, scope, options),
      fenced: (fence) => {
        const file = leaseFile(ground, fence);
        const read = "kind" in file ? file : readLease(ground, file.path, fence);
        const current = read.kind === "lease" ? read.lease : null;
        return fenceHolds(current, fence, moment(ground)) ? null : { kind: "fenced", current };
      },
    };
  };
}

function answerWish(
  ground: FileGround,
  file: LeaseFile,
  key: LeaseKey,
  { wish, current, now }: { wish: LeaseRequest | StateWish; current: Lease | null; now: Moment },
): AcquireOutcome {
  const request = requestOf(ground, wish, current);
  if (request === null) return { kind: "not_asked" };
  if ("kind" in request) return request;
  refuseTerms(request);
  const known = neighbours(ground, file, key, current, request.write_scopes.length > 0);
  return "kind" in known ? known : acquireLease(key, request, known, now);
}

function requestOf(ground: FileGround, wish: LeaseRequest | StateWish, current: Lease | null): LeaseRequest | Unreadable | null {
  if (!("state_of" in wish)) return wish;
  const state = readDocumentText(ground, { kind: "goal_state", goal_id: wish.state_of });
  if (state.kind === "unreadable") return state;
  return wish.decide(state.kind === "found" ? state.text : null, current);
}

async function changeUnderLock<T>(ground: FileGround, file: LeaseFile, key: LeaseKey, rule: Rule<T>): Promise<T | Busy | Unreadable> {
  const started = ground.clock.monotonicMs();
  const held = await ground.lock.take(file.directory, ground.wait);
  if (held.kind !== "held") return held;
  try {
    const outcome = commitChange(ground, file, key, held, rule);
    // Others wrote without our lock each time, or it was taken from us: as if we had never come to our turn.
    return outcome ?? { kind: "busy", owner: null, waited_ms: Math.round(ground.clock.monotonicMs() - started), record: null };
  } catch (error) {
    return writeFault(error, file.path);
  } finally {
    await held.release();
    ignoringFaults(() => removeLitter(ground.calls, file.path, ground.identity, ground.lock.fileTimeMs(), held.cleared?.pid ?? null));
  }
}

function commitChange<T>(ground: FileGround, file: LeaseFile, key: LeaseKey, held: Held, rule: Rule<T>): T | Unreadable | null {
  for (let attempts = 1; attempts <= CAS_RETRIES + 1; attempts += 1) {
    const read = readLease(ground, file.path, key);
    if (read.kind === "unreadable") return read;
    const ruling = rule(file, read.kind === "lease" ? read.lease : null, moment(ground));
    if ("kind" in ruling) return ruling;
    if (ruling.write === null) return ruling.answer;
    const before = read.kind === "lease" ? read.before : null;
    if (before !== null && isReadOnly(ground.calls, file.path, before.stat))
      return { kind: "unreadable", reason: "denied", where: file.path };
    const target = { place: { private_root: true }, path: file.path, limit: LEASE_LIMIT };
    const replaced = replaceFile(ground, target, before, Buffer.from(formatLease(ruling.write)), held.isOurs);
    if (replaced === "written") return ruling.answer;
    if (replaced === "not_ours") return null;
  }
  return null;
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
