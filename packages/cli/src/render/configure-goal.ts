import type { ConfigureGoalResult, RegisterAgentResult } from "@loopx/core";
import { field, fields, section, title } from "./markdown.ts";

/** What changed, or would change, field by field. */
export function renderConfigured(name: string, result: ConfigureGoalResult): string[] {
  const change = (key: string): string =>
    `- ${key}: ${JSON.stringify(result.before[key] ?? null)} -> ${JSON.stringify(result.after[key] ?? null)}`;
  return [
    title(name),
    ...fields(result, ["goal_id", "dry_run", "applied", "changed"]),
    ...section("Changes", result.changed_fields.map(change)),
    ...hint(result),
  ];
}

/** The agents a goal has now. */
export function renderAgents(result: RegisterAgentResult): string[] {
  return [
    ...renderConfigured("Register Agent", result),
    "",
    ...fields(result, ["registered_agents", "added"]),
    ...field("primary_agent", result.primary_agent),
  ];
}

function hint({ dry_run, changed }: ConfigureGoalResult): string[] {
  return dry_run && changed ? ["", "Nothing was written. Add --execute to write it."] : [];
}
