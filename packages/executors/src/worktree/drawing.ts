/**
 * The cycle as its picture needs it: starts and events from which every phase is reached. Only counters that decide are small
 * here; the machine is the one that runs.
 */
import { newCycle, type Cycle, type CycleEvent, type Failure } from "./cycle.ts";
import { cycleMachine } from "./machine.ts";

const SHA = "a".repeat(40);
const LIMITS = { max_cycles: 2, max_retries: 2, max_slow_fixes: 1 };
const failure = (tier: Failure["tier"]): Failure => ({ tier, step: "step", exit_code: 1, reason: "exit code 1", log: null });
const verdict = (tier: "fast" | "slow", passed: boolean): CycleEvent => ({
  kind: "gate",
  verdict: { tier, passed, flaky: false, failed_step: passed ? null : "step" },
  failure: passed ? null : failure(tier),
});

/** Where a cycle can start: with repair or without, with a slow gate or without, with a server to test or without. */
function starts(): readonly Cycle[] {
  const both = [true, false];
  const start = { cycle_id: "cycle", profile: "lark" as const, base_sha: SHA, started_at: "", limits: LIMITS };
  return both.flatMap((fix_enabled) =>
    both.flatMap((starts_test) =>
      both.flatMap((has_slow_gate) =>
        [null, SHA].map((tested_candidate) => newCycle({ ...start, fix_enabled, starts_test, has_slow_gate, tested_candidate })),
      ),
    ),
  );
}

const REASON = { reason: "" };
const EVENTS: readonly { readonly name: string; readonly event: CycleEvent }[] = [
  ...(["begin", "allowed", "got", "ok", "ready", "not_needed", "approved", "open", "promoted", "nothing_to_do", "recorded"] as const).map(
    (kind) => ({ name: kind, event: { kind } }),
  ),
  ...(["not_ready", "foreign_port", "no_progress", "over_budget", "rejected", "rolled_back", "fault"] as const).map((kind) => ({
    name: kind,
    event: { kind, ...REASON },
  })),
  { name: "denied", event: { kind: "denied", rule: "" } },
  { name: "held", event: { kind: "held", by: "" } },
  { name: "finished", event: { kind: "finished", result: "validated", candidate_sha: SHA, ...REASON } },
  { name: "stopped", event: { kind: "stopped", was_running: false } },
  { name: "failed", event: { kind: "failed", failure: failure("build") } },
  { name: "changed", event: { kind: "changed", run_id: "run" } },
  { name: "committed", event: { kind: "committed", candidate_sha: "b".repeat(40) } },
  ...(["base_moved", "main_dirty", "wrong_branch"] as const).map((result) => ({
    name: result,
    event: { kind: "not_promoted" as const, result, ...REASON },
  })),
  { name: "passed", event: verdict("fast", true) },
  { name: "failed", event: verdict("fast", false) },
  { name: "passed", event: verdict("slow", true) },
  { name: "failed", event: verdict("slow", false) },
];

/** What the drawing of a loop is made of. */
export function drawnCycle() {
  return {
    machine: cycleMachine,
    starts: starts(),
    events: EVENTS,
    // What the driver asks the machine for when its process was killed or told to end; null: it goes on.
    outside: [
      { name: "killed", eventIn: (cycle: Cycle) => cycleMachine.recover(cycle, { kind: "phase", phase: cycle.phase }, "interrupted") },
      { name: "told to end", eventIn: (cycle: Cycle) => cycleMachine.abort(cycle, { kind: "phase", phase: cycle.phase }) },
    ],
    phaseOf: ({ phase }: Cycle) => phase,
    deciding: ({
      reason: _reason,
      failure: _failure,
      gates: _gates,
      refusal: _refusal,
      fix_run: _run,
      agent_runs: _runs,
      ...rest
    }: Cycle) => JSON.stringify(rest),
    resultOf: ({ result }: Cycle) => result,
    ending: "record",
    done: "done",
  };
}
