import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExecutionProfile } from "../goal/execution-profile.ts";
import type { ExecutionProfile } from "../goal/entry.ts";
import { isGraded, meetsMinimumScale, outcomeOf, scaleOf, streaksOf, type Gradable } from "./grades.ts";
import { isApproval, isNeutral } from "./neutral.ts";

const PROFILE: ExecutionProfile = readProfile({
  outcome_markers: ["eval_metric", "experiment"],
  surface_only_hints: ["forecast", "runbook", "queue", "fields"],
});

function readProfile(floor: { outcome_markers: string[]; surface_only_hints: string[] }): ExecutionProfile {
  const defaults = readExecutionProfile(undefined, () => undefined);
  return { ...defaults, outcome_floor: { ...defaults.outcome_floor, ...floor } };
}

function run(classification: string, record: Record<string, unknown> = {}): Gradable {
  return { classification, record };
}

describe("the scale of a run (DEC-53)", () => {
  it.each([
    ["parser_smoke", "test_only"],
    ["readiness_test", "test_only"],
    ["nightly_batch", "multi_surface"],
    ["owner_handoff_consumer", "multi_surface"],
    ["log_consumer", "implementation"],
    ["test_runner", "implementation"],
    ["queue_fields_a", "single_surface"],
    ["", "unknown"],
  ])("%s suggests %s", (classification, scale) => {
    expect(scaleOf(run(classification))).toBe(scale);
  });

  it("is the explicit one, and unknown when that is none", () => {
    expect(scaleOf(run("x_smoke", { delivery_batch_scale: "implementation" }))).toBe("implementation");
    expect(scaleOf(run("implementation", { delivery_batch_scale: "huge" }))).toBe("unknown");
    expect(scaleOf(run("implementation", { delivery_batch_scale: 7 }))).toBe("unknown");
  });
});

describe("the outcome of a run (DEC-53)", () => {
  it.each([
    ["queue_experiment", "surface_only"],
    ["experiment_result", "outcome_progress"],
    ["parser", "outcome_gap"],
  ])("%s counts as %s", (classification, outcome) => {
    expect(outcomeOf(run(classification), PROFILE)).toBe(outcome);
  });

  it("is the explicit one, also where the floor is off", () => {
    const off = readProfile({ outcome_markers: [], surface_only_hints: [] });
    expect(outcomeOf(run("queue", { delivery_outcome: "primary_goal_outcome" }), PROFILE)).toBe("primary_goal_outcome");
    expect(outcomeOf(run("queue", { delivery_outcome: "?" }), PROFILE)).toBe("unknown");
    expect(outcomeOf(run("queue"), off)).toBe("not_configured");
    expect(
      streaksOf(
        Array.from({ length: 10 }, () => run("queue")),
        off,
      ),
    ).toMatchObject({ gap: 0, floor_tripped: false });
  });

  it("never lets a name beat an explicit grade (DEC property 7)", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom("surface_only", "outcome_gap", "outcome_progress", "primary_goal_outcome"),
        (name, outcome) => {
          expect(outcomeOf(run(name, { delivery_outcome: outcome }), PROFILE)).toBe(outcome);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

it("streaks count past 3 up to 50 and the floor trips at its threshold (DEC-54)", () => {
  const surface = Array.from({ length: 6 }, () => run("queue_fields"));
  const patient: ExecutionProfile = { ...PROFILE, outcome_floor: { ...PROFILE.outcome_floor, surface_streak_threshold: 4 } };
  expect(streaksOf(surface, patient)).toEqual({ small: 6, gap: 6, floor_tripped: true });
  expect(streaksOf(surface.slice(0, 3), patient)).toEqual({ small: 3, gap: 3, floor_tripped: false });
  expect(streaksOf([run("experiment_runner"), ...surface], patient)).toEqual({ small: 0, gap: 0, floor_tripped: false });
  expect(
    streaksOf(
      Array.from({ length: 80 }, () => run("queue")),
      patient,
    ).gap,
  ).toBe(50);
});

it.each([
  ["multi_surface", "multi_surface_or_implementation", true],
  ["implementation", "multi_surface_or_implementation", true],
  ["single_surface", "multi_surface_or_implementation", false],
  ["single_surface", "single_surface", true],
  ["implementation", "test_only", true],
  ["multi_surface", "implementation", false],
  ["single_surface", "never_heard_of", false],
  ["implementation", "never_heard_of", true],
  ["unknown", "test_only", false],
] as const)("a %s run against the minimum %s: %s (DEC-56)", (scale, minimum, meets) => {
  expect(meetsMinimumScale(scale, minimum)).toBe(meets);
});

describe("neutral and graded records (DEC-5, DEC-54)", () => {
  it.each([
    [{ classification: "quota_slot_spent" }, true, false],
    [{ classification: "quota_slot_voided" }, true, false],
    [{ classification: "quota_monitor_poll", delivery_outcome: "outcome_progress" }, true, false],
    [{ classification: "parser", progress_scope: "agent_lane" }, true, false],
    [{ classification: "operator_gate_approved", operator_gate: { gate: "history_line_bad" } }, true, false],
    [{ classification: "operator_gate_approved", operator_gate: { gate: "safety" } }, false, false],
    [{ classification: "state_refreshed" }, false, false],
    [{ classification: "state_refreshed", delivery_outcome: "surface_only" }, false, true],
    [{ classification: "await_eval" }, false, false],
    [{ classification: "external_evidence_observation_x" }, false, false],
    [{ classification: "parser_result" }, false, true],
    [{}, false, true],
  ])("%o is neutral: %s, graded: %s", (record, neutral, graded) => {
    expect(isNeutral(record)).toBe(neutral);
    expect(isGraded(record)).toBe(graded);
  });

  it("new streaks begin at an approval, and not at the acceptance of bad lines", () => {
    expect(isApproval({ classification: "operator_gate_approved", operator_gate: { gate: "safety" } })).toBe(true);
    expect(isApproval({ classification: "controller_opted_in" })).toBe(true);
    expect(isApproval({ classification: "operator_gate_approved", operator_gate: { gate: "history_line_bad" } })).toBe(false);
  });
});
