/** Rules about the one thing to do next when it is not a todo: look, run the approved command, map. */
import { isReadOnlyMapKind } from "../../goal/entry.ts";
import { gateField } from "./gates.ts";
import { goalRule } from "./rule.ts";

/** Rule 16: the registry says that outside evidence is awaited. */
export const externalEvidenceRegistered = goalRule(
  "external_evidence_registered",
  (_context, goal) => ({ waiting_on: goal.attention.waiting_on }),
  (_context, goal) => (goal.attention.waiting_on === "external_evidence" ? { rule: "external_evidence_registered" } : null),
);

/** Rule 17: an operator approved a command, and nothing has run since. */
export const approvedCommand = goalRule(
  "approved_command",
  ({ statusRun }) => ({
    classification: statusRun?.classification ?? null,
    has_command: statusRun !== null && gateField(statusRun, "agent_command") !== null,
  }),
  ({ statusRun }) => {
    if (statusRun?.classification !== "operator_gate_approved") return null;
    const agent_command = gateField(statusRun, "agent_command");
    return agent_command === null ? null : { rule: "approved_command", run: statusRun, agent_command };
  },
);

const MAY_MAP = new Set(["connected", "connected-read-only", "read-only-map-ready"]);

/** Rule 18: a newly connected read-only goal is mapped once. */
export const firstMap = goalRule(
  "first_map",
  ({ statusRun }, goal) => ({ has_status_run: statusRun !== null, adapter: { ...goal.adapter } }),
  ({ statusRun }, { adapter }) =>
    statusRun === null && isReadOnlyMapKind(adapter.kind) && MAY_MAP.has(adapter.status) ? { rule: "first_map" } : null,
);

/** Rule 27: the status run's classification has one of the two reserved prefixes. */
export const externalEvidenceRun = goalRule(
  "external_evidence_run",
  ({ statusRun }) => ({ classification: statusRun?.classification ?? null }),
  ({ statusRun }) =>
    statusRun !== null && awaitsEvidence(statusRun.classification) ? { rule: "external_evidence_run", run: statusRun } : null,
);

/** True for a classification that says: outside evidence is awaited. */
export function awaitsEvidence(classification: string): boolean {
  return classification.startsWith("await_") || classification.startsWith("external_evidence_observation_");
}
