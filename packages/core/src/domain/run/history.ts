/**
 * A goal's history as decisions and queries see it: folded runs, the quota ledger's raw events, bad lines.
 * It is bounded: its size does not grow with the index (PRF-5). Types only; `fold.ts` builds it line by line.
 */
import * as z from "zod/mini";

/** `unknown` stands for a value that is present and not one of ours. */
export const BATCH_SCALES = ["test_only", "single_surface", "multi_surface", "implementation"] as const;
/** What a delivery reached, least first. */
export const DELIVERY_OUTCOMES = ["surface_only", "outcome_gap", "outcome_progress", "primary_goal_outcome"] as const;
/** A scale of {@link BATCH_SCALES}. */
export type BatchScale = (typeof BATCH_SCALES)[number];
/** An outcome of {@link DELIVERY_OUTCOMES}. */
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** What a lesson is about. */
export const LESSON_KINDS = ["route", "priority", "benchmark_protocol", "safety_boundary", "operating_rule"] as const;
/** What a person wants done differently: it warns and never authorises. */
export const LessonSchema = z.looseObject({
  schema_version: z.optional(z.string()),
  kind: z.string(),
  summary: z.string(),
  avoid: z.array(z.string()),
  prefer: z.array(z.string()),
});
/** A person's judgement of one run, as its overlay line carries it (FIL-67). */
export const HumanRewardSchema = z.looseObject({
  recorded_at: z.string(),
  decision: z.string(),
  reward: z.string(),
  reason_summary: z.string(),
  follow_up: z.optional(z.string()),
  lesson: z.optional(LessonSchema),
  overlay_id: z.optional(z.string()),
});
/** A lesson of a human judgement. */
export type Lesson = z.infer<typeof LessonSchema>;
/** A person's judgement of one run. */
export type HumanReward = z.infer<typeof HumanRewardSchema>;

/** One run after folding (FIL-65). `record` is the whole index line, unknown keys included, without rewards. */
export const RunSchema = z.object({
  run_id: z.string(),
  generated_at: z.string(),
  /** Epoch ms of `generated_at`; null when it cannot be read, which sorts oldest (FIL-66). */
  at_ms: z.nullable(z.number()),
  /** Ordinal of its line; breaks ties, later first. */
  ordinal: z.number(),
  classification: z.string(),
  recommended_action: z.string(),
  health_check: z.string(),
  json_path: z.nullable(z.string()),
  markdown_path: z.nullable(z.string()),
  agent_id: z.nullable(z.string()),
  record: z.record(z.string(), z.unknown()),
  /** Oldest first; the last one is `human_reward`. */
  human_rewards: z.array(HumanRewardSchema),
});
/** One run of a history. */
export type Run = z.infer<typeof RunSchema>;

/** A `quota_slot_spent` line (FIL-68). */
export const SpendEventSchema = z.object({
  run_id: z.string(),
  generated_at: z.string(),
  at_ms: z.nullable(z.number()),
  ordinal: z.number(),
  /** `quota_event.run_generated_at`, else the line's `generated_at`: what a void names. */
  key: z.string(),
  /** Null when neither line nor artifact says it; such a spend counts as 1 slot (`quota_event_missing`). */
  slots: z.nullable(z.number()),
  /** Artifact that may hold the `quota_event` the line lacks. */
  json_path: z.nullable(z.string()),
  source: z.nullable(z.string()),
  agent_id: z.nullable(z.string()),
  /** The record it paid for; null as the older Python LoopX wrote it. */
  delivery_run_id: z.nullable(z.string()),
  delivery_run_generated_at: z.nullable(z.string()),
});
export type SpendEvent = z.infer<typeof SpendEventSchema>;

/** A `quota_slot_voided` line. */
export const VoidEventSchema = z.object({
  run_id: z.string(),
  generated_at: z.string(),
  at_ms: z.nullable(z.number()),
  ordinal: z.number(),
  key: z.string(),
  voided_run_id: z.nullable(z.string()),
  slots: z.nullable(z.number()),
  json_path: z.nullable(z.string()),
});
export type VoidEvent = z.infer<typeof VoidEventSchema>;

export const BadLineSchema = z.object({
  line: z.number(),
  offset: z.number(),
  reason: z.string(),
  /** True once an operator gate `history_line_bad` below it was approved (DEC-42). */
  accepted: z.boolean(),
});
export type BadLine = z.infer<typeof BadLineSchema>;

export const HistorySchema = z.object({
  /** Non-blank lines of the index: `raw_index_records_before`. */
  record_count: z.number(),
  run_count: z.number(),
  /** The log position an `expected_head` wants. */
  head: z.string(),
  /** Newest first, at most as many as were asked for. */
  newest: z.array(RunSchema),
  /** The newest run that is not neutral (DEC-5). */
  status_run: z.nullable(RunSchema),
  /** Newest first: runs that count for streaks, newer than the newest approval (DEC-54), at most 50. */
  graded: z.array(RunSchema),
  /** Newest first: the 20 newest runs that carry a reward. */
  judged: z.array(RunSchema),
  spends: z.array(SpendEventSchema),
  voids: z.array(VoidEventSchema),
  /** At most 100 are listed; the counts are whole. */
  bad_lines: z.array(BadLineSchema),
  bad_line_count: z.number(),
  unaccepted_bad_line_count: z.number(),
  /** Torn lines: notes, never a block (FIL-64). */
  torn_lines: z.array(z.object({ line: z.number(), offset: z.number() })),
  /** `index_identity_collision`, `timestamp_invalid` and the like, as counts by code with a first line number. */
  notes: z.array(z.object({ code: z.string(), line: z.number(), count: z.number() })),
});
/** A goal's folded history. */
export type History = z.infer<typeof HistorySchema>;
