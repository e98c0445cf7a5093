import type { StatusResult } from "@loopx/core";
import { holderLine, orchestrationLine } from "./verdict.ts";
import { code, columns, count, field, nested, section, title } from "./markdown.ts";

const SHOWN_WARNINGS = 5;

type Item = StatusResult["attention_queue"]["items"][number];
type Goal = StatusResult["run_history"]["goals"][number];

/** Who has to act first and what they type, then every other goal, then the newest runs. */
export function renderStatus(result: StatusResult): string[] {
  const { items, needs_user_or_controller, needs_codex } = result.attention_queue;
  const listed = new Set(items.map((item) => item.goal_id));
  return [
    title("Status"),
    ...field("goals", result.goal_count),
    ...field("runs", result.run_count),
    ...field("needs a person", needs_user_or_controller),
    ...field("needs an agent", needs_codex),
    ...field("health", healthText(result.contract)),
    ...section("Attention", attentionLines(items)),
    ...section(
      "Errors",
      result.contract.errors.map((error) => `- ${error.code}: ${error.message}`),
    ),
    ...section("Warnings", warningLines(result.contract)),
    ...section("Goals", goalLines(result.run_history.goals, listed)),
    ...section("Newest runs", columns(result.run_history.runs.map((run) => [`- ${run.generated_at}`, run.goal_id, run.classification]))),
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

function attentionLines(items: readonly Item[]): string[] {
  const heads = columns(items.map((item) => [`- [${item.severity}]`, item.goal_id, `waits for ${item.waiting_on}`, item.status]));
  return items.flatMap((item, at) => [heads[at] ?? "", ...itemLines(item)]);
}

function itemLines(item: Item): string[] {
  return [
    ...(item.recommended_action === "" ? [] : [nested(item.recommended_action)]),
    ...(item.next_command === undefined ? [] : [nested(code(item.next_command))]),
    ...(item.agents ?? []).map((agent) => nested(`${agent.agent_id}: ${agent.rule}`)),
    ...(item.holders ?? []).map((held) => nested(holderLine(held))),
    ...orchestrationLines(item),
    ...(item.global_findings ?? []).map((finding) => nested(`${finding.kind}: ${finding.message}`)),
  ];
}

function orchestrationLines({ project_asset: asset }: Item): string[] {
  return asset === null || asset.orchestration === null ? [] : [nested(`orchestration: ${orchestrationLine(asset.orchestration)}`)];
}

/** Every goal on one line; below one that nobody is waiting for, how to set it going. */
function goalLines(goals: readonly Goal[], listed: ReadonlySet<string>): string[] {
  const heads = columns(goals.map((goal) => [`- ${goal.goal_id}`, goal.decision, goal.state, runsText(goal)]));
  return goals.flatMap((goal, at) => [heads[at] ?? "", ...(listed.has(goal.goal_id) ? [] : [nested(code(goal.next_command))])]);
}

function runsText({ run_count, latest_generated_at }: Goal): string {
  return `${count(run_count, "run")}${latest_generated_at === null ? "" : `, newest ${latest_generated_at}`}`;
}
