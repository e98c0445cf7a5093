import type { HistoryResult } from "@loopx/core";
import { count, field, fields, nested, section, title } from "./markdown.ts";

/** Runs, newest first, each with what comes next and how people judged it. */
export function renderHistory(result: HistoryResult): string[] {
  return [
    title("History"),
    ...fields(result, ["goal_filter", "goal_count", "run_count"]),
    ...section("Runs", result.runs.flatMap(runLines)),
    ...section(
      "Goals",
      result.goals.map((goal) => `- ${goal.goal_id}: ${count(goal.run_count, "run")}${goal.finding === null ? "" : ` (${goal.finding})`}`),
    ),
    ...section(
      "Bad lines",
      result.bad_lines.map((bad) => `- ${bad.goal_id}: line ${bad.line} (${bad.reason})`),
    ),
    ...section(
      "Torn lines",
      result.torn_lines.map((torn) => `- ${torn.goal_id}: line ${torn.line} was cut by a crash; its writer never reported success`),
    ),
  ];
}

function runLines(run: HistoryResult["runs"][number]): string[] {
  const grades = [run["delivery_batch_scale"], run["delivery_outcome"]].filter((grade) => typeof grade === "string");
  return [
    `- ${run.generated_at} ${run.goal_id}: ${run.classification}${grades.length === 0 ? "" : ` (${grades.join(", ")})`}`,
    ...field("run_id", run.run_id).map((line) => `  ${line}`),
    ...(typeof run["recommended_action"] === "string" ? [nested(`next: ${run["recommended_action"]}`)] : []),
    ...(run.human_rewards ?? []).map((judged) => nested(`judged: ${judged.reward}, ${judged.reason_summary}`)),
  ];
}
