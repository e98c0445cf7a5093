import type { OperatorGateResult } from "@loopx/core";
import { fields, title } from "./markdown.ts";

/** The answer, and what follows from it. */
export function renderOperatorGate(result: OperatorGateResult): string[] {
  return [
    title("Operator Gate"),
    ...fields(result, ["goal_id", "dry_run", "applied", "appended", "classification"]),
    ...fields(result.operator_gate, ["gate", "decision", "operator_question", "reason_summary", "follow_up", "agent_command"]),
    ...fields(result, ["recommended_action", "run_id", "json_path", "markdown_path"]),
  ];
}
