import type { SpendSlotResult, VoidSlotResult } from "@loopx/core";
import { field, fields, title } from "./markdown.ts";

/** What was paid or undone, for which record, and what is left. */
export function renderSpend(name: "Spend" | "Void", result: SpendSlotResult | VoidSlotResult): string[] {
  return [
    title(name),
    ...fields(result, ["goal_id", "dry_run", "applied", "appended", "slots", "source"]),
    ...field(
      name === "Spend" ? "cited_run" : "voided_run",
      recordName("cited_run" in result ? result.cited_run : "voided_run" in result ? result.voided_run : null),
    ),
    ...field("before", ledgerLine(result.before)),
    ...field("after", ledgerLine(result.after)),
    ...fields(result, ["would_throttle", "run_id"]),
  ];
}

function recordName(record: { run_id: string; classification?: string } | null | undefined): string | null {
  if (record === null || record === undefined) return null;
  return record.classification === undefined ? record.run_id : `${record.run_id} (${record.classification})`;
}

function ledgerLine(ledger: { spent_slots: number; remaining_slots: number; state: string } | null | undefined): string | null {
  return ledger === null || ledger === undefined ? null : `${ledger.spent_slots} spent, ${ledger.remaining_slots} left, ${ledger.state}`;
}
