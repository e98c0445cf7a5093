/** The answer of `reward` (CMD-114). */
import * as z from "zod/mini";
import { HumanRewardSchema } from "../run/history.ts";
import { count, effect, flag, openObject, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const SelectedRunSchema = z.strictObject({
  generated_at: z.string(),
  classification: z.string(),
  recommended_action: z.string(),
  json_exists: z.nullable(z.boolean()).check(z.describe("Null when the run names no artifact, or one outside its goal's directory.")),
  markdown_exists: z.nullable(z.boolean()),
});

const VisibilitySchema = z
  .strictObject({
    source_of_truth: z.literal("run_bound_human_reward_overlay"),
    history_command: text("Shows the judgement to an agent."),
    active_state_role: z.literal("summary_only"),
    review_packet_role: z.literal("optional_handoff_only"),
    lesson_role: z.optional(z.literal("warning_only")),
  })
  .check(z.describe("Where an agent learns of the judgement, and what each place is worth."));

const StateUpdateSchema = z.strictObject({
  requested: flag("True with --write-active-state-summary."),
  would_write: flag("True when the ledger does not have the entry yet."),
  written: z.boolean(),
  state_file: textOrNull("Null when nothing was asked of the goal state, like section and entry."),
  section: z.nullable(z.string()),
  entry: textOrNull("The bullet as it stands in the ledger."),
  already_present: z.boolean(),
});

export const RewardSchema = z.strictObject({
  ...effect,
  appended: flag("True when an overlay was appended; false when the run's last one says all of it."),
  goal_id: z.string(),
  raw_index_records_before: count("Non-blank lines of the index before this call."),
  selected_run: SelectedRunSchema.check(z.describe("The run that is judged.")),
  human_reward: HumanRewardSchema.check(z.describe("The judgement; without `overlay_id` in a preview.")),
  active_state_summary: text("The judgement on one line."),
  project_agent_visibility: VisibilitySchema,
  active_state_update: StateUpdateSchema,
  index_record: openObject("The overlay line: the run's own fields and the judgement."),
});
/** A judgement of a run. */
export type RewardResult = PayloadOf<typeof RewardSchema>;
