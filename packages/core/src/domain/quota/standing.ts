/** Where a goal stands, in one word (`status`, DEC-38): the first line that applies. */
import { isConnectedAdapter } from "../goal/entry.ts";
import type { RuleName } from "./answers.ts";
import type { Decision } from "./decision.ts";

const BY_RULE: Partial<Readonly<Record<RuleName, string>>> = {
  registry_unreadable: "quota_collection_failed",
  agent_not_registered: "quota_collection_failed",
  goal_not_found: "goal_not_found",
  contract_broken: "contract_check_failed",
  boundary_scan_hit: "contract_check_failed",
  user_gate: "active_state_user_todo",
  gates_block_all: "active_state_user_todo",
  gate_fallback: "active_state_user_todo",
};

/** The status word, not yet cut or redacted: it may come from a file. */
export function standingOf(decision: Decision): string {
  const { goal, statusRun } = decision.context;
  const named = BY_RULE[decision.rule];
  if (named !== undefined) return named;
  if (decision.rule === "health_blocked" && decision.cause === "artifact_missing") return "run_artifact_missing";
  if (goal === null) return "no_run";
  const { waiting_on, attention_status } = goal.attention;
  if (waiting_on !== null && attention_status !== null && attention_status !== "") return attention_status;
  if (statusRun !== null && statusRun.classification !== "") return statusRun.classification;
  if (isConnectedAdapter(goal.adapter.status)) return "connected_without_run";
  if (goal.status !== "active" && goal.status !== "") return goal.status;
  return goal.adapter.status === "planned" ? "planned" : "no_run";
}
