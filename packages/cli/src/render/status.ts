import type { StatusResult } from "@loopx/core";
import { holderLine, orchestrationLine } from "./verdict.ts";
import { count, field, nested, section, title } from "./markdown.ts";

const SHOWN_WARNINGS = 5;

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
    ...field("health", healthText(result.contract)),
    ...section("Attention", queue.items.flatMap(itemLines)),
    ...section(
      "Errors",
      result.contract.errors.map((error) => `- ${error.code}: ${error.message}`),
    ),
    ...section("Warnings", warningLines(result.contract)),
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

function healthText({ ok, summary: { errors, warnings } }: StatusResult["contract"]): string {
  return [ok ? "ok" : count(errors, "error"), ...(warnings === 0 ? [] : [count(warnings, "warning")])].join(", ");
}

/** The first few; `check` judges all of them. */
function warningLines({ warnings, summary }: StatusResult["contract"]): string[] {
  const listed = warnings.slice(0, SHOWN_WARNINGS);
  const more = summary.warnings - listed.length;
  return [
    ...listed.map((warning) => `- ${warning.code}: ${warning.message}`),
    ...(more === 0 ? [] : [`- and ${more} more; \`loopx check\` lists them`]),
  ];
}

function orchestrationLines({ project_asset: asset }: Item): string[] {
  return asset === null || asset.orchestration === null ? [] : [nested(`orchestration: ${orchestrationLine(asset.orchestration)}`)];
}

function itemLines(item: Item): string[] {
  return [
    `- [${item.severity}] ${item.goal_id}: ${item.status}, waits for ${item.waiting_on}`,
    ...(item.recommended_action === "" ? [] : [nested(item.recommended_action)]),
    ...(item.agents ?? []).map((agent) => nested(`${agent.agent_id}: ${agent.rule}`)),
    ...(item.holders ?? []).map((held) => nested(holderLine(held))),
    ...orchestrationLines(item),
    ...(item.global_findings ?? []).map((finding) => nested(`${finding.kind}: ${finding.message}`)),
  ];
}
