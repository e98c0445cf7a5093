import type { GoalId, TodoId } from "../domain/ids.ts";
import type { Lease, LeaseKey, LeaseRef } from "../domain/lease/lease.ts";
import type { AcquireAnswer, LeaseLost, LeaseRequest } from "../domain/lease/rules.ts";
import type { Busy } from "./lock.ts";
import type { Unreadable } from "./unreadable.ts";

export type { Lease, LeaseKey, LeaseLost, LeaseRef, LeaseRequest };
/** The lease a write relies on; checked inside the lock of the write (REL-48). */
export type Fence = LeaseRef;

/** Whose leases: a goal's, or an executor's. One lock covers them all. */
export type LeaseScope = { readonly goal_id: GoalId } | { readonly executor: string };

/** `unreadable` here means the lease file counts as held by an unknown holder (FIL-83). */
export type LeaseTrouble = Busy | Unreadable;

/** A grant, or what stands in its way (REL-49). `not_asked`: the wish came to nothing. */
export type AcquireOutcome = AcquireAnswer | { readonly kind: "not_asked" } | LeaseTrouble;

/** The leases of a scope in any state, and the files in the way: each counts as held by an unknown holder (FIL-83). */
export interface LeaseListing {
  readonly leases: readonly Lease[];
  readonly unreadable: readonly Unreadable[];
}

/**
 * A request that rests on a goal's state: decided under the lease lock, on the state as it stands there. Null asks for
 * nothing. Writers of the state that take the leases into account hold the same lock (`leases_of`), so of a claim and a
 * grant of one todo only one can happen.
 */
export interface StateWish {
  readonly state_of: GoalId;
  readonly decide: (state: string | null, current: Lease | null) => LeaseRequest | null;
}

/** Which leases are not even looked at: a goal keeps one for every todo that ever had one. */
export interface ListOptions {
  /** Asked for each todo or item; of an executor none is passed over. */
  readonly skip?: (todo_id: TodoId) => boolean;
}

/** Looks at the leases where no grant can come between the look and the write. */
export type LeaseLook = (options?: ListOptions) => LeaseListing;

/** Hard, timed, fenced ownership (FIL-80 to FIL-83). A request over a limit of REL-105 throws `invalid_value`. */
export interface Leases {
  acquire(key: LeaseKey, wish: LeaseRequest | StateWish): Promise<AcquireOutcome>;
  /** What `acquire` would answer now. It takes no lock and writes nothing, so the real call may answer otherwise. */
  preview(key: LeaseKey, wish: LeaseRequest | StateWish): Promise<AcquireOutcome>;
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
  list(scope: LeaseScope, options?: ListOptions): Promise<LeaseListing>;
}
