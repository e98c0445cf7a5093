import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../json.ts";
import {
  buildExecutionProfile,
  DEFAULT_EXECUTION_PROFILE,
  executionFlagFault,
  executionProfileLine,
  readExecutionProfile,
} from "./execution-profile.ts";

/** The object as the source document prints it; key order counts. */
const PRINTED =
  '{"cadence":"bounded_progress_segment","minimum_scale":"multi_surface_or_implementation","must_include":["coherent_artifact","targeted_validation","state_writeback"],' +
  '"spend_rule":"spend_only_after_artifact_validation_writeback","outcome_floor":{"required_when":"after_surface_progress_streak","surface_streak_threshold":3,' +
  '"outcome_markers":["eval_metric","experiment","macro_evidence","evidence_segment","adapter_proof"],"surface_only_hints":["forecast","runbook","queue","fields"],' +
  '"must_advance":["primary_goal_outcome"],"avoid":["surface_only_progress_loop"],"if_unavailable":"report_blocker_without_spend"},' +
  '"degradation_policy":{"small_scale_streak_threshold":2,"on_degradation":"require_blocker_or_expand_next_batch"}}';

function read(value: JsonValue | undefined) {
  const notes: string[] = [];
  const profile = readExecutionProfile(value, (code, key) => notes.push(`${code} ${key}`));
  return { profile, notes };
}

describe("the default profile", () => {
  it("is the printed object, key order included (FIL-14)", () => {
    expect(JSON.stringify(DEFAULT_EXECUTION_PROFILE)).toBe(PRINTED);
  });
  it("is what connect builds without flags, as an object of its own", () => {
    const built = buildExecutionProfile({});
    expect(JSON.stringify(built)).toBe(PRINTED);
    built.must_include.push("mine");
    expect(JSON.stringify(DEFAULT_EXECUTION_PROFILE)).toBe(PRINTED);
  });
  it("cannot be changed by a reader that shares it", () => {
    expect(() => DEFAULT_EXECUTION_PROFILE.outcome_floor.avoid.push("x")).toThrow(TypeError);
  });
});

describe("reading a profile", () => {
  it.each([[undefined], [null]])("an absent profile (%j) is the default without a finding (FIL-110)", (value) => {
    expect(read(value)).toEqual({ profile: DEFAULT_EXECUTION_PROFILE, notes: [] });
  });
  it("the printed object reads as itself", () => {
    expect(read(JSON.parse(PRINTED) as JsonValue)).toEqual({ profile: JSON.parse(PRINTED), notes: [] });
  });
  it("present empty lists stand (DEC-53)", () => {
    const { profile, notes } = read({ must_include: [], outcome_floor: { outcome_markers: [], surface_only_hints: [] } });
    expect([profile.must_include, profile.outcome_floor.outcome_markers, profile.outcome_floor.surface_only_hints]).toEqual([[], [], []]);
    expect(notes).toEqual([]);
  });
  const wrong: [string, JsonValue][] = [
    ["execution_profile", "x"],
    ["execution_profile", ["x"]],
    ["execution_profile.cadence", { cadence: 5 }],
    ["execution_profile.minimum_scale", { minimum_scale: "two words" }],
    ["execution_profile.must_include", { must_include: ["fine", "not fine"] }],
    ["execution_profile.must_include", { must_include: "coherent_artifact" }],
    ["execution_profile.spend_rule", { spend_rule: "-leading-dash" }],
    ["execution_profile.outcome_floor", { outcome_floor: 3 }],
    ["execution_profile.outcome_floor.required_when", { outcome_floor: { required_when: "a".repeat(81) } }],
    ["execution_profile.outcome_floor.surface_streak_threshold", { outcome_floor: { surface_streak_threshold: 0 } }],
    ["execution_profile.outcome_floor.surface_streak_threshold", { outcome_floor: { surface_streak_threshold: 2.5 } }],
    ["execution_profile.outcome_floor.surface_streak_threshold", { outcome_floor: { surface_streak_threshold: "3" } }],
    ["execution_profile.outcome_floor.outcome_markers", { outcome_floor: { outcome_markers: [1] } }],
    ["execution_profile.degradation_policy.small_scale_streak_threshold", { degradation_policy: { small_scale_streak_threshold: -1 } }],
    ["execution_profile.degradation_policy.on_degradation", { degradation_policy: { on_degradation: "" } }],
  ];
  it.each(wrong)("a wrong %s falls back alone, with one finding (FIL-14)", (key, value) => {
    expect(read(value)).toEqual({ profile: DEFAULT_EXECUTION_PROFILE, notes: [`execution_profile_invalid ${key}`] });
  });
  it("a wrong field leaves its neighbours as written", () => {
    const { profile } = read({ cadence: "weekly", minimum_scale: 1 });
    expect([profile.cadence, profile.minimum_scale]).toEqual(["weekly", "multi_surface_or_implementation"]);
  });
  it("any JSON gives a whole profile and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (whole, floor) => {
        expect(Object.keys(read(whole as JsonValue).profile)).toEqual(Object.keys(DEFAULT_EXECUTION_PROFILE));
        expect(Object.keys(read({ outcome_floor: floor as JsonValue }).profile.outcome_floor)).toEqual(
          Object.keys(DEFAULT_EXECUTION_PROFILE.outcome_floor),
        );
      }),
    );
  });
});

