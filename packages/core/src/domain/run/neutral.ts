/**
 * Which records move a goal and which only accompany it (DEC-5). Read from the record's own fields, never from wording.
 */
import { isJsonObject, type JsonObject } from "../json.ts";

const QUOTA_ROWS = new Set<unknown>(["quota_slot_spent", "quota_slot_voided", "quota_monitor_poll"]);
const GATE_ROWS = new Set<unknown>(["operator_gate_approved", "operator_gate_rejected", "operator_gate_deferred"]);

export const HISTORY_GATE = "history_line_bad";

/** True for a spend, a void or a monitor poll. */
export function isQuotaRow(record: JsonObject): boolean {
  return QUOTA_ROWS.has(record["classification"]);
}

/** True for an answer to an operator gate. */
export function isGateRecord(record: JsonObject): boolean {
  return GATE_ROWS.has(record["classification"]) || isJsonObject(record["operator_gate"]);
}

/** True for a record that is never the status run and never graded (DEC-5). */
export function isNeutral(record: JsonObject): boolean {
  return isQuotaRow(record) || record["progress_scope"] === "agent_lane" || gateName(record) === HISTORY_GATE;
}

/** True for the approval of the bad lines above it (DEC-42). */
export function acceptsBadLines(record: JsonObject): boolean {
  return record["classification"] === "operator_gate_approved" && gateName(record) === HISTORY_GATE;
}

/** True for a record after which streaks begin anew (DEC-54). */
export function isApproval(record: JsonObject): boolean {
  const kind = record["classification"];
  return (kind === "operator_gate_approved" || kind === "controller_opted_in") && !isNeutral(record);
}

function gateName(record: JsonObject): unknown {
  const gate = record["operator_gate"];
  return isJsonObject(gate) ? gate["gate"] : undefined;
}
