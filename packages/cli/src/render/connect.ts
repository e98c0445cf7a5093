import type { ConnectResult } from "@loopx/core";
import { code, fields, section, title } from "./markdown.ts";

/** What was connected, what was kept, and the next commands. */
export function renderConnect(result: ConnectResult): string[] {
  return [
    title("Connect"),
    ...fields(result, [
      "goal_id",
      "project",
      "dry_run",
      "applied",
      "registry_goal_action",
      "state_file",
      "state_action",
      "goal_doc",
      "goal_doc_exists",
      "runtime_root",
      "ignored_flags",
    ]),
    ...section(
      "Files",
      result.actions.map((each) => `- ${each.action}: ${each.path}`),
    ),
    ...section(
      "Backups",
      result.backups.map((path) => `- ${path}`),
    ),
    ...section(
      "Warnings",
      result.warnings.map((warning) => `- ${warning.code}: ${warning.message}`),
    ),
    ...section(
      "Next commands",
      result.next_commands.map((command) => `- ${code(command)}`),
    ),
  ];
}