describe("the flags of connect", () => {
  it("each flag sets its own field and nothing else (CMD-30)", () => {
    const built = buildExecutionProfile({
      execution_minimum_scale: "implementation",
      execution_must_include: ["a"],
      execution_small_streak_threshold: 4,
      execution_outcome_marker: ["b"],
      execution_surface_only_hint: ["c"],
      execution_surface_streak_threshold: 5,
      execution_outcome_must_advance: ["d"],
    });
    const expected = JSON.parse(PRINTED) as typeof DEFAULT_EXECUTION_PROFILE;
    expected.minimum_scale = "implementation";
    expected.must_include = ["a"];
    expected.degradation_policy.small_scale_streak_threshold = 4;
    Object.assign(expected.outcome_floor, {
      outcome_markers: ["b"],
      surface_only_hints: ["c"],
      surface_streak_threshold: 5,
      must_advance: ["d"],
    });
    expect(JSON.stringify(built)).toBe(JSON.stringify(expected));
  });
  it.each([
    [{ execution_minimum_scale: "two words" }, "execution_minimum_scale"],
    [{ execution_must_include: ["ok", ""] }, "execution_must_include"],
    [{ execution_small_streak_threshold: 0 }, "execution_small_streak_threshold"],
    [{ execution_outcome_marker: ["ä"] }, "execution_outcome_marker"],
    [{ execution_surface_only_hint: ["a b"] }, "execution_surface_only_hint"],
    [{ execution_surface_streak_threshold: 1.5 }, "execution_surface_streak_threshold"],
    [{ execution_outcome_must_advance: ["/x"] }, "execution_outcome_must_advance"],
  ])("%j is refused by name", (flags, key) => {
    const fault = executionFlagFault(flags);
    expect(fault).toMatchObject({ kind: "invalid_value", key });
    expect(fault?.message).toContain(`--${key.replaceAll("_", "-")} `);
  });
  it("good flags have no fault", () => {
    expect(executionFlagFault({ execution_must_include: ["a.b/c:d-e_f"], execution_surface_streak_threshold: 1 })).toBeNull();
  });
});

it("the profile's one line is that of the verdict (DEC-50)", () => {
  expect(executionProfileLine(DEFAULT_EXECUTION_PROFILE)).toBe(
    "cadence=bounded_progress_segment; minimum_scale=multi_surface_or_implementation; include=coherent_artifact+targeted_validation+state_writeback; spend_rule=spend_only_after_artifact_validation_writeback; small=2; surface=3",
  );
});
