import type { RegistryResult } from "@loopx/core";
import { fields, section, title } from "./markdown.ts";

/** The goals with where they live, and what is wrong. */
export function renderRegistry(result: Omit<RegistryResult, "unhealthy" | "repair">): string[] {
  return [
    title("Registry"),
    ...fields(result, ["schema_version_found", "updated_at", "common_runtime_root", "goal_count"]),
    ...section("Goals", result.goals.flatMap(goalLines)),
    ...section(
      "Problems",
      result.problems.map((problem) => `- ${problem.severity} ${problem.code}: ${problem.message}`),
    ),
  ];
}

function goalLines(goal: RegistryResult["goals"][number]): string[] {
  const adapter = goal.adapter === null ? "" : `, ${goal.adapter.kind} ${goal.adapter.status}`;
  const name = goal.goal_id ?? `goals[${goal.position}]`;
  return [
    `- ${name}: ${goal.usable ? `${goal.status ?? "no status"}${adapter}` : "cannot be used"}`,
    ...fields(goal, ["repo", "state_file", "registered_agents", "primary_agent"]).map((line) => `  ${line}`),
  ];
}
