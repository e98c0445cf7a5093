import type { WhyResult } from "@loopx/core";
import { holderLine } from "./verdict.ts";
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
      "Held",
      result.holders.map((held) => `- ${holderLine(held)}`),
    ),
    ...section(
      "To change it",
      result.to_change.map(
        ({ actor, command, verdict, next_todo: todo }) =>
          `- ${actor}: ${code(command)} (then: ${verdict}${todo === null ? "" : `, ${todo.todo_id}`})`,
      ),
    ),
  ];
}
