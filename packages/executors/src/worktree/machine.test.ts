import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  newCycle,
  PHASES,
  RESULTS,
  type Cycle,
  type CycleEffect,
  type CycleEvent,
  type CycleStart,
  type Failure,
  type Phase,
  type Tier,
} from "./cycle.ts";
import { cycleMachine, step } from "./machine.ts";

const BASE = "a".repeat(40);
const FIXED = "b".repeat(40);

const start: CycleStart = {
  cycle_id: "cycle_1",
  profile: "worktree",
  base_sha: BASE,
  started_at: "2026-11-21T10:00:00.000+00:00",
  limits: { max_cycles: 5, max_retries: 3, max_slow_fixes: 2 },
  fix_enabled: true,
  starts_test: false,
  has_slow_gate: true,
  tested_candidate: null,
};
const at = (phase: Phase, more: Partial<Cycle> = {}): Cycle => ({ ...newCycle(start), attempt: 1, ...more, phase });
const failure = (tier: Tier): Failure => ({ tier, step: "unit", exit_code: 1, reason: "exit code 1", log: "/l" });
const gate = (tier: "fast" | "slow", passed: boolean): CycleEvent => ({
  kind: "gate",
  verdict: { tier, passed, flaky: false, failed_step: passed ? null : "unit" },
  failure: passed ? null : failure(tier),
});

/** `notice, notice, phase` in one line. */
const asked = (effects: readonly CycleEffect[]): string =>
  effects.map((effect) => (effect.kind === "phase" ? effect.phase : `${effect.notice}${effect.repairing ? "!" : ""}`)).join(" ");

