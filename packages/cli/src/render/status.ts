import type { StatusResult } from "@loopx/core";
import { count, field, nested, section, title } from "./markdown.ts";

type Item = StatusResult["attention_queue"]["items"][number];

/** Who has to act first, then every goal that needs attention, then the newest runs. */
export function renderStatus(result: StatusResult): string[] {
  const queue = result.attention_queue;
  return [
    title("Status"),
    ...field("goals", result.goal_count),
    ...field("runs", result.run_count),
    ...field("needs a person", queue.needs_user_or_controller),
    ...field("needs an agent", queue.needs_codex),
    ...field(
      "health",
      result.contract.ok
        ? "ok"
        : `${count(result.contract.summary.errors, "error")}, ${count(result.contract.summary.warnings, "warning")}`,
    ),
    ...section("Attention", queue.items.flatMap(itemLines)),
    ...section(
      "Errors",
      result.contract.errors.map((error) => `- ${error.code}: ${error.message}`),
    ),
    ...section(
      "Goals",
      result.run_history.goals.map(
        (goal) =>
          `- ${goal.goal_id}: ${count(goal.run_count, "run")}${goal.latest_generated_at === null ? "" : `, newest ${goal.latest_generated_at}`}`,
      ),
    ),
    ...section(
      "Newest runs",
      result.run_history.runs.map((run) => `- ${run.generated_at} ${run.goal_id}: ${run.classification}`),
    ),
  ];
}

function itemLines(item: Item): string[] {
  return [
    `- [${item.severity}] ${item.goal_id}: ${item.status}, waits for ${item.waiting_on}`,
    ...(item.recommended_action === "" ? [] : [nested(item.recommended_action)]),
    ...(item.agents ?? []).map((agent) => nested(`${agent.agent_id}: ${agent.rule}`)),
    ...(item.global_findings ?? []).map((finding) => nested(`${finding.kind}: ${finding.message}`)),
  ];
}
