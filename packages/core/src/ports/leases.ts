import type { GoalId } from "../domain/ids.ts";
import type { Lease, LeaseKey, LeaseRef } from "../domain/lease/lease.ts";
import type { AcquireAnswer, LeaseLost, LeaseRequest } from "../domain/lease/rules.ts";
import type { Unreadable } from "./unreadable.ts";
import type { Busy } from "./lock.ts";

export type { Lease, LeaseKey, LeaseLost, LeaseRef, LeaseRequest };
/** The lease a write relies on; checked inside the lock of the write (REL-48). */
export type Fence = LeaseRef;

/** `unreadable` here means the lease file counts as held by an unknown holder (FIL-83). */
export type LeaseTrouble = Busy | Unreadable;

/** A grant, or what stands in its way (REL-49). */
export type AcquireOutcome = AcquireAnswer | LeaseTrouble;

/** Hard, timed, fenced ownership (FIL-80 to FIL-83). A request over a limit of REL-105 throws `invalid_value`. */
export interface Leases {
  acquire(key: LeaseKey, request: LeaseRequest): Promise<AcquireOutcome>;
  /** What `acquire` would answer now. It takes no lock and writes nothing, so the real call may answer otherwise. */
  preview(key: LeaseKey, request: LeaseRequest): Promise<AcquireOutcome>;
  /** The record as it stands: held, released or expired. */
  read(key: LeaseKey): Promise<{ kind: "found"; lease: Lease } | { kind: "absent" } | Unreadable>;
  renew(
    ref: LeaseRef,
    options: { ttl_minutes: number; version?: number },
  ): Promise<{ kind: "renewed"; lease: Lease } | LeaseLost | LeaseTrouble>;
  release(
    ref: LeaseRef,
    options?: { version?: number },
  ): Promise<{ kind: "released"; lease: Lease; changed: boolean } | LeaseLost | LeaseTrouble>;
  list(scope: { goal_id: GoalId } | { executor: string }): Promise<readonly Lease[]>;
}
