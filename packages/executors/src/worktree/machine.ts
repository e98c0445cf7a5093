/**
 * The cycle machine: one table from phase and event to the next phase (WTL-30). Pure. A cycle may build and test at most
 * `max_cycles` times, an agent may run at most `max_retries` times between two builds, and nothing is promoted that did not
 * pass both gates as it is (WTL-31).
 */
import type { JsonObject } from "@loopx/core/domain";
import type { Machine, Stepped } from "../machine.ts";
import {
  CycleEffectSchema,
  CycleEventSchema,
  CycleSchema,
  type Cycle,
  type CycleEffect,
  type CycleEvent,
  type CycleResult,
  type Failure,
  type NoticeName,
  type Phase,
} from "./cycle.ts";

type Next = Stepped<Cycle, CycleEffect>;

/** One step. An event that does not belong to the phase is a fault of ours and ends the cycle as one. */
export function step(cycle: Cycle, event: CycleEvent): Next {
  if (cycle.phase === "done") return { state: cycle, effects: [] };
  return general(cycle, event) ?? RULES[cycle.phase](cycle, event) ?? finish(cycle, "infra_error", `${event.kind} in ${cycle.phase}`);
}

/** What is the same in every phase. */
function general(cycle: Cycle, event: CycleEvent): Next | null {
  // Before the lock is ours nothing may be written about the cycle.
  const outside = cycle.phase === "admit" || cycle.phase === "lock";
  if (event.kind === "fault") {
    if (outside) return quietly(cycle, "infra_error", event.reason);
    if (cycle.phase === "record") return done(cycle, event.reason);
    return finish(cycle, cycle.phase === "roll_back" ? "deploy_failed" : "infra_error", event.reason);
  }
  if (event.kind === "aborted") return outside ? quietly(cycle, "aborted", event.reason) : finish(cycle, "aborted", event.reason);
  return event.kind === "recovered" ? to({ ...cycle, stale_recovered: true }, "clear") : null;
}

type Rule = (cycle: Cycle, event: CycleEvent) => Next | null;

