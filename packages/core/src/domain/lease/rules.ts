/**
 * What acquire, renew and release answer, and what a fenced write may rely on (REL-48 to REL-51, FIL-80 to FIL-82).
 * Pure: the store reads the records under the goal's lease lock, asks here, and writes what is answered.
 * A token grows with each grant and never shrinks; no rule here deletes a lease.
 */
import { formatInstant, instantMs, type Moment } from "../time.ts";
import type { Lease, LeaseKey, LeaseRef } from "./lease.ts";
import { overlappingScopes } from "./scopes.ts";

const MINUTE_MS = 60_000;

/** Who wants a lease, for how long and on which paths. */
export interface LeaseRequest {
  readonly holder: string;
  readonly ttl_minutes: number;
  readonly write_scopes: readonly string[];
  readonly idempotency_key?: string;
  readonly take_over?: { reason: string };
}

/** What is known when a lease is asked for. */
export interface LeaseGround {
  readonly current: Lease | null;
  /** The other leases of the same goal or executor, in any state. */
  readonly others: readonly Lease[];
  /** The highest token an archived lease of this key had; 0 for none (FIL-81). */
  readonly archived_token: number;
}

/** A grant, or what stands in its way. */
export type AcquireAnswer =
  | { kind: "granted"; lease: Lease; repeated: boolean; taken_over_from: string | null }
  | { kind: "held"; lease: Lease }
  | { kind: "scope_overlap"; lease: Lease; pairs: readonly (readonly [string, string])[] }
  | { kind: "key_reused"; lease: Lease };

/** Why a holder may no longer act on a lease. */
export type LeaseLost =
  | { kind: "fenced"; current: Lease | null }
  | { kind: "not_active"; lease: Lease }
  | { kind: "version_mismatch"; lease: Lease };

/** Held and not expired. Clocks decide only this; tokens keep writes safe (REL-51). */
export function isLive(lease: Lease, now: Moment): boolean {
  return lease.state === "held" && now.ms < (instantMs(lease.expires_at) ?? Number.POSITIVE_INFINITY);
}

/** The lease of this holder and token, live (REL-48). */
export function fenceHolds(current: Lease | null, ref: Pick<LeaseRef, "holder" | "token">, now: Moment): boolean {
  return current !== null && isOf(current, ref) && isLive(current, now);
}

/** A grant, or what stands in its way, in the order of CMD-101. `repeated` answers change nothing and need no write. */
export function acquireLease(key: LeaseKey, request: LeaseRequest, ground: LeaseGround, now: Moment): AcquireAnswer {
  const { current } = ground;
  const live = current !== null && isLive(current, now) ? current : null;
  if (live !== null && request.idempotency_key !== undefined && live.idempotency_key === request.idempotency_key) {
    return sameArguments(live, request)
      ? { kind: "granted", lease: live, repeated: true, taken_over_from: live.taken_over_from }
      : { kind: "key_reused", lease: live };
  }
  if (live !== null && request.take_over === undefined) return { kind: "held", lease: live };
  for (const other of ground.others) {
    const pairs = isLive(other, now) ? overlappingScopes(request.write_scopes, other.write_scopes) : [];
    if (pairs.length > 0) return { kind: "scope_overlap", lease: other, pairs };
  }
  const takenOverFrom = live?.holder ?? null;
  return { kind: "granted", lease: grant(key, request, ground, now, takenOverFrom), repeated: false, taken_over_from: takenOverFrom };
}

/** The lease with a new expiry, or why it is lost. */
export function renewLease(
  current: Lease | null,
  ref: LeaseRef,
  options: { ttl_minutes: number; version?: number },
  now: Moment,
): { kind: "renewed"; lease: Lease } | LeaseLost {
  if (current === null || !isOf(current, ref)) return { kind: "fenced", current };
  if (!isLive(current, now)) return { kind: "not_active", lease: current };
  if (options.version !== undefined && options.version !== current.version) return { kind: "version_mismatch", lease: current };
  const lease = {
    ...current,
    version: current.version + 1,
    ttl_minutes: options.ttl_minutes,
    renewed_at: written(now),
    expires_at: written(now, options.ttl_minutes),
  };
  return { kind: "renewed", lease };
}

/** The lease as released; releasing it again changes nothing (REL-50). */
export function releaseLease(
  current: Lease | null,
  ref: LeaseRef,
  options: { version?: number },
  now: Moment,
): { kind: "released"; lease: Lease; changed: boolean } | LeaseLost {
  if (current === null || !isOf(current, ref)) return { kind: "fenced", current };
  if (current.state === "released") return { kind: "released", lease: current, changed: false };
  if (!isLive(current, now)) return { kind: "not_active", lease: current };
  if (options.version !== undefined && options.version !== current.version) return { kind: "version_mismatch", lease: current };
  return {
    kind: "released",
    lease: { ...current, state: "released", version: current.version + 1, released_at: written(now) },
    changed: true,
  };
}

function grant(key: LeaseKey, request: LeaseRequest, ground: LeaseGround, now: Moment, takenOverFrom: string | null): Lease {
  return {
    schema_version: "loopx_lease_v1",
    ...("goal_id" in key ? { goal_id: key.goal_id, todo_id: key.todo_id } : { executor: key.executor, item: key.item }),
    state: "held",
    holder: request.holder,
    token: Math.max(ground.current?.token ?? 0, ground.archived_token) + 1,
    version: (ground.current?.version ?? 0) + 1,
    ttl_minutes: request.ttl_minutes,
    acquired_at: written(now),
    renewed_at: null,
    expires_at: written(now, request.ttl_minutes),
    released_at: null,
    write_scopes: [...request.write_scopes],
    idempotency_key: request.idempotency_key ?? null,
    taken_over_from: takenOverFrom,
    ...(takenOverFrom === null || request.take_over === undefined ? {} : { take_over_reason: request.take_over.reason }),
  };
}

function isOf(lease: Lease, ref: Pick<LeaseRef, "holder" | "token">): boolean {
  return lease.holder === ref.holder && lease.token === ref.token;
}

/** `take_over` is not compared: the repeated call of a take-over finds its own lease live. */
function sameArguments(lease: Lease, request: LeaseRequest): boolean {
  return (
    lease.holder === request.holder &&
    lease.ttl_minutes === request.ttl_minutes &&
    lease.write_scopes.length === request.write_scopes.length &&
    lease.write_scopes.every((scope, index) => scope === request.write_scopes[index])
  );
}

function written(now: Moment, minutesLater = 0): string {
  return formatInstant({ ...now, ms: now.ms + minutesLater * MINUTE_MS }, "milliseconds");
}
