/** Wrong tokens make the next answers to their address slow (REL-134, LPR-12). Pure; who keeps the list is the server. */

const WINDOW_MS = 60_000;
const FREE_FAILURES = 5;
const DELAY_MS = 1_000;
/** Addresses that are remembered; more are forgotten, the oldest first. */
const MAX_ADDRESSES = 1_000;

/** Failures by address, within the last minute. */
export type Failures = ReadonlyMap<string, readonly number[]>;

/** After one more failure of that address. */
export function afterFailure(failures: Failures, address: string, now_ms: number): Failures {
  const recent = recentOf(failures, address, now_ms);
  const next = new Map(failures);
  next.delete(address);
  next.set(address, [...recent, now_ms].slice(-FREE_FAILURES - 1));
  for (const oldest of next.keys()) {
    if (next.size <= MAX_ADDRESSES) break;
    next.delete(oldest);
  }
  return next;
}

/** How long the next answer to that address waits. */
export function delayMs(failures: Failures, address: string, now_ms: number): number {
  return recentOf(failures, address, now_ms).length >= FREE_FAILURES ? DELAY_MS : 0;
}

function recentOf(failures: Failures, address: string, now_ms: number): readonly number[] {
  return (failures.get(address) ?? []).filter((at) => now_ms - at < WINDOW_MS);
}
