import { describe, expect, test } from "vitest";
import { afterEnd, afterStart, decideTick, FRESH, type AutoState, type TickFacts, type TickReason } from "./autopoll.ts";

const NOW = 1_800_000_000_000;
const LIMITS = { poll_seconds: 300, stale_seconds: 600, max_runs_per_day: 48, max_failures: 5 };
const quiet: TickFacts = { request_running: false, runs_alive: 0, newest_log_ms: null, goal_refusal: null };
const HOUR = 3_600_000;

describe("a tick (LPR-51)", () => {
  test.each<[TickReason, Partial<TickFacts>, Partial<AutoState>]>([
    ["start", {}, {}],
    ["run_lock_busy", { request_running: true, runs_alive: 1, goal_refusal: "paused" }, { breaker_open: true }],
    ["alive_tasks", { runs_alive: 1, newest_log_ms: NOW }, {}],
    ["recent_log_activity", { newest_log_ms: NOW - 599_000, goal_refusal: "paused" }, {}],
    ["recent_log_activity", { newest_log_ms: NOW + 10_000 }, {}],
    ["start", { newest_log_ms: NOW - 600_000 }, {}],
    ["goal_not_runnable", { goal_refusal: "paused" }, { breaker_open: true }],
    ["paused_after_failures", {}, { breaker_open: true, not_before_ms: NOW + 1 }],
    ["backing_off", {}, { not_before_ms: NOW + 1, starts_ms: Array<number>(48).fill(NOW - 1) }],
    ["start", {}, { not_before_ms: NOW }],
    ["daily_cap", {}, { starts_ms: Array<number>(48).fill(NOW - 1) }],
    ["start", {}, { starts_ms: [...Array<number>(47).fill(NOW - 1), NOW - 24 * HOUR] }],
  ])("%s: %j %j", (reason, facts, state) => {
    expect(decideTick({ ...FRESH, ...state }, { ...quiet, ...facts }, LIMITS, NOW)).toBe(reason);
  });
});

describe("failures of automatic runs (LPR-52)", () => {
  test("double the wait up to 6 hours, and the fifth in a row opens the breaker", () => {
    let state = FRESH;
    const seen: [number, boolean][] = [];
    for (let run = 1; run <= 9; run += 1) {
      const after = afterEnd(state, { trigger: "auto", ok: false }, LIMITS, NOW);
      seen.push([(after.state.not_before_ms - NOW) / 60_000, after.opened]);
      state = after.state;
    }
    expect(seen).toEqual([
      [5, false],
      [10, false],
      [20, false],
      [40, false],
      [80, true],
      [160, false],
      [320, false],
      [360, false],
      [360, false],
    ]);
  });

  test("are forgotten after any run that ends well; a manual failure is not counted", () => {
    const open = { ...FRESH, failures: 5, not_before_ms: NOW + HOUR, breaker_open: true };
    expect(afterEnd(open, { trigger: "http", ok: false }, LIMITS, NOW)).toEqual({ state: open, opened: false });
    expect(afterEnd(open, { trigger: "http", ok: true }, LIMITS, NOW).state).toMatchObject({
      failures: 0,
      not_before_ms: 0,
      breaker_open: false,
    });
  });

  test("a crashing agent is not restarted for ever: a day of ticks stays within back-off and cap (LPR-77)", () => {
    for (const failing of [true, false]) {
      let state = FRESH;
      let starts = 0;
      for (let now = NOW; now < NOW + 24 * HOUR; now += LIMITS.poll_seconds * 1_000) {
        if (decideTick(state, quiet, LIMITS, now) !== "start") continue;
        starts += 1;
        state = afterEnd(afterStart(state, now), { trigger: "auto", ok: !failing }, LIMITS, now + 1_000).state;
      }
      expect(starts).toBe(failing ? 5 : 48);
    }
  });
});