describe("the cycle machine (WTL-30)", () => {
  test.each<[Phase, CycleEvent, Partial<Cycle>, Phase, string]>([
    ["admit", { kind: "begin" }, {}, "admit", "admit"],
    ["admit", { kind: "allowed" }, {}, "lock", "lock"],
    ["admit", { kind: "denied", rule: "paused" }, {}, "done", ""],
    ["lock", { kind: "got" }, {}, "ensure", "ensure"],
    ["lock", { kind: "held", by: "pid 7" }, {}, "done", ""],
    ["lock", { kind: "finished", result: "promoted", candidate_sha: FIXED, reason: "" }, {}, "done", ""],
    ["ensure", { kind: "ok" }, {}, "stop_test", "stop_test"],
    ["ensure", { kind: "ok" }, { from_approve: true }, "approve", "approve"],
    ["stop_test", { kind: "stopped", was_running: true }, {}, "reset", "reset"],
    ["reset", { kind: "ok" }, {}, "prepare", "prepare"],
    ["prepare", { kind: "ok" }, {}, "build", "build_begins build"],
    ["build", { kind: "ok" }, {}, "fast_gate", "fast_gate_begins fast_gate"],
    ["build", { kind: "ok" }, { starts_test: true }, "start_test", "start_test start_test"],
    ["build", { kind: "failed", failure: failure("build") }, {}, "fix", "build_failed! fix"],
    ["build", { kind: "failed", failure: failure("build") }, { fix_enabled: false }, "record", "build_failed record"],
    ["start_test", { kind: "ready" }, {}, "fast_gate", "fast_gate_begins fast_gate"],
    ["start_test", { kind: "not_ready", reason: "x" }, {}, "fix", "start_test_failed! fix"],
    ["start_test", { kind: "foreign_port", reason: "pid 9" }, {}, "record", "ended record"],
    ["fast_gate", gate("fast", true), {}, "slow_gate", "slow_gate"],
    ["fast_gate", gate("fast", true), { has_slow_gate: false }, "approve", "passed approve"],
    ["fast_gate", gate("fast", false), {}, "fix", "gate_failed! fix"],
    ["fast_gate", gate("fast", false), { fix_enabled: false }, "record", "gate_failed record"],
    ["fast_gate", gate("fast", false), { attempt: 5 }, "record", "ended record"],
    ["slow_gate", gate("slow", true), {}, "approve", "passed approve"],
    ["slow_gate", gate("slow", false), { slow_fixes: 1 }, "fix", "gate_failed! fix"],
    ["slow_gate", gate("slow", false), { slow_fixes: 2 }, "record", "ended record"],
    ["fix", { kind: "changed", run_id: "run_1" }, {}, "commit", "commit"],
    ["fix", { kind: "no_progress", reason: "x" }, { runs_in_round: 2 }, "fix", "fix"],
    ["fix", { kind: "no_progress", reason: "x" }, { runs_in_round: 3 }, "record", "ended record"],
    ["fix", { kind: "over_budget", reason: "x" }, {}, "record", "ended record"],
    ["fix", { kind: "denied", rule: "paused" }, {}, "record", "ended record"],
    ["commit", { kind: "committed", candidate_sha: FIXED }, {}, "build", "build_begins build"],
    ["commit", { kind: "no_progress", reason: "the same tree" }, { runs_in_round: 1 }, "fix", "fix"],
    ["approve", { kind: "not_needed" }, {}, "promote", "promote"],
    ["approve", { kind: "open" }, {}, "record", "ended record"],
    ["approve", { kind: "rejected", reason: "no" }, {}, "record", "ended record"],
    ["promote", { kind: "promoted" }, {}, "deploy_test", "deploy_test"],
    ["promote", { kind: "nothing_to_do" }, {}, "deploy_test", "deploy_test"],
    ["promote", { kind: "not_promoted", result: "main_dirty", reason: "a.txt" }, {}, "record", "ended record"],
    ["deploy_test", { kind: "ready" }, {}, "deploy_main", "deploy_main"],
    ["deploy_test", { kind: "not_ready", reason: "x" }, {}, "roll_back", "roll_back"],
    ["deploy_main", { kind: "ready" }, {}, "record", "main_ready record"],
    ["deploy_main", { kind: "foreign_port", reason: "x" }, {}, "roll_back", "roll_back"],
    ["roll_back", { kind: "rolled_back", reason: "" }, {}, "record", "ended record"],
    ["record", { kind: "recorded" }, {}, "done", ""],
    ["record", { kind: "fault", reason: "disk" }, {}, "done", ""],
    ["roll_back", { kind: "fault", reason: "disk" }, {}, "record", "ended record"],
    ["fast_gate", { kind: "fault", reason: "no such program" }, {}, "record", "ended record"],
    ["fast_gate", { kind: "recovered" }, {}, "clear", "clear"],
    ["clear", { kind: "ok" }, { attempt: 0 }, "ensure", "ensure"],
    ["clear", { kind: "ok" }, {}, "record", "ended record"],
    ["fast_gate", { kind: "aborted", reason: "x" }, {}, "record", "ended record"],
    ["done", { kind: "begin" }, {}, "done", ""],
  ])("in %s on %j with %j goes to %s, asking for: %s", (phase, event, more, next, effects) => {
    const answer = step(at(phase, more), event);
    expect([answer.state.phase, asked(answer.effects)]).toEqual([next, effects]);
  });

  test.each<[Phase, CycleEvent, Partial<Cycle>, string]>([
    ["fast_gate", gate("fast", false), { fix_enabled: false }, "gate_failed"],
    ["fast_gate", gate("fast", false), { attempt: 5 }, "fix_exhausted"],
    ["fast_gate", { kind: "fault", reason: "x" }, {}, "infra_error"],
    ["admit", { kind: "fault", reason: "x" }, {}, "infra_error"],
    ["lock", { kind: "aborted", reason: "x" }, {}, "aborted"],
    ["fast_gate", { kind: "got" }, {}, "infra_error"],
    ["slow_gate", gate("fast", true), {}, "infra_error"],
    ["fast_gate", gate("slow", true), {}, "infra_error"],
    ["deploy_main", { kind: "ready" }, {}, "validated"],
    ["deploy_main", { kind: "ready" }, { candidate_sha: FIXED }, "promoted"],
    ["roll_back", { kind: "fault", reason: "x" }, {}, "deploy_failed"],
    ["approve", { kind: "open" }, {}, "awaiting_gate"],
    ["fix", { kind: "denied", rule: "paused" }, {}, "gate_failed"],
  ])("in %s on %j with %j ends as %s", (phase, event, more, result) => {
    expect(step(at(phase, more), event).state.result).toBe(result);
  });

  test("begins a round of repairs anew with each build, and forgets what it passed", () => {
    const tired = at("commit", { runs_in_round: 3, passed: { fast: true, slow: false }, failure: failure("slow"), refusal: "x" });
    expect(step(tired, { kind: "committed", candidate_sha: FIXED }).state).toMatchObject({
      attempt: 2,
      runs_in_round: 0,
      candidate_sha: FIXED,
      passed: { fast: false, slow: false },
      failure: null,
      refusal: null,
    });
  });
});