const RULES: Readonly<Record<Exclude<Phase, "done">, Rule>> = {
  admit: (cycle, event) => {
    if (event.kind === "begin") return to(cycle, "admit");
    if (event.kind === "allowed") return to(cycle, "lock");
    return event.kind === "denied" ? quietly(cycle, "skipped_quota", event.rule) : null;
  },
  lock: (cycle, event) => {
    if (event.kind === "got") return to(cycle, "ensure");
    if (event.kind === "finished") return quietly({ ...cycle, candidate_sha: event.candidate_sha }, event.result, event.reason);
    return event.kind === "held" ? quietly(cycle, "busy", event.by) : null;
  },
  // What a killed loop left running is gone: early phases start over, later ones are given up (WTL-34).
  clear: (cycle, event) => {
    if (event.kind !== "ok") return null;
    return cycle.attempt === 0 && !cycle.from_approve
      ? to(cycle, "ensure")
      : finish(cycle, "aborted", "the loop was killed in the middle of it");
  },
  ensure: (cycle, event) => (event.kind === "ok" ? to(cycle, cycle.from_approve ? "approve" : "stop_test") : null),
  stop_test: (cycle, event) =>
    event.kind === "stopped" ? to({ ...cycle, test_was_running: event.was_running || cycle.test_was_running }, "reset") : null,
  reset: (cycle, event) => (event.kind === "ok" ? to({ ...cycle, candidate_sha: cycle.base_sha }, "prepare") : null),
  prepare: (cycle, event) => (event.kind === "ok" ? build(cycle) : null),
  build: (cycle, event) => {
    if (event.kind === "failed") return afterFailure(cycle, event.failure, "build_failed");
    if (event.kind !== "ok") return null;
    return cycle.starts_test ? to(cycle, "start_test", ["start_test"]) : fastGate(cycle);
  },
  start_test: (cycle, event) => {
    if (event.kind === "ready") return fastGate(cycle);
    if (event.kind === "foreign_port") return finish(cycle, "infra_error", event.reason);
    if (event.kind !== "not_ready") return null;
    return afterFailure(
      cycle,
      { tier: "start_test", step: "start", exit_code: null, reason: event.reason, log: null },
      "start_test_failed",
    );
  },
  fast_gate: (cycle, event) => {
    if (event.kind !== "gate" || event.verdict.tier !== "fast") return null;
    const judged = withVerdict(cycle, event);
    if (event.failure !== null) return afterFailure(judged, event.failure, "gate_failed");
    return judged.has_slow_gate ? to(judged, "slow_gate") : passed({ ...judged, passed: { fast: true, slow: true } });
  },
  slow_gate: (cycle, event) => {
    if (event.kind !== "gate" || event.verdict.tier !== "slow") return null;
    const judged = withVerdict(cycle, event);
    return event.failure === null ? passed(judged) : afterFailure(judged, event.failure, "gate_failed");
  },
  fix: (cycle, event) => {
    if (event.kind === "changed") return to({ ...cycle, fix_run: event.run_id }, "commit");
    if (event.kind === "no_progress") return nextRun(cycle, event.reason);
    if (event.kind === "over_budget") return finish(cycle, "fix_exhausted", event.reason);
    // The goal may not go on now: what failed stays failed.
    return event.kind === "denied" ? finish(cycle, "gate_failed", `no repair: ${event.rule}`) : null;
  },
  commit: (cycle, event) => {
    if (event.kind === "committed")
      return build({ ...cycle, candidate_sha: event.candidate_sha, gates: [], passed: { fast: false, slow: false } });
    return event.kind === "no_progress" ? nextRun(cycle, event.reason) : null;
  },
  approve: (cycle, event) => {
    if (event.kind === "not_needed" || event.kind === "approved") return to(cycle, "promote");
    if (event.kind === "open") return finish(cycle, "awaiting_gate", "a person has to approve the promotion");
    return event.kind === "rejected" ? finish(cycle, "rejected", event.reason) : null;
  },
  promote: (cycle, event) => {
    if (event.kind === "promoted" || event.kind === "nothing_to_do") return to(cycle, "deploy_test");
    return event.kind === "not_promoted" ? finish(cycle, event.result, event.reason) : null;
  },
  deploy_test: (cycle, event) => (event.kind === "ready" ? to(cycle, "deploy_main") : notDeployed(cycle, event)),
  deploy_main: (cycle, event) =>
    event.kind === "ready"
      ? finish(cycle, cycle.candidate_sha === cycle.base_sha ? "validated" : "promoted", "", ["main_ready"])
      : notDeployed(cycle, event),
  roll_back: (cycle, event) => (event.kind === "rolled_back" ? finish(cycle, "deploy_failed", cycle.reason || event.reason) : null),
  record: (cycle, event) => (event.kind === "recorded" ? done(cycle, "") : null),
};

/** Goes to a phase and asks for its effect, after the notices that belong to the transition. */
function to(cycle: Cycle, phase: Phase, notices: readonly NoticeName[] = []): Next {
  const state = { ...cycle, phase };
  const told = notices.map((notice): CycleEffect => ({ kind: "notice", notice, attempt: state.attempt, repairing: phase === "fix" }));
  return { state, effects: [...told, { kind: "phase", phase }] };
}

/** The next attempt; a repair before it counts from here anew. */
function build(cycle: Cycle): Next {
  return to({ ...cycle, attempt: cycle.attempt + 1, runs_in_round: 0, failure: null, refusal: null }, "build", ["build_begins"]);
}

function fastGate(cycle: Cycle): Next {
  return to(cycle, "fast_gate", ["fast_gate_begins"]);
}

function passed(cycle: Cycle): Next {
  return to(cycle, "approve", ["passed"]);
}

