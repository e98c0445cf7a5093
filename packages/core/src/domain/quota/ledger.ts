/**
 * The quota of a goal from its ledger (DEC-20 to DEC-23, FIL-68). Exact arithmetic over rows of one window;
 * the registry's own `spent_slots` is never asked, and nothing is written.
 */
import { finding, type Finding } from "../finding.ts";
import type { QuotaPolicy } from "../goal/entry.ts";
import type { History, SpendEvent } from "../run/history.ts";
import { instantKey } from "../run/order.ts";
import type { Moment } from "../time.ts";
import type { QuotaFacts } from "./facts.ts";

export const HOUR_MS = 3_600_000;
/** What a spend counts that says nowhere how many slots it took (FIL-68). */
export const SLOTS_WHEN_UNKNOWN = 1;
/** A record this far ahead of now is reported (REL-91). */
export const SKEW_ALLOWED_MS = 5 * 60_000;

/** A goal's quota as counted, and what was odd about the counting. */
export interface Ledger {
  readonly quota: QuotaFacts;
  readonly findings: readonly Finding[];
}

/** The quota now, and what is odd about the rows it was counted from. Both ends of the window are inside; later rows are ignored. */
export function quotaFacts(policy: QuotaPolicy, goalStatus: string, history: Pick<History, "spends" | "voids">, now: Moment): Ledger {
  const window_ms = policy.window_hours * HOUR_MS;
  const start = now.ms - window_ms;
  const inWindow = (row: { at_ms: number | null }): boolean => row.at_ms !== null && row.at_ms >= start && row.at_ms <= now.ms;
  const spends = history.spends.filter(inWindow);
  const voids = history.voids.filter(inWindow);
  const left = slotsLeft(spends, voids);
  const spent_slots = sum(left.values());
  const oldest = oldestCounted(spends, left);
  const quota: QuotaFacts = {
    compute: policy.compute,
    window_hours: policy.window_hours,
    slot_minutes: policy.slot_minutes,
    allowed_slots: policy.allowed_slots,
    spent_slots,
    remaining_slots: Math.max(0, policy.allowed_slots - spent_slots),
    state: quotaState(policy, goalStatus, spent_slots),
    window_start_ms: start,
    spend_event_count: spends.length,
    void_event_count: voids.length,
    // The end is inside the window, so a slot frees one millisecond after it.
    next_slot_at_ms: oldest === null ? null : oldest + window_ms + 1,
  };
  return { quota, findings: findingsOf(spends, history, now) };
}

/** Pause beats all; no allowed slots means none, never unlimited (DEC-22, DEC-23). */
export function quotaState(
  policy: Pick<QuotaPolicy, "compute" | "allowed_slots">,
  goalStatus: string,
  spent_slots: number,
): QuotaFacts["state"] {
  if (policy.compute === 0 || goalStatus.trim().toLowerCase() === "paused") return "paused";
  return spent_slots >= policy.allowed_slots ? "throttled" : "eligible";
}

/** Slots that still count, by the instant of their key. */
function slotsLeft(spends: readonly SpendEvent[], voids: History["voids"]): Map<string, number> {
  const left = new Map<string, number>();
  for (const spend of spends) add(left, instantKey(spend.key), spend.slots ?? SLOTS_WHEN_UNKNOWN);
  const voided = new Map<string, number>();
  for (const undone of voids) add(voided, instantKey(undone.key), undone.slots ?? SLOTS_WHEN_UNKNOWN);
  for (const [key, slots] of left) left.set(key, Math.max(0, slots - (voided.get(key) ?? 0)));
  return left;
}

function oldestCounted(spends: readonly SpendEvent[], left: ReadonlyMap<string, number>): number | null {
  const counted = spends.filter((spend) => (left.get(instantKey(spend.key)) ?? 0) > 0).map((spend) => spend.at_ms ?? Infinity);
  const oldest = counted.reduce((least, at) => Math.min(least, at), Infinity);
  return oldest === Infinity ? null : oldest;
}

function findingsOf(spends: readonly SpendEvent[], history: Pick<History, "spends" | "voids">, now: Moment): Finding[] {
  const findings: Finding[] = [];
  const silent = spends.filter((spend) => spend.slots === null);
  const [first] = silent;
  if (first !== undefined) {
    const more = silent.length > 1 ? ` (${silent.length} such rows)` : "";
    findings.push(
      finding("quota_event_missing", `the spend of ${first.generated_at} says nowhere how many slots it took; 1 is counted${more}`, {
        line: first.ordinal,
      }),
    );
  }
  const ahead = [...history.spends, ...history.voids].find((row) => row.at_ms !== null && row.at_ms > now.ms + SKEW_ALLOWED_MS);
  if (ahead !== undefined) {
    findings.push(
      finding("clock_skew", `the quota row of ${ahead.generated_at} lies in the future; it does not count yet`, { line: ahead.ordinal }),
    );
  }
  return findings;
}

function add(sums: Map<string, number>, key: string, slots: number): void {
  sums.set(key, (sums.get(key) ?? 0) + slots);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
