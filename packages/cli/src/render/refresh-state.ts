import type { RefreshStateResult } from "@loopx/core";
import { fields, section, title } from "./markdown.ts";

/** The recorded run. */
export function renderRefresh(result: RefreshStateResult): string[] {
  return [
    title("Refresh"),
    ...fields(result, [
      "goal_id",
      "dry_run",
      "applied",
      "appended",
      "generated_at",
      "run_id",
      "classification",
      "recommended_action",
      "recommended_action_source",
      "delivery_batch_scale",
      "delivery_outcome",
      "progress_scope",
      "agent_id",
      "json_path",
      "markdown_path",
    ]),
    ...section(
      "Warnings",
      result.warnings.map((warning) => `- ${warning.code}: ${warning.message}`),
    ),
  ];
}
