/** The leases a write relies on or takes into account, held still while the write is committed (REL-48, FIL-82). */
import type { Fence, Lease, LeaseLook, LeaseScope } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";

/** The lease lock in hand: no grant can come between `fenced` or `list` and `release`. */
export interface LeaseGuard {
  readonly kind: "held";
  /** Null when the lease is live with that holder and token. */
  fenced(fence: Fence): { kind: "fenced"; current: Lease | null } | null;
  readonly list: LeaseLook;
  isOurs(): boolean;
  release(): Promise<void>;
}

export type GuardLeases = (scope: LeaseScope) => Promise<LeaseGuard | Busy | Unreadable>;
