import type { QuotaStatusResult } from "@loopx/core";
import { field, section, title } from "./markdown.ts";

/** The goals by what their quota and gates allow, the next turn first. */
export function renderQuota(result: QuotaStatusResult): string[] {
  const groups = Object.entries(result.groups).flatMap(([name, items]) => section(name, items.map((item) => `- ${item.goal_id}: ${item.status}, ${item.quota.spent_slots} of ${item.quota.allowed_slots} slots, waits for ${item.waiting_on}`)));
  return [
    title(result.mode === "plan" ? "Quota Plan" : "Quota"),
    ...field("goals", result.goal_count),
    ...field("health_blockers", result.summary.health_blockers),
    ...field("next_automatic_turn", result.next_automatic_turn?.goal_id),
    ...groups,
  ];
}
