/** The lease a write relies on, held still while the write is committed (REL-48, FIL-82). */
import type { Fence, Lease } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";

/** The lease lock in hand: no other grant can come between `check` and `release`. */
export interface FenceGuard {
  readonly kind: "held";
  /** Null when the lease is live with that holder and token. */
  check(): { kind: "fenced"; current: Lease | null } | null;
  isOurs(): boolean;
  release(): Promise<void>;
}

export type TakeFence = (fence: Fence) => Promise<FenceGuard | Busy | Unreadable>;
