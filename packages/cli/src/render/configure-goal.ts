import type { ConfigureGoalResult, RegisterAgentResult } from "@loopx/core";
import { field, fields, section, title } from "./markdown.ts";

/** What changed, or would change, field by field; where else than in the registry that was asked, that place too. */
export function renderConfigured(name: string, result: ConfigureGoalResult, asked: string): string[] {
  const change = (key: string): string =>
    `- ${key}: ${JSON.stringify(result.before[key] ?? null)} -> ${JSON.stringify(result.after[key] ?? null)}`;
  return [
    title(name),
    ...fields(result, ["goal_id", "dry_run", "applied", "changed"]),
    ...field("changed_registry", result.registry === asked ? null : result.registry),
    ...section("Changes", result.changed_fields.map(change)),
    ...hint(result),
  ];
}

/** The agents a goal has now. */
export function renderAgents(result: RegisterAgentResult, asked: string): string[] {
  return [
    ...renderConfigured("Register Agent", result, asked),
    "",
    ...fields(result, ["registered_agents", "added"]),
    ...field("primary_agent", result.primary_agent),
  ];
}

function hint({ dry_run, changed }: ConfigureGoalResult): string[] {
  return dry_run && changed ? ["", "Nothing was written. Add --execute to write it."] : [];
}
