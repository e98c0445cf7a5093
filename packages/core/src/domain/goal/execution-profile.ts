/**
 * The execution profile: what a goal must deliver before it may spend (FIL-14).
 * Its default is the object printed in the product's source document, key order included.
 * A wrong label or threshold never blocks a goal; that one field falls back to its default.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ExecutionProfile } from "./entry.ts";
import { isAbsent, type Note, quoted } from "./fields.ts";
import { firstFault, type InvalidValue, inRange, invalidValue, rangeFault, THRESHOLD } from "./limits.ts";

/** What `connect` writes and what stands wherever a registry says nothing. Frozen, since every reader shares it. */
export const DEFAULT_EXECUTION_PROFILE: ExecutionProfile = freeze({
  cadence: "bounded_progress_segment",
  minimum_scale: "multi_surface_or_implementation",
  must_include: ["coherent_artifact", "targeted_validation", "state_writeback"],
  spend_rule: "spend_only_after_artifact_validation_writeback",
  outcome_floor: {
    required_when: "after_surface_progress_streak",
    surface_streak_threshold: 3,
    outcome_markers: ["eval_metric", "experiment", "macro_evidence", "evidence_segment", "adapter_proof"],
    surface_only_hints: ["forecast", "runbook", "queue", "fields"],
    must_advance: ["primary_goal_outcome"],
    avoid: ["surface_only_progress_loop"],
    if_unavailable: "report_blocker_without_spend",
  },
  degradation_policy: {
    small_scale_streak_threshold: 2,
    on_degradation: "require_blocker_or_expand_next_batch",
  },
});

const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}$/;

/** The profile a registry entry declares, each absent or wrong field replaced by its default (DEC-53). */
export function readExecutionProfile(value: JsonValue | undefined, note: Note): ExecutionProfile {
  if (isAbsent(value)) return DEFAULT_EXECUTION_PROFILE;
  const fallback = DEFAULT_EXECUTION_PROFILE;
  const at = "execution_profile";
  const profile = part(value, at, note);
  const floor = part(profile.outcome_floor, `${at}.outcome_floor`, note);
  const policy = part(profile.degradation_policy, `${at}.degradation_policy`, note);
  return {
    cadence: label(profile, "cadence", fallback.cadence, at, note),
    minimum_scale: label(profile, "minimum_scale", fallback.minimum_scale, at, note),
    must_include: labels(profile, "must_include", fallback.must_include, at, note),
    spend_rule: label(profile, "spend_rule", fallback.spend_rule, at, note),
    outcome_floor: readFloor(floor, `${at}.outcome_floor`, note),
    degradation_policy: {
      small_scale_streak_threshold: threshold(
        policy,
        "small_scale_streak_threshold",
        fallback.degradation_policy.small_scale_streak_threshold,
        `${at}.degradation_policy`,
        note,
      ),
      on_degradation: label(policy, "on_degradation", fallback.degradation_policy.on_degradation, `${at}.degradation_policy`, note),
    },
  };
}

function readFloor(floor: JsonObject, at: string, note: Note): ExecutionProfile["outcome_floor"] {
  const fallback = DEFAULT_EXECUTION_PROFILE.outcome_floor;
  return {
    required_when: label(floor, "required_when", fallback.required_when, at, note),
    surface_streak_threshold: threshold(floor, "surface_streak_threshold", fallback.surface_streak_threshold, at, note),
    outcome_markers: labels(floor, "outcome_markers", fallback.outcome_markers, at, note),
    surface_only_hints: labels(floor, "surface_only_hints", fallback.surface_only_hints, at, note),
    must_advance: labels(floor, "must_advance", fallback.must_advance, at, note),
    avoid: labels(floor, "avoid", fallback.avoid, at, note),
    if_unavailable: label(floor, "if_unavailable", fallback.if_unavailable, at, note),
  };
}

/** The `--execution-*` flags of `connect`, each named as its flag. */
export interface ExecutionFlags {
  readonly execution_minimum_scale?: string;
  readonly execution_must_include?: readonly string[];
  readonly execution_small_streak_threshold?: number;
  readonly execution_outcome_marker?: readonly string[];
  readonly execution_surface_only_hint?: readonly string[];
  readonly execution_surface_streak_threshold?: number;
  readonly execution_outcome_must_advance?: readonly string[];
}

