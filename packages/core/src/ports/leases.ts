import type { GoalId } from "../domain/ids.ts";
import type { Lease, LeaseKey, LeaseRef } from "../domain/lease/lease.ts";
import type { LeaseLost, LeaseRequest } from "../domain/lease/rules.ts";
import type { Unreadable } from "./unreadable.ts";
import type { Busy } from "./lock.ts";

export type { Lease, LeaseKey, LeaseLost, LeaseRef, LeaseRequest };
/** The lease a write relies on; checked inside the lock of the write (REL-48). */
export type Fence = LeaseRef;

/** `unreadable` here means the lease file counts as held by an unknown holder (FIL-83). */
export type LeaseTrouble = Busy | Unreadable;

/** Hard, timed, fenced ownership (FIL-80 to FIL-83). */
export interface Leases {
  acquire(
    key: LeaseKey,
    request: LeaseRequest,
  ): Promise<
    | { kind: "granted"; lease: Lease; repeated: boolean; taken_over_from: string | null }
    | { kind: "held"; lease: Lease }
    | { kind: "scope_overlap"; lease: Lease; pairs: readonly (readonly [string, string])[] }
    | { kind: "key_reused"; lease: Lease }
    | LeaseTrouble
  >;
  renew(ref: LeaseRef, options: { ttl_minutes: number; version?: number }): Promise<{ kind: "renewed"; lease: Lease } | LeaseLost | LeaseTrouble>;
  release(ref: LeaseRef, options?: { version?: number }): Promise<{ kind: "released"; lease: Lease; changed: boolean } | LeaseLost | LeaseTrouble>;
  list(scope: { goal_id: GoalId } | { executor: string }): Promise<readonly Lease[]>;
}
