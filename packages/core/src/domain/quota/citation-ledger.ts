/** What a citation ledger holds: runs as a spend sees them, and the spends that paid for them. Types only. */
import type { Gradable } from "../run/grades.ts";
import type { SpendEvent } from "../run/history.ts";
import type { Placed } from "../run/order.ts";

/** A run as a spend sees it. */
export interface CitableRecord extends Placed, Gradable {
  readonly run_id: string;
  readonly generated_at: string;
  readonly agent_id: string | null;
  readonly health_check: string;
  readonly json_path: string | null;
  readonly markdown_path: string | null;
  /** False for gate answers: they stand here for the streaks they end, and nobody cites them. */
  readonly citable: boolean;
  readonly graded: boolean;
  readonly approves: boolean;
  readonly has_artifacts: boolean;
  readonly has_validation: boolean;
  readonly state_sha256_16: string | null;
}

/** A spend with what it pays for, and whether it still stands. */
export interface LedgerSpend extends SpendEvent {
  /** The cited record, named or assigned; null when it cites none that is still listed. */
  readonly cites: CitableRecord | null;
  readonly voided: boolean;
}

export interface CitationLedger {
  /** Newest first. */
  readonly records: readonly CitableRecord[];
  /** Newest first. */
  readonly spends: readonly LedgerSpend[];
}
