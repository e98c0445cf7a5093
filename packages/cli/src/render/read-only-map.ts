import type { ReadOnlyMapResult } from "@loopx/core";
import { field, fields, section, title } from "./markdown.ts";

/** What was found, what is missing, and what it means. */
export function renderMap(result: ReadOnlyMapResult): string[] {
  const { project_map: map } = result;
  return [
    title("Read-only Map"),
    ...fields(result, [
      "goal_id",
      "dry_run",
      "applied",
      "appended",
      "generated_at",
      "run_id",
      "classification",
      "opt_in_required",
      "recommended_action",
    ]),
    ...field("adapter", `${map.adapter_kind} ${map.adapter_status}`),
    ...field("sections", `${map.sections_found} of ${map.sections_checked}`),
    ...field("files", `${map.files_present} of ${map.files_checked}`),
    ...fields(result, ["json_path", "markdown_path"]),
    ...section(
      "Residual risks",
      result.residual_risks.map((risk) => `- ${risk}`),
    ),
    ...section(
      "Not found",
      result.checks.filter((check) => !check.exists).map((check) => `- ${check.path}`),
    ),
    ...section(
      "Warnings",
      result.warnings.map((warning) => `- ${warning.code}: ${warning.message}`),
    ),
  ];
}
