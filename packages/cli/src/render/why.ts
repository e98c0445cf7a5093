import type { WhyResult } from "@loopx/core";
import { code, fields, section, title } from "./markdown.ts";

/** The rules in order up to the one that answered, and the command that would change the answer. */
export function renderWhy(result: WhyResult): string[] {
  return [
    title("Why"),
    ...fields(result, ["goal_id", "decision", "rule"]),
    ...section(
      "Rules",
      result.trace.map((step, index) => `${index + 1}. ${step.rule}${step.matched ? ": answers" : ""}`),
    ),
    ...section(
      "To change it",
      result.to_change.map((change) => `- ${change.actor}: ${code(change.command)} (then: ${change.verdict})`),
    ),
  ];
}