/** Any event at all, likely ones more often. */
const reason = fc.constantFrom("a", "b");
const events: fc.Arbitrary<CycleEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<CycleEvent>(
      { kind: "ok" },
      { kind: "allowed" },
      { kind: "got" },
      { kind: "ready" },
      { kind: "stopped", was_running: true },
    ),
  },
  { weight: 5, arbitrary: fc.constantFrom(gate("fast", true), gate("fast", false), gate("slow", true), gate("slow", false)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<CycleEvent>(
      { kind: "changed", run_id: "run_1" },
      { kind: "committed", candidate_sha: FIXED },
      { kind: "failed", failure: failure("build") },
    ),
  },
  { weight: 3, arbitrary: reason.map((each): CycleEvent => ({ kind: "no_progress", reason: each })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<CycleEvent>(
      { kind: "approved" },
      { kind: "not_needed" },
      { kind: "promoted" },
      { kind: "nothing_to_do" },
      { kind: "recorded" },
      { kind: "not_ready", reason: "x" },
      { kind: "rolled_back", reason: "x" },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<CycleEvent>(
      { kind: "fault", reason: "x" },
      { kind: "aborted", reason: "x" },
      { kind: "recovered" },
      { kind: "open" },
      { kind: "rejected", reason: "x" },
      { kind: "denied", rule: "x" },
      { kind: "over_budget", reason: "x" },
      { kind: "foreign_port", reason: "x" },
      { kind: "not_promoted", result: "base_moved", reason: "x" },
    ),
  },
);

/** The event that fits the phase, most of the time: so that long cycles are common. */
const fitting: Readonly<Record<Phase, readonly CycleEvent[]>> = {
  admit: [{ kind: "allowed" }],
  lock: [{ kind: "got" }],
  clear: [{ kind: "ok" }],
  ensure: [{ kind: "ok" }],
  stop_test: [{ kind: "stopped", was_running: false }],
  reset: [{ kind: "ok" }],
  prepare: [{ kind: "ok" }],
  build: [{ kind: "ok" }, { kind: "failed", failure: failure("build") }],
  start_test: [{ kind: "ready" }, { kind: "not_ready", reason: "x" }],
  fast_gate: [gate("fast", true), gate("fast", false)],
  slow_gate: [gate("slow", true), gate("slow", false)],
  fix: [
    { kind: "changed", run_id: "run_1" },
    { kind: "no_progress", reason: "x" },
  ],
  commit: [
    { kind: "committed", candidate_sha: FIXED },
    { kind: "no_progress", reason: "x" },
  ],
  approve: [{ kind: "not_needed" }, { kind: "open" }],
  promote: [{ kind: "promoted" }],
  deploy_test: [{ kind: "ready" }],
  deploy_main: [{ kind: "ready" }, { kind: "not_ready", reason: "x" }],
  roll_back: [{ kind: "rolled_back", reason: "x" }],
  record: [{ kind: "recorded" }],
  done: [{ kind: "begin" }],
};

const limits = fc.record({
  max_cycles: fc.integer({ min: 1, max: 6 }),
  max_retries: fc.integer({ min: 0, max: 4 }),
  max_slow_fixes: fc.nat(3),
});
const starts = fc.record({ limits, fix_enabled: fc.boolean(), starts_test: fc.boolean(), has_slow_gate: fc.boolean() });
const scripts = fc.array(fc.record({ any: events, fit: fc.nat(1), random: fc.nat(9) }), { maxLength: 120 });

interface Trace {
  readonly states: readonly Cycle[];
  readonly effects: readonly CycleEffect[];
}

function traceOf(more: Partial<CycleStart>, script: readonly { any: CycleEvent; fit: number; random: number }[]): Trace {
  let { state, effects } = step(newCycle({ ...start, ...more }), { kind: "begin" });
  const states = [state];
  const all = [...effects];
  for (const { any, fit, random } of script) {
    const likely = fitting[state.phase];
    const event = random === 0 ? any : (likely[fit % likely.length] ?? any);
    ({ state, effects } = step(state, event));
    states.push(state);
    all.push(...effects);
  }
  return { states, effects: all };
}

const entered = (effects: readonly CycleEffect[], phase: Phase): number =>
  effects.filter((effect) => effect.kind === "phase" && effect.phase === phase).length;

/** Which bounds a trace broke; plain comparisons, because there are hundreds of thousands of states. */
function broken(more: Pick<CycleStart, "limits" | "fix_enabled">, { states, effects }: Trace): readonly string[] {
  const { max_cycles, max_retries, max_slow_fixes } = more.limits;
  const bounds: readonly [string, boolean][] = [
    ["builds", entered(effects, "build") <= max_cycles],
    ["fast gates", entered(effects, "fast_gate") <= max_cycles],
    ["runs of agents", entered(effects, "fix") <= Math.max(0, max_cycles - 1) * max_retries],
    ["runs between builds", states.every(({ runs_in_round }) => runs_in_round <= max_retries)],
    ["repairs for the slow gate", states.every(({ slow_fixes }) => slow_fixes <= max_slow_fixes)],
    ["repairs that are off", more.fix_enabled || states.every(({ agent_runs }) => agent_runs === 0)],
    ["gates of what is promoted", states.every(({ phase, passed }) => phase !== "promote" || (passed.fast && passed.slow))],
    ["the fast gate after a repair", states.every(({ phase }, index) => phase !== "promote" || testedSince(states.slice(0, index)))],
  ];
  return bounds.flatMap(([name, holds]) => (holds ? [] : [name]));
}

/** The fast gate was the last thing that happened to the tree. */
function testedSince(states: readonly Cycle[]): boolean {
  const phases = states.map(({ phase }) => phase);
  return phases.lastIndexOf("fast_gate") > phases.lastIndexOf("fix");
}

describe("whatever happens (WTL-31)", () => {
  const runs = { numRuns: 2_500 };

  test("in 10,000 sequences of events no cycle builds, tests or repairs more often than it may, and nothing is promoted that did not pass both gates as it is", () => {
    fc.assert(
      fc.property(starts, scripts, (more, script) => {
        expect(broken(more, traceOf(more, script))).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  });

  test("a cycle that meets what fits ends, with a result", () => {
    fc.assert(
      fc.property(starts, fc.array(fc.nat(1), { minLength: 400, maxLength: 400 }), (more, choices) => {
        const script = choices.map((fit) => ({ any: { kind: "ok" } as const, fit, random: 1 }));
        const last = traceOf(more, script).states.at(-1);
        expect(last?.phase).toBe("done");
        expect(RESULTS).toContain(last?.result);
      }),
      runs,
    );
  });

  test("every state and effect can be written down and read back", () => {
    fc.assert(
      fc.property(starts, scripts, (more, script) => {
        const { states, effects } = traceOf(more, script);
        for (const state of states) expect(cycleMachine.read.state(JSON.parse(JSON.stringify(state)))).toEqual(state);
        for (const effect of effects) expect(cycleMachine.read.effect(JSON.parse(JSON.stringify(effect)))).toEqual(effect);
      }),
      { numRuns: 300 },
    );
  });

  test("a cycle that was taken up again or told to end comes to its end without a promotion it had not begun", () => {
    for (const phase of PHASES) {
      const cycle = at(phase);
      const recovered = cycleMachine.recover(cycle, { kind: "phase", phase }, "interrupted");
      const aborted = cycleMachine.abort(cycle, { kind: "phase", phase });
      const finishing = ["clear", "promote", "deploy_test", "deploy_main", "roll_back", "record", "done"].includes(phase);
      expect([recovered === null, aborted === null]).toEqual([finishing, finishing]);
    }
  });
});
