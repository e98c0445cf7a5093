import type { RewardResult } from "@loopx/core";
import { code, field, fields, section, title } from "./markdown.ts";

/** What was or would be written, then the judgement and the run it is about (CMD-114). */
export function renderReward(result: RewardResult): string[] {
  const { human_reward: reward, selected_run: run } = result;
  return [
    title("Reward"),
    ...fields(result, ["goal_id", "dry_run", "applied", "appended"]),
    ...section("Write Effect", writeEffect(result)),
    ...section("Judged Run", fields(run, ["generated_at", "classification", "recommended_action", "json_exists", "markdown_exists"])),
    ...section("Human Reward", [
      ...fields(reward, ["recorded_at", "decision", "reward", "reason_summary", "follow_up", "overlay_id"]),
      ...(reward.lesson === undefined ? [] : lessonLines(reward.lesson)),
    ]),
    ...section("Summary", [`- ${result.active_state_summary}`]),
  ];
}

/** The two places that may be written, each with what became of it, and how an agent finds the judgement. */
function writeEffect(result: RewardResult): string[] {
  const { selected_run: run, active_state_update: update, dry_run } = result;
  // A preview has an id only for a judgement that stands already.
  const recorded = dry_run ? result.human_reward.overlay_id !== undefined : !result.appended;
  const effect = (present: boolean) => (present ? "already present" : dry_run ? "would be written" : "written");
  return [
    ...field("selected_run", `${run.generated_at} ${run.classification}`),
    ...field("run_overlay", effect(recorded)),
    ...field("raw_index_records_before", result.raw_index_records_before),
    ...field("active_state", update.requested ? effect(update.already_present) : "not requested"),
    ...fields(update, ["section", "state_file"]),
    ...field("history_command", code(result.project_agent_visibility.history_command)),
  ];
}

function lessonLines(lesson: NonNullable<RewardResult["human_reward"]["lesson"]>): string[] {
  return [
    ...field("lesson", `${lesson.kind}: ${lesson.summary}`),
    ...lesson.avoid.flatMap((text) => field("avoid", text)),
    ...lesson.prefer.flatMap((text) => field("prefer", text)),
  ];
}
