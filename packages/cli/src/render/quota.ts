import type { QuotaStatusResult } from "@loopx/core";
import { field, nested, section, title } from "./markdown.ts";

/** The goals by what their quota and gates allow, the next turn first. */
export function renderQuota(result: QuotaStatusResult): string[] {
  const groups = Object.entries(result.groups).flatMap(([name, items]) => section(name, items.flatMap(itemLines)));
  return [
    title(result.mode === "plan" ? "Quota Plan" : "Quota"),
    ...field("goals", result.goal_count),
    ...field("health_blockers", result.summary.health_blockers),
    ...field("next_automatic_turn", result.summary.next_automatic_turn ?? "none"),
    ...groups,
  ];
}

function itemLines(item: QuotaStatusResult["groups"]["eligible"][number]): string[] {
  const { spent_slots: spent, allowed_slots: allowed } = item.quota;
  const waits = item.waiting_on === "none" ? "" : `, waits for ${item.waiting_on}`;
  return [
    `- ${item.goal_id}: ${item.rule}, ${spent} of ${allowed} slots${waits}`,
    ...(item.recommended_action === "" ? [] : [nested(item.recommended_action)]),
  ];
}
