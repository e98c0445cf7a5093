/** The answer of `history` (CMD-61), and a run as every projection shows it. */
import * as z from "zod/mini";
import { HumanRewardSchema } from "../run/history.ts";
import { count, flag, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

/** One run as readers show it: its index line, its judgements, and whether its artifacts are there (null: elsewhere). */
export const ShownRunSchema = z
  .looseObject({
    generated_at: z.string(),
    goal_id: z.string(),
    classification: z.string(),
    run_id: z.string(),
    json_exists: z.nullable(z.boolean()).check(z.describe("Null when the run names no artifact, or one outside its goal's directory.")),
    markdown_exists: z.nullable(z.boolean()),
    human_reward: z.optional(HumanRewardSchema.check(z.describe("The newest judgement."))),
    human_rewards: z.optional(z.array(HumanRewardSchema).check(z.describe("All judgements, oldest first."))),
  })
  .check(z.describe("One line of the run index with its own keys, and what was found beside it."));
/** A run's own index line with its judgements; further keys are the writer's. */
export type ShownRun = PayloadOf<typeof ShownRunSchema>;

export const GoalHistorySchema = z.strictObject({
  goal_id: z.string(),
  registered: flag("False for a runtime directory that no entry names."),
  run_count: count("Runs after folding."),
  record_count: count("Lines of the index that are not blank."),
  latest_generated_at: z.nullable(z.string()),
  latest_classification: z.nullable(z.string()),
  finding: textOrNull("`unregistered_runtime_goal`, `history_unreadable`, or null."),
});
export type GoalHistory = PayloadOf<typeof GoalHistorySchema>;

export const HistoryResultSchema = z.strictObject({
  runtime_root: z.string(),
  goal_filter: textOrNull("The goal that was asked for; null for all."),
  goal_count: count("Goals that were read."),
  run_count: count("All their runs."),
  goals: z.array(GoalHistorySchema),
  runs: z.array(ShownRunSchema).check(z.describe("Newest first, at most --limit.")),
  bad_lines: z
    .array(
      z.strictObject({ goal_id: z.string(), line: count("1-based."), offset: count("In bytes."), reason: text("Why it cannot be read.") }),
    )
    .check(z.describe("Lines that were skipped; they stay in the file.")),
  torn_lines: z
    .array(z.strictObject({ goal_id: z.string(), line: count("1-based."), offset: count("In bytes.") }))
    .check(z.describe("Lines that a crash cut short; their writers never reported success, so nothing is lost.")),
});
/** The newest runs, and the lines that could not be read. */
export type HistoryResult = PayloadOf<typeof HistoryResultSchema>;
