import type { RewardResult } from "@loopx/core";
import { code, field, fields, section, title } from "./markdown.ts";

/** What was or would be written, then the judgement and the run it is about (CMD-114). */
export function renderReward(result: RewardResult): string[] {
  const { human_reward: reward, active_state_update: update } = result;
  return [
    title("Reward"),
    ...fields(result, ["goal_id"]),
    ...section("Write Effect", [
      ...fields(result, ["dry_run", "applied", "appended", "raw_index_records_before"]),
      ...field("active_state_requested", update.requested),
      ...(update.requested ? stateLines(update) : []),
    ]),
    ...section(
      "Judged Run",
      fields(result.selected_run, ["generated_at", "classification", "recommended_action", "json_exists", "markdown_exists"]),
    ),
    ...section("Human Reward", [
      ...fields(reward, ["recorded_at", "decision", "reward", "reason_summary", "follow_up", "overlay_id"]),
      ...(reward.lesson === undefined ? [] : lessonLines(reward.lesson)),
    ]),
    ...section("Summary", [`- ${result.active_state_summary}`, `- history: ${code(result.project_agent_visibility.history_command)}`]),
  ];
}

function stateLines(update: RewardResult["active_state_update"]): string[] {
  return [
    ...field("active_state_would_write", update.would_write),
    ...field("active_state_written", update.written),
    ...field("active_state_already_present", update.already_present),
    ...fields(update, ["section", "state_file"]),
  ];
}

function lessonLines(lesson: NonNullable<RewardResult["human_reward"]["lesson"]>): string[] {
  return [
    ...field("lesson", `${lesson.kind}: ${lesson.summary}`),
    ...lesson.avoid.flatMap((text) => field("avoid", text)),
    ...lesson.prefer.flatMap((text) => field("prefer", text)),
  ];
}
