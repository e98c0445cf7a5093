import type { DisconnectListResult, DisconnectResult } from "@loopx/core";
import { code, field, fields, nested, section, title } from "./markdown.ts";

/** What left or came back, file by file, and how to undo it. */
export function renderDisconnect(name: "Disconnect" | "Restore", result: DisconnectResult): string[] {
  return [
    title(name),
    ...fields(result, [
      "dry_run",
      "applied",
      "global_registry",
      "goal_ids",
      "stamp",
      "local_goal_count_before",
      "local_goal_count_after",
      "global_removed_goal_ids",
      "global_skipped_route_mismatch_goal_ids",
    ]),
    ...field("restore_command", result.restore_command === null ? null : code(result.restore_command)),
    ...section(
      "States",
      result.state_actions.map(
        (state) =>
          `- ${state.goal_id}: ${state.action}${state.path === null ? "" : ` ${state.path}`}${state.archived_to === null ? "" : ` -> ${state.archived_to}`}`,
      ),
    ),
    ...section(
      "Files",
      result.actions.map((step) => `- ${step.action} ${step.path}`),
    ),
    ...section(
      "Warnings",
      result.warnings.map((warning) => `- ${warning.code}: ${warning.message}`),
    ),
  ];
}

/** What can be put back, oldest first. */
export function renderDisconnectList(result: DisconnectListResult): string[] {
  return [title("Disconnected"), ...fields(result, ["global_registry"]), ...section("Stamps", result.disconnected.flatMap(entryLines))];
}

function entryLines(entry: DisconnectListResult["disconnected"][number]): string[] {
  if (entry.restore_command === null) return [`- ${entry.stamp}: its manifest cannot be read`];
  return [
    `- ${entry.stamp}: ${entry.goal_ids.join(", ")} of ${entry.project_registry ?? "?"}, ${entry.standing}`,
    nested(code(entry.restore_command)),
  ];
}