/** The first `--execution-*` flag that holds no label or no threshold, or null. */
export function executionFlagFault(flags: ExecutionFlags): InvalidValue | null {
  return firstFault([
    labelFault("execution_minimum_scale", flags.execution_minimum_scale === undefined ? [] : [flags.execution_minimum_scale]),
    labelFault("execution_must_include", flags.execution_must_include),
    rangeFault("execution_small_streak_threshold", flags.execution_small_streak_threshold, THRESHOLD),
    labelFault("execution_outcome_marker", flags.execution_outcome_marker),
    labelFault("execution_surface_only_hint", flags.execution_surface_only_hint),
    rangeFault("execution_surface_streak_threshold", flags.execution_surface_streak_threshold, THRESHOLD),
    labelFault("execution_outcome_must_advance", flags.execution_outcome_must_advance),
  ]);
}

/** The default profile with the flags' values in it. Trusts flags that `executionFlagFault` let pass. */
export function buildExecutionProfile(flags: ExecutionFlags): ExecutionProfile {
  const { outcome_floor: floor, degradation_policy: policy, ...profile } = DEFAULT_EXECUTION_PROFILE;
  return {
    cadence: profile.cadence,
    minimum_scale: flags.execution_minimum_scale ?? profile.minimum_scale,
    must_include: [...(flags.execution_must_include ?? profile.must_include)],
    spend_rule: profile.spend_rule,
    outcome_floor: {
      required_when: floor.required_when,
      surface_streak_threshold: flags.execution_surface_streak_threshold ?? floor.surface_streak_threshold,
      outcome_markers: [...(flags.execution_outcome_marker ?? floor.outcome_markers)],
      surface_only_hints: [...(flags.execution_surface_only_hint ?? floor.surface_only_hints)],
      must_advance: [...(flags.execution_outcome_must_advance ?? floor.must_advance)],
      avoid: [...floor.avoid],
      if_unavailable: floor.if_unavailable,
    },
    degradation_policy: {
      small_scale_streak_threshold: flags.execution_small_streak_threshold ?? policy.small_scale_streak_threshold,
      on_degradation: policy.on_degradation,
    },
  };
}

/** The profile as the one line a verdict prints (DEC-50). */
export function executionProfileLine(profile: ExecutionProfile): string {
  return [
    `cadence=${profile.cadence}`,
    `minimum_scale=${profile.minimum_scale}`,
    `include=${profile.must_include.join("+")}`,
    `spend_rule=${profile.spend_rule}`,
    `small=${profile.degradation_policy.small_scale_streak_threshold}`,
    `surface=${profile.outcome_floor.surface_streak_threshold}`,
  ].join("; ");
}

function isLabel(value: unknown): value is string {
  return typeof value === "string" && LABEL.test(value);
}

function labelFault(key: string, values: readonly string[] | undefined): InvalidValue | null {
  const wrong = values?.find((value) => !isLabel(value));
  return wrong === undefined ? null : invalidValue(key, `has to be a label of letters, digits and _.:/-, not ${quoted(wrong)}`);
}

function part(value: JsonValue | undefined, at: string, note: Note): JsonObject {
  if (isJsonObject(value)) return value;
  if (!isAbsent(value)) note("execution_profile_invalid", at, `has to be an object, not ${quoted(value)}; the default stands`);
  return {};
}

function label(object: JsonObject, key: string, fallback: string, at: string, note: Note): string {
  const value = object[key];
  if (isAbsent(value)) return fallback;
  if (isLabel(value)) return value;
  note("execution_profile_invalid", `${at}.${key}`, `has to be a label, not ${quoted(value)}; the default stands`);
  return fallback;
}

function labels(object: JsonObject, key: string, fallback: string[], at: string, note: Note): string[] {
  const value = object[key];
  if (isAbsent(value)) return fallback;
  if (Array.isArray(value) && value.every(isLabel)) return value;
  const wrong = Array.isArray(value) ? value.find((item) => !isLabel(item)) : value;
  note("execution_profile_invalid", `${at}.${key}`, `has to be a list of labels, not ${quoted(wrong)}; the default stands`);
  return fallback;
}

function threshold(object: JsonObject, key: string, fallback: number, at: string, note: Note): number {
  const value = object[key];
  if (isAbsent(value)) return fallback;
  if (typeof value === "number" && inRange(value, THRESHOLD)) return value;
  note("execution_profile_invalid", `${at}.${key}`, `has to be a positive whole number, not ${quoted(value)}; the default stands`);
  return fallback;
}

function freeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (typeof child === "object" && child !== null) freeze(child);
  return Object.freeze(value);
}
