import { describe, expect, test } from "vitest";
import type { CycleResult } from "./cycle.ts";
import { EMPTY_MEMORY, type Memory } from "./memory.ts";
import { FAULT_WAITS_MS, LONGEST_QUIET_MS, nextMove, QUIET_MS, QUOTA_MS, TIDY_MS, type Move, type WatchFacts } from "./schedule.ts";

const SHA = "a".repeat(40);
const OTHER = "b".repeat(40);
const NOW = 10_000_000;
const ended = (sha: string, result: CycleResult) => ({ sha, result, reason: "", at: "", cycle_id: "c" });
const memory = (more: Partial<Memory>): Memory => ({ ...EMPTY_MEMORY, ...more });
const facts: WatchFacts = {
  main_sha: SHA,
  quiet_since_ms: NOW - QUIET_MS,
  moving_since_ms: NOW - QUIET_MS,
  requests: [],
  memory: EMPTY_MEMORY,
  last: null,
  polling: true,
  answered: false,
};
const cycle = (go_on = false, requests: readonly string[] = [], base_sha = SHA): Move => ({ kind: "cycle", base_sha, go_on, requests });
const after = (result: CycleResult, ms: number, more: Partial<WatchFacts> = {}): Partial<WatchFacts> => ({
  last: { sha: SHA, result, at_ms: NOW - ms },
  ...more,
});
const WAIT: Move = { kind: "wait" };

describe("a watcher (WTL-35, WTL-36)", () => {
  test.each<[string, Partial<WatchFacts>, Move]>([
    ["runs a new commit that is quiet", {}, cycle()],
    ["lets a fresh commit settle", { quiet_since_ms: NOW - 1 }, WAIT],
    [
      "waits no longer than a minute for a branch that never settles",
      { quiet_since_ms: NOW, moving_since_ms: NOW - LONGEST_QUIET_MS },
      cycle(),
    ],
    ["looks for no commit when it only takes requests", { polling: false }, WAIT],
    ["leaves a commit alone that is done with", { memory: memory({ ended: [ended(SHA, "gate_failed")] }) }, WAIT],
    ["leaves its own promotion alone (WTL-140)", { memory: memory({ promoted_sha: SHA }) }, WAIT],
    ["runs a commit whose only cycle was a fault", { memory: memory({ ended: [ended(OTHER, "validated")] }) }, cycle()],
    ["tries a dirty main folder again after a minute, with the verdicts it has", after("main_dirty", TIDY_MS), cycle(true)],
    ["and not before", after("main_dirty", TIDY_MS - 1), WAIT],
    ["waits for the answer of a person", after("awaiting_gate", 1e9), WAIT],
    ["goes on when it is there", after("awaiting_gate", 0, { answered: true }), cycle(true)],
    ["asks for quota again after half a minute", after("skipped_quota", QUOTA_MS), cycle()],
    ["and not before", after("skipped_quota", QUOTA_MS - 1), WAIT],
    ["waits after a first fault", after("infra_error", FAULT_WAITS_MS[0] - 1, { memory: memory({ faults_in_row: 1 }) }), WAIT],
    ["and tries again", after("infra_error", FAULT_WAITS_MS[0], { memory: memory({ faults_in_row: 1 }) }), cycle()],
    ["waits longer after a second one", after("aborted", FAULT_WAITS_MS[1] - 1, { memory: memory({ faults_in_row: 2 }) }), WAIT],
    ["gives up after a fourth", after("infra_error", 1e9, { memory: memory({ faults_in_row: 4 }) }), WAIT],
    ["does not press a busy lock", after("busy", 1), WAIT],
    [
      "runs a requested commit at once",
      { requests: [{ request_id: "r1", base_sha: OTHER, retry: false }], quiet_since_ms: NOW },
      cycle(false, ["r1"], OTHER),
    ],
    [
      "makes one cycle of requests for one commit",
      {
        requests: [
          { request_id: "r1", base_sha: null, retry: false },
          { request_id: "r2", base_sha: SHA, retry: false },
        ],
      },
      cycle(false, ["r1", "r2"]),
    ],
    [
      "drops a request for a commit that is done with",
      { requests: [{ request_id: "r1", base_sha: null, retry: false }], memory: memory({ ended: [ended(SHA, "validated")] }) },
      { kind: "drop", requests: ["r1"], done: ended(SHA, "validated") },
    ],
    [
      "runs it again when that is what was asked for",
      { requests: [{ request_id: "r1", base_sha: null, retry: true }], memory: memory({ ended: [ended(SHA, "validated")] }) },
      cycle(false, ["r1"]),
    ],
  ])("%s", (_what, more, move) => {
    expect(nextMove({ ...facts, ...more }, NOW)).toEqual(move);
  });
});

describe("a day of a watcher, a look each 2 s by a clock of its own (WTL-135)", () => {
  /** How often cycles of a commit began when each ends so. */
  function cyclesOfDay(result: CycleResult, main = (_at: number): string => SHA): readonly number[] {
    let [last, state, seen]: [WatchFacts["last"], Memory, { sha: string; at: number }] = [null, EMPTY_MEMORY, { sha: SHA, at: -QUIET_MS }];
    const begun: number[] = [];
    for (let now = 0; now < 86_400_000; now += 2_000) {
      if (main(now) !== seen.sha) seen = { sha: main(now), at: now };
      const { sha: main_sha, at } = seen;
      const move = nextMove({ ...facts, main_sha, quiet_since_ms: at, moving_since_ms: at, memory: state, last }, now);
      if (move.kind !== "cycle") continue;
      begun.push(now);
      last = { sha: main_sha, result, at_ms: now };
      const faults = result === "infra_error" || result === "aborted" ? state.faults_in_row + 1 : 0;
      state = { ...state, ended: [...state.ended, ended(main_sha, result)].slice(-200), faults_in_row: faults };
    }
    return begun;
  }

  test.each<CycleResult>(["validated", "promoted", "gate_failed", "fix_exhausted", "deploy_failed", "rejected"])(
    "does a commit once that ended with %s",
    (result) => expect(cyclesOfDay(result)).toEqual([0]),
  );

  test("tries an infrastructure fault again after 30 s, 2 and 10 minutes, and then waits for a person", () => {
    expect(cyclesOfDay("infra_error")).toEqual([0, 30_000, 150_000, 750_000]);
    expect(cyclesOfDay("aborted")).toEqual([0, 30_000, 150_000, 750_000]);
  });

  test("does each commit of a branch that moves under every cycle once, and one that it comes back to after a minute", () => {
    const begun = cyclesOfDay("base_moved", (at) => String(Math.floor(at / 60_000)).padStart(40, "0"));
    expect([begun.length, Math.min(...begun.slice(1).map((at, index) => at - (begun[index] ?? 0)))]).toEqual([1_440, 60_000]);
    expect(cyclesOfDay("base_moved").length).toBeLessThanOrEqual(1_440);
  });
});
