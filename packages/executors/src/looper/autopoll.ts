/**
 * Whether an idle service starts a run by itself: an ordered list of reasons, the first that answers wins (LPR-51, LPR-52).
 * Pure; every counter is part of the state, which survives a restart.
 */

const DAY_MS = 86_400_000;
const MAX_BACKOFF_MS = 6 * 3_600_000;

/** What is remembered between ticks and restarts. */
export interface AutoState {
  /** Automatic runs in a row that did not end `ok`. */
  readonly failures: number;
  /** No automatic start before this instant. */
  readonly not_before_ms: number;
  /** Automatic starts of the last 24 hours. */
  readonly starts_ms: readonly number[];
  /** Too many failures in a row: only a person, or a manual run that ends `ok`, closes it again. */
  readonly breaker_open: boolean;
}

export const FRESH: AutoState = { failures: 0, not_before_ms: 0, starts_ms: [], breaker_open: false };

/** What a tick sees beside the state. */
export interface TickFacts {
  readonly request_running: boolean;
  readonly runs_alive: number;
  /** When the newest run log was changed; null without one. */
  readonly newest_log_ms: number | null;
  /** Why the goal may not run; null when it may, or when there is none. */
  readonly goal_refusal: string | null;
}

export interface AutoLimits {
  readonly poll_seconds: number;
  readonly stale_seconds: number;
  readonly max_runs_per_day: number;
  readonly max_failures: number;
}

export type TickReason =
  | "run_lock_busy"
  | "alive_tasks"
  | "recent_log_activity"
  | "goal_not_runnable"
  | "paused_after_failures"
  | "backing_off"
  | "daily_cap"
  | "start";

interface Tick {
  readonly state: AutoState;
  readonly facts: TickFacts;
  readonly limits: AutoLimits;
  readonly now_ms: number;
}

const REASONS: readonly (readonly [TickReason, (tick: Tick) => boolean])[] = [
  ["run_lock_busy", ({ facts }) => facts.request_running],
  ["alive_tasks", ({ facts }) => facts.runs_alive > 0],
  [
    "recent_log_activity",
    ({ facts, limits, now_ms }) => facts.newest_log_ms !== null && now_ms - facts.newest_log_ms < limits.stale_seconds * 1_000,
  ],
  ["goal_not_runnable", ({ facts }) => facts.goal_refusal !== null],
  ["paused_after_failures", ({ state }) => state.breaker_open],
  ["backing_off", ({ state, now_ms }) => now_ms < state.not_before_ms],
  ["daily_cap", ({ state, limits, now_ms }) => lastDay(state, now_ms).length >= limits.max_runs_per_day],
];

/** The one reason of this tick. A log that changed in the future counts as activity. */
export function decideTick(state: AutoState, facts: TickFacts, limits: AutoLimits, now_ms: number): TickReason {
  const tick = { state, facts, limits, now_ms };
  return REASONS.find(([, holds]) => holds(tick))?.[0] ?? "start";
}

/** After an automatic start. */
export function afterStart(state: AutoState, now_ms: number): AutoState {
  return { ...state, starts_ms: [...lastDay(state, now_ms), now_ms] };
}

/** After a run of any trigger; `opened` says that this failure was one too many. */
export function afterEnd(
  state: AutoState,
  run: { readonly trigger: "http" | "auto"; readonly ok: boolean },
  limits: AutoLimits,
  now_ms: number,
): { readonly state: AutoState; readonly opened: boolean } {
  if (run.ok) return { state: { ...state, failures: 0, not_before_ms: 0, breaker_open: false }, opened: false };
  if (run.trigger === "http") return { state, opened: false };
  const failures = state.failures + 1;
  const wait = Math.min(MAX_BACKOFF_MS, limits.poll_seconds * 1_000 * 2 ** Math.min(failures - 1, 30));
  const breaker_open = state.breaker_open || failures >= limits.max_failures;
  return { state: { ...state, failures, not_before_ms: now_ms + wait, breaker_open }, opened: breaker_open && !state.breaker_open };
}

function lastDay({ starts_ms }: AutoState, now_ms: number): readonly number[] {
  return starts_ms.filter((start) => now_ms - start < DAY_MS);
}
