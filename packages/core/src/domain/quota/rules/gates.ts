/** Rules about answers that people owe: user todos, the registry's wait, opt-in, gate records, the adapter. */
import { isConnectedAdapter, isReadOnlyMapKind } from "../../goal/entry.ts";
import { isJsonObject } from "../../json.ts";
import type { Run } from "../../run/history.ts";
import { some } from "../decision.ts";
import { goalRule } from "./rule.ts";

/** Rule 9: a gating todo stops the goal, or stops this agent. */
export const userGate = goalRule(
  "user_gate",
  ({ gates, stopping }) => ({ gating_todos: gates.length, stopping: stopping.length }),
  ({ stopping }) => {
    const gates = some(stopping);
    return gates === null ? null : { rule: "user_gate", gates };
  },
);

/** Rule 10: the registry says that a person is waited for, with or without runs. */
export const registryGate = goalRule(
  "registry_gate",
  (_context, goal) => ({ waiting_on: goal.attention.waiting_on }),
  (_context, { attention: { waiting_on } }) => {
    return waiting_on === "user_or_controller" || waiting_on === "controller" ? { rule: "registry_gate", waiting_on } : null;
  },
);

/** Rule 11: a planned map is asked for before anything is looked at. */
export const mapOptIn = goalRule(
  "map_opt_in",
  ({ statusRun }, goal) => ({ has_status_run: statusRun !== null, adapter: { ...goal.adapter } }),
  ({ statusRun }, { adapter }) =>
    statusRun === null && adapter.status === "planned" && isReadOnlyMapKind(adapter.kind) ? { rule: "map_opt_in" } : null,
);

/** Classifications of a status run that wait for a person (rule 12). */
export const GATING_CLASSIFICATIONS: ReadonlySet<string> = new Set([
  "needs_human_reward",
  "needs_controller_opt_in",
  "needs_user_relay",
  "ready_for_controller_opt_in",
  "ready_for_user_relay",
  "operator_gate_deferred",
  "operator_gate_rejected",
]);

/** Rule 12: the status run itself asks for a person, unless the registry hands the goal to the agent. */
export const runGate = goalRule(
  "run_gate",
  ({ statusRun }, goal) => ({ waiting_on: goal.attention.waiting_on, classification: statusRun?.classification ?? null }),
  ({ statusRun }, goal) => {
    if (statusRun === null || goal.attention.waiting_on === "codex" || !GATING_CLASSIFICATIONS.has(statusRun.classification)) return null;
    return { rule: "run_gate", run: statusRun, gate: gateNameOf(statusRun), question: gateField(statusRun, "operator_question") };
  },
);

/** Rule 13: nothing has run and nothing is connected. */
export const adapterNotConnected = goalRule(
  "adapter_not_connected",
  ({ statusRun }, goal) => ({ has_status_run: statusRun !== null, adapter_status: goal.adapter.status }),
  ({ statusRun }, { adapter: { status } }) => {
    const usable = isConnectedAdapter(status) || status === "read-only-map-ready";
    return statusRun !== null || usable ? null : { rule: "adapter_not_connected", status };
  },
);

/** Rule 22: there is work, and gates stop all of it. */
export const gatesBlockAll = goalRule(
  "gates_block_all",
  ({ work }) => ({ executable: work.executable.length, ungated: work.ungated.length }),
  ({ work, blocking }) => {
    const gates = some(blocking);
    return work.executable.length > 0 && work.ungated.length === 0 && gates !== null ? { rule: "gates_block_all", gates } : null;
  },
);

/** A text of the run's `operator_gate` record, or null. */
export function gateField(run: Run, field: "gate" | "operator_question" | "agent_command" | "reason_summary"): string | null {
  const gate = run.record["operator_gate"];
  const value = isJsonObject(gate) ? gate[field] : undefined;
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function gateNameOf(run: Run): string {
  const readiness = run.record["controller_readiness"];
  const missing = isJsonObject(readiness) ? readiness["missing_gates"] : undefined;
  const firstMissing: unknown = Array.isArray(missing) ? missing[0] : undefined;
  if (gateField(run, "gate") !== null) return gateField(run, "gate") ?? "";
  return typeof firstMissing === "string" && firstMissing !== "" ? firstMissing : run.classification;
}
