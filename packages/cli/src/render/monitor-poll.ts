import type { MonitorPollResult } from "@loopx/core";
import { field, fields, title } from "./markdown.ts";

/** What was looked at, what it found, and when the next look is due. */
export function renderPoll(result: MonitorPollResult): string[] {
  return [
    title("Monitor Poll"),
    ...fields(result, [
      "goal_id",
      "dry_run",
      "applied",
      "appended",
      "rule",
      "todo_id",
      "target_key",
      "material_change",
      "delivery_outcome",
      "last_checked_at",
      "next_due_at",
      "consecutive_no_change",
    ]),
    ...field("reason_summary", result.quota_event.reason_summary),
    ...result.successors.flatMap((todo) => field("followed_by", `${todo.todo_id} ${todo.text} (${todo.role})`)),
    ...fields(result, ["run_id", "state_file"]),
  ];
}
