/** Whether an adapter may map a project (CMD-111). Only the adapter's status lets the real map write; no gate does (DEC-79). */
import { isReadOnlyMapKind, type GoalEntry } from "../goal/entry.ts";
import { isJsonObject } from "../json.ts";
import type { Run } from "../run/history.ts";

export const MAP_GATE = "read_only_map_opt_in";

const READY: ReadonlySet<string> = new Set(["connected", "connected-read-only", "read-only-map-ready"]);

export type MapPermission =
  | { readonly kind: "allowed" }
  /** `approved`: an operator said yes, so the preview asks for nothing more; the map itself still waits for the status. */
  | { readonly kind: "planned"; readonly approved: boolean }
  | { readonly kind: "wrong_kind" }
  | { readonly kind: "wrong_status" };

/** What the adapter may do, seen with the newest runs of its goal, newest first. */
export function mapPermission({ kind, status }: GoalEntry["adapter"], newest: readonly Run[]): MapPermission {
  if (!isReadOnlyMapKind(kind)) return { kind: "wrong_kind" };
  if (READY.has(status)) return { kind: "allowed" };
  return status === "planned" ? { kind: "planned", approved: isApproved(newest) } : { kind: "wrong_status" };
}

/** The newest decision on this gate counts; decisions on other gates say nothing of it. */
function isApproved(newest: readonly Run[]): boolean {
  const decision = newest.find(({ record }) => isJsonObject(record["operator_gate"]) && record["operator_gate"]["gate"] === MAP_GATE);
  return decision?.classification === "operator_gate_approved";
}
