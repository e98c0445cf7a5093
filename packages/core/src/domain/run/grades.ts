/**
 * How large and how useful a run was (DEC-53, DEC-54): an explicit grade, else what its classification suggests.
 * The streaks of these grades bind the next delivery; nothing here stops a goal by itself.
 */
import type { ExecutionProfile } from "../goal/entry.ts";
import type { JsonObject } from "../json.ts";
import { BATCH_SCALES, DELIVERY_OUTCOMES, type BatchScale, type DeliveryOutcome } from "./history.ts";
import { isNeutral } from "./neutral.ts";

/** How big a delivery was; `unknown` when the record does not say it in our words. */
export type RunScale = BatchScale | "unknown";
/** `not_configured`: the profile's floor is off and the run says nothing itself. */
export type RunOutcome = DeliveryOutcome | "unknown" | "not_configured";

/** What grading reads of a run. */
export interface Gradable {
  readonly classification: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Streaks are counted to at most this many runs (DEC-54). */
export const STREAK_LIMIT = 50;

const SCALE_HINTS: readonly (readonly [BatchScale, readonly string[]])[] = [
  ["test_only", ["_test", "_smoke", "readiness_test", "integrity_test"]],
  ["multi_surface", ["batch", "cross_benchmark", "downstream_pack", "matrix", "owner_handoff_consumer"]],
  ["implementation", ["adapter", "builder", "consumer", "implementation", "runner"]],
];

/** Classifications that a rule of the verdict names: they say where a goal stands, not what was delivered. */
const NAMED_BY_RULES = new Set([
  "blocked_by_safety",
  "needs_human_reward",
  "needs_controller_opt_in",
  "needs_user_relay",
  "ready_for_controller_opt_in",
  "ready_for_user_relay",
  "operator_gate_deferred",
  "operator_gate_rejected",
  "operator_gate_approved",
  "read_only_project_map",
  "state_refreshed",
  "needs_validation",
  "run_validation",
  "inspect_result",
  "inspect_eval_result",
  "design_next_experiment",
  "needs_more_read_only_evidence",
  "controller_opted_in_waiting_for_run",
  "public_harness_healthy",
]);
const NAMED_PREFIXES = ["await_", "external_evidence_observation_"];

/** True for a run that counts for the streaks: not neutral, and graded or of a kind no rule names (DEC-54). */
export function isGraded(record: JsonObject): boolean {
  if (isNeutral(record)) return false;
  if (isPresent(record["delivery_batch_scale"]) || isPresent(record["delivery_outcome"])) return true;
  const kind = record["classification"];
  if (typeof kind !== "string") return true;
  return !NAMED_BY_RULES.has(kind) && !NAMED_PREFIXES.some((prefix) => kind.startsWith(prefix));
}

/** The run's scale; total (DEC-53). */
export function scaleOf(run: Gradable): RunScale {
  const said = run.record["delivery_batch_scale"];
  if (isPresent(said)) return BATCH_SCALES.find((scale) => scale === said) ?? "unknown";
  const kind = run.classification.toLowerCase();
  if (kind === "") return "unknown";
  return SCALE_HINTS.find(([, hints]) => hints.some((hint) => kind.includes(hint)))?.[0] ?? "single_surface";
}

/** The run's outcome under that profile; total (DEC-53). */
export function outcomeOf(run: Gradable, profile: ExecutionProfile): RunOutcome {
  const said = run.record["delivery_outcome"];
  if (isPresent(said)) return DELIVERY_OUTCOMES.find((outcome) => outcome === said) ?? "unknown";
  if (isFloorOff(profile)) return "not_configured";
  const kind = run.classification.toLowerCase();
  if (profile.outcome_floor.surface_only_hints.some((hint) => includes(kind, hint))) return "surface_only";
  return profile.outcome_floor.outcome_markers.some((marker) => includes(kind, marker)) ? "outcome_progress" : "outcome_gap";
}

/** With neither markers nor hints there is nothing to measure (DEC-53). */
export function isFloorOff(profile: ExecutionProfile): boolean {
  return profile.outcome_floor.outcome_markers.length === 0 && profile.outcome_floor.surface_only_hints.length === 0;
}

export function isSmall(scale: RunScale): boolean {
  return scale === "test_only" || scale === "single_surface" || scale === "unknown";
}

export function isProgress(outcome: RunOutcome): boolean {
  return outcome === "outcome_progress" || outcome === "primary_goal_outcome";
}

/** How often in a row the newest deliveries fell short. */
export interface Streaks {
  /** Newest runs in a row that were small. */
  readonly small: number;
  /** Newest runs in a row without progress; 0 while the floor is off. */
  readonly gap: number;
  readonly floor_tripped: boolean;
}

/** The streaks of graded runs, newest first (DEC-54). */
export function streaksOf(graded: readonly Gradable[], profile: ExecutionProfile): Streaks {
  const counted = graded.slice(0, STREAK_LIMIT);
  const small = leading(counted, (run) => isSmall(scaleOf(run)));
  const gap = isFloorOff(profile) ? 0 : leading(counted, (run) => !isProgress(outcomeOf(run, profile)));
  return { small, gap, floor_tripped: gap > 0 && gap >= profile.outcome_floor.surface_streak_threshold };
}

const LADDER: readonly BatchScale[] = BATCH_SCALES;

/** True when a scale meets the profile's `minimum_scale`; an unknown label counts as the default (DEC-56). */
export function meetsMinimumScale(scale: RunScale, minimum: string): boolean {
  if (scale === "unknown") return false;
  const single = BATCH_SCALES.find((known) => known === minimum);
  return LADDER.indexOf(scale) >= LADDER.indexOf(single ?? "multi_surface");
}

function leading<T>(items: readonly T[], holds: (item: T) => boolean): number {
  const end = items.findIndex((item) => !holds(item));
  return end === -1 ? items.length : end;
}

function includes(kind: string, hint: string): boolean {
  return hint !== "" && kind.includes(hint.toLowerCase());
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
