import type { GoalId, TodoId } from "../domain/ids.ts";
import type { Unreadable } from "./unreadable.ts";
import type { Busy } from "./lock.ts";

export type LeaseKey = { goal_id: GoalId; todo_id: TodoId } | { executor: string; item: string };
export type LeaseRef = LeaseKey & { holder: string; token: number };
/** The lease a write relies on; checked inside the lock of the write (REL-48). */
export type Fence = LeaseRef;

/** One lease record (FIL-80). `state` is stored, expiry is computed from `expires_at`. */
export interface Lease {
  readonly schema_version: "loopx_lease_v1";
  readonly goal_id?: GoalId;
  readonly todo_id?: TodoId;
  readonly executor?: string;
  readonly item?: string;
  readonly state: "held" | "released";
  readonly holder: string;
  readonly token: number;
  readonly version: number;
  readonly ttl_minutes: number;
  readonly acquired_at: string;
  readonly renewed_at: string | null;
  readonly expires_at: string;
  readonly released_at: string | null;
  readonly write_scopes: readonly string[];
  readonly idempotency_key: string | null;
  readonly taken_over_from: string | null;
}

export type LeaseLost =
  | { kind: "fenced"; current: Lease | null }
  | { kind: "not_active"; lease: Lease }
  | { kind: "version_mismatch"; lease: Lease };

/** `unreadable` here means the lease file counts as held by an unknown holder (FIL-83). */
export type LeaseTrouble = Busy | Unreadable;

export interface LeaseRequest {
  readonly holder: string;
  readonly ttl_minutes: number;
  readonly write_scopes: readonly string[];
  readonly idempotency_key?: string;
  readonly take_over?: { reason: string };
}

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
