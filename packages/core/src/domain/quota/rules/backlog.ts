/** Rules for a goal without open work: repair its projection, stay quiet, or look for the next step. */
import { isConnectedAdapter } from "../../goal/entry.ts";
import { isJsonObject } from "../../json.ts";
import type { Run } from "../../run/history.ts";
import { instantMs } from "../../time.ts";
import type { Facts } from "../facts.ts";
import { goalRule } from "./rule.ts";
import type { RuleOf } from "./rule.ts";

/** Rule 31: the state names a next action, and no todo carries it. */
export const projectionGap = goalRule(
  "projection_gap",
  ({ work, gates, facts }) => ({
    open_agent_todos: work.open.length,
    gating_todos: gates.length,
    next_action_items: facts.state?.next_action.length ?? 0,
  }),
  ({ work, gates, facts }) => {
    const item = facts.state?.next_action[0];
    return work.open.length === 0 && gates.length === 0 && item !== undefined ? { rule: "projection_gap", item } : null;
  },
);

/** Rule 32: mapped, and nothing new to map. */
export const mappedNoop = goalRule(
  "mapped_noop",
  ({ statusRun, work, gates, facts }) => ({
    classification: statusRun?.classification ?? null,
    open_agent_todos: work.open.length,
    gating_todos: gates.length,
    unchanged: statusRun !== null && isUnchanged(statusRun, facts.state),
  }),
  ({ statusRun, work, gates, facts }) => {
    if (statusRun?.classification !== "read_only_project_map" || work.open.length > 0) return null;
    return gates.length > 0 || isUnchanged(statusRun, facts.state) ? { rule: "mapped_noop", run: statusRun } : null;
  },
);

/** Classifications that leave the next step to the agent (rule 33). */
export const STEERING_CLASSIFICATIONS: ReadonlySet<string> = new Set([
  "state_refreshed",
  "operator_gate_approved",
  "needs_validation",
  "run_validation",
  "inspect_result",
  "inspect_eval_result",
  "design_next_experiment",
  "needs_more_read_only_evidence",
  "controller_opted_in_waiting_for_run",
  "public_harness_healthy",
  "read_only_project_map",
]);

/** Rule 33: an agent may look for the next step itself. */
export const steeringAudit = goalRule(
  "steering_audit",
  ({ statusRun }, goal) => ({
    waiting_on: goal.attention.waiting_on,
    adapter_status: goal.adapter.status,
    classification: statusRun?.classification ?? null,
  }),
  ({ statusRun }, goal) => {
    const invited = goal.attention.waiting_on === "codex" || isConnectedAdapter(goal.adapter.status);
    return invited || STEERING_CLASSIFICATIONS.has(statusRun?.classification ?? "") ? { rule: "steering_audit", run: statusRun } : null;
  },
);

/** Rule 34: always. */
export const nothingToDo: RuleOf<"nothing_to_do"> = {
  name: "nothing_to_do",
  looksAt: () => ({}),
  answer: () => ({ rule: "nothing_to_do" }),
};

/** The state still is what the run saw: by content where the run recorded it, else by time. */
function isUnchanged(run: Run, state: Facts["state"]): boolean {
  if (state === null) return false;
  const seen = run.record["state"];
  const hash = isJsonObject(seen) ? seen["sha256_16"] : undefined;
  if (typeof hash === "string") return hash === state.sha256_16;
  const updated = instantMs(state.updated_at);
  // A state without a time tells of no change after the run.
  return updated === null || run.at_ms === null || updated <= run.at_ms;
}
