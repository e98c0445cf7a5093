/**
 * The owner record: the file whose existence is the lock (REL-32 to REL-34). Linked into place complete, read by every
 * waiter. On one host and pid namespace age never makes an owner dead; only the absence of its process does.
 */
import type { AbsolutePath } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import { formatInstant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { LockOwner } from "../ports/lock.ts";
import type { FsCalls } from "./fs-calls.ts";
import { nonce, sha256 } from "./hashing.ts";
import { LEASE_LIMIT } from "./limits.ts";
import { decodeUtf8, readRegular } from "./open-file.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** Age at which a record nobody here can judge counts as dead. */
const FOREIGN_AGE_MS = 600_000;
const MAX_PID = 0x7fff_ffff;
const NONCE = /^[0-9a-f]{16}$/;
const TEXTS = ["pid_start", "boot_id", "pid_ns", "host", "command", "at"] as const;

/** `mark` names exactly this record: its nonce, else a digest of its bytes, else null: then nobody may remove it. */
export type SeenRecord = { kind: "absent" } | { kind: "present"; owner: LockOwner | null; mark: string | null; mtime_ms: number };

/** A record of this process with a fresh nonce. */
export function newOwner(identity: ProcessIdentity, clock: Clock, command: string, path: AbsolutePath | null = null): LockOwner {
  const now = clock.now();
  const at = formatInstant({ ms: now.getTime(), offset_minutes: clock.utcOffsetMinutes(now) }, "milliseconds");
  return { ...identity.self(), command, at, nonce: nonce(), ...(path === null ? {} : { path }) };
}

export function formatOwner(owner: LockOwner): string {
  return `${JSON.stringify(owner)}\n`;
}

/** What stands at that path. Anything but a readable record has no owner. */
export function lookAtRecord(calls: FsCalls, path: AbsolutePath): SeenRecord {
  const found = readRegular(calls, path, LEASE_LIMIT);
  if (found.kind === "absent") return found;
  if (found.kind === "unreadable") return { kind: "present", owner: null, mark: null, mtime_ms: Number.POSITIVE_INFINITY };
  const owner = parseOwner(decodeUtf8(found.bytes) ?? "");
  const mark = owner?.nonce ?? sha256(found.bytes).slice(0, 16);
  return { kind: "present", owner, mark, mtime_ms: found.stat.mtimeMs };
}

/** The record, or null. Its nonce becomes part of a path, so only the exact form is one. */
export function parseOwner(text: string): LockOwner | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { pid, nonce } = value;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 1 || pid > MAX_PID) return null;
  if (typeof nonce !== "string" || !NONCE.test(nonce)) return null;
  if (TEXTS.some((key) => typeof value[key] !== "string")) return null;
  if (value["path"] !== undefined && typeof value["path"] !== "string") return null;
  return value as unknown as LockOwner;
}

/** Records this process gave up and could not remove: it lives on, but will never act under them again. */
const abandoned = new Set<string>();

export function abandon(owner: LockOwner): void {
  abandoned.add(owner.nonce);
}

/** True only when the owner can never act again, or nobody on this host could tell and ten minutes passed (REL-34). */
export function isDead(record: SeenRecord & { kind: "present" }, identity: ProcessIdentity, now_ms: number): boolean {
  const { owner } = record;
  const self = identity.self();
  if (owner !== null && owner.pid === self.pid && abandoned.has(owner.nonce)) return true;
  if (owner !== null && owner.host === self.host) {
    if (owner.boot_id !== self.boot_id && owner.boot_id !== "" && self.boot_id !== "") return true;
    if (owner.pid_ns === self.pid_ns) return !runs(owner, identity);
  }
  return now_ms - record.mtime_ms >= FOREIGN_AGE_MS;
}

function runs(owner: LockOwner, identity: ProcessIdentity): boolean {
  const look = identity.look(owner.pid);
  if (look.kind === "gone") return false;
  return look.started === null || owner.pid_start === "" || look.started === owner.pid_start;
}