function withVerdict(cycle: Cycle, { verdict }: Extract<CycleEvent, { kind: "gate" }>): Cycle {
  const others = cycle.gates.filter(({ tier }) => tier !== verdict.tier);
  return { ...cycle, gates: [...others, verdict], passed: { ...cycle.passed, [verdict.tier]: verdict.passed } };
}

/** A repair, while there are attempts left; without repair the cycle has failed. */
function afterFailure(before: Cycle, failure: Failure, notice: NoticeName): Next {
  const cycle = { ...before, failure };
  const what = `${failure.tier} ${failure.step}: ${failure.reason}`;
  if (!cycle.fix_enabled) return finish(cycle, "gate_failed", what, [notice]);
  const slow = failure.tier === "slow";
  const exhausted = cycle.attempt >= cycle.limits.max_cycles || (slow && cycle.slow_fixes >= cycle.limits.max_slow_fixes);
  if (exhausted || cycle.limits.max_retries < 1) return finish(cycle, "fix_exhausted", what);
  return fix({ ...cycle, slow_fixes: cycle.slow_fixes + (slow ? 1 : 0) }, [notice]);
}

function fix(cycle: Cycle, notices: readonly NoticeName[]): Next {
  return to({ ...cycle, agent_runs: cycle.agent_runs + 1, runs_in_round: cycle.runs_in_round + 1 }, "fix", notices);
}

function nextRun(cycle: Cycle, refusal: string): Next {
  if (cycle.runs_in_round < cycle.limits.max_retries) return fix({ ...cycle, refusal }, []);
  return finish(cycle, "fix_exhausted", refusal);
}

function notDeployed(cycle: Cycle, event: CycleEvent): Next | null {
  return event.kind === "not_ready" || event.kind === "foreign_port" ? to({ ...cycle, reason: event.reason }, "roll_back") : null;
}

/** Every end but the two quiet ones is recorded. */
function finish(cycle: Cycle, result: CycleResult, reason: string, notices: readonly NoticeName[] = []): Next {
  const ended = result === "validated" || result === "promoted" || notices.some((notice) => notice !== "main_ready");
  return to({ ...cycle, result, reason }, "record", [...notices, ...(ended ? [] : (["ended"] as const))]);
}

/** Nothing was touched, so nothing is recorded. */
function quietly(cycle: Cycle, result: CycleResult, reason: string): Next {
  return { state: { ...cycle, result, reason, phase: "done" }, effects: [] };
}

function done(cycle: Cycle, trouble: string): Next {
  const reason = trouble === "" ? cycle.reason : [cycle.reason, `the record: ${trouble}`].filter((part) => part !== "").join("; ");
  return { state: { ...cycle, phase: "done", reason }, effects: [] };
}

/** From here on the cycle goes on to its end, killed or told to end: what is half deployed helps nobody (WTL-3, WTL-34). */
const FINISHING: ReadonlySet<Phase> = new Set(["clear", "promote", "deploy_test", "deploy_main", "roll_back", "record", "done"]);

/** The cycle for the driver of machines. */
export const cycleMachine: Machine<Cycle, CycleEvent, CycleEffect> = {
  step,
  idOf: (cycle) => cycle.cycle_id,
  journalFields: ({ cycle_id, phase, attempt }): JsonObject => ({ cycle_id, phase, attempt }),
  fault: (_cycle, effect, reason) => (effect.kind === "notice" ? null : { kind: "fault", reason }),
  recover: (cycle) => (FINISHING.has(cycle.phase) ? null : { kind: "recovered" }),
  abort: (cycle) => (FINISHING.has(cycle.phase) ? null : { kind: "aborted", reason: "the loop was told to end" }),
  // Each attempt has at most ten effects, each run of an agent two; the configuration allows 50 attempts of 20 runs.
  max_effects: 5_000,
  read: {
    state: (value) => CycleSchema.safeParse(value).data ?? null,
    event: (value) => CycleEventSchema.safeParse(value).data ?? null,
    effect: (value) => CycleEffectSchema.safeParse(value).data ?? null,
  },
};
