/** What a chosen record delivered, against the contract that held before it (DEC-63). */
import { isNewer } from "../run/order.ts";
import { isProgress, meetsMinimumScale, outcomeOf, scaleOf, STREAK_LIMIT, streaksOf } from "../run/grades.ts";
import type { CitableRecord, CitationLedger } from "./citation-ledger.ts";
import { deliveryContract } from "./contract.ts";
import type { Refusal, SpendInput } from "./spend-input.ts";

/** Why a qualified record is still not paid for; null when it is. */
export function deliveryRefusal(record: CitableRecord, input: Pick<SpendInput, "profile" | "ledger">): Refusal | null {
  const { profile, ledger } = input;
  const details = { run_id: record.run_id };
  if (record.record["delivery_outcome"] === "outcome_gap") {
    return { reason: "outcome_gap_record", message: `the record ${record.run_id} says itself that it brought no outcome`, details };
  }
  const before = gradedBefore(record, ledger);
  const scale = scaleOf(record);
  if (deliveryContract(before, profile) !== null && !meetsMinimumScale(scale, profile.minimum_scale)) {
    return {
      reason: "below_minimum_scale",
      message: `the delivery contract wants ${profile.minimum_scale}, and the record ${record.run_id} is ${scale}`,
      details: { ...details, scale, minimum_scale: profile.minimum_scale },
    };
  }
  const outcome = outcomeOf(record, profile);
  if (streaksOf(before, profile).floor_tripped && !isProgress(outcome)) {
    return {
      reason: "outcome_floor_not_met",
      message: `the outcome floor was tripped before the record ${record.run_id}, whose outcome is ${outcome}`,
      details: { ...details, outcome },
    };
  }
  const last = ledger.spends.find((spend) => !spend.voided && spend.cites !== null)?.cites;
  if (last !== undefined && last !== null && record.state_sha256_16 !== null && last.state_sha256_16 === record.state_sha256_16) {
    return {
      reason: "no_state_writeback",
      message: `the goal state is the same as when ${last.run_id} was paid for; write the result back first`,
      details: { ...details, last_cited_run_id: last.run_id, state_sha256_16: record.state_sha256_16 },
    };
  }
  return null;
}

/** The graded runs as the verdict before this record saw them, newest first (DEC-54). */
export function gradedBefore(record: CitableRecord, ledger: CitationLedger): readonly CitableRecord[] {
  const older = ledger.records.filter((each) => isNewer(record, each));
  const approval = older.findIndex((each) => each.approves);
  const since = approval === -1 ? older : older.slice(0, approval);
  return since.filter((each) => each.graded).slice(0, STREAK_LIMIT);
}
