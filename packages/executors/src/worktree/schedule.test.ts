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
