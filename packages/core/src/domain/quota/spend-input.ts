/** What a spend is decided from, and the reasons it may be refused for (DEC-60 to DEC-64). Types and names only. */
import type { ExecutionProfile } from "../goal/entry.ts";
import type { JsonObject } from "../json.ts";
import type { CitationLedger } from "./citation-ledger.ts";
import type { SpendSource } from "./event.ts";
import type { QuotaFacts } from "./facts.ts";

/** Why a spend is refused, in the order asked: `details.reason` of `spend_refused`. */
export const SPEND_REFUSALS = [
  "goal_unhealthy",
  "paused",
  "identity_required",
  "workspace_guard",
  "override_not_allowed",
  "throttled",
  "would_exceed",
  "run_not_found",
  "ambiguous_target",
  "nothing_to_cite",
  "record_already_spent",
  "record_of_another_agent",
  "record_not_qualified",
  "outcome_gap_record",
  "below_minimum_scale",
  "outcome_floor_not_met",
  "no_state_writeback",
] as const;
/** A reason of {@link SPEND_REFUSALS}. */
export type SpendRefusal = (typeof SPEND_REFUSALS)[number];

/** All inputs of the decision about a spend. */
export interface SpendInput {
  readonly request: {
    readonly slots: number;
    readonly source: SpendSource;
    readonly agent_id: string | null;
    readonly run_id?: string | undefined;
    readonly run_generated_at?: string | undefined;
    readonly override_reason?: string | undefined;
  };
  readonly decision: { readonly rule: string; readonly should_run: boolean; readonly delivery_allowed: boolean };
  /** True when the caller is a side agent outside its own worktree, also while another rule answers first. */
  readonly workspace_refused?: boolean;
  readonly quota: QuotaFacts;
  readonly goal_status: string;
  readonly agents: { readonly registered: readonly string[]; readonly primary: string | null };
  readonly profile: ExecutionProfile;
  readonly ledger: CitationLedger;
  /** Ids of the records whose two artifact files exist; see {@link artifactCandidates}. */
  readonly artifacts_present: ReadonlySet<string>;
}

/** A step's "no"; `refuse` adds the quota. */
export interface Refusal {
  readonly reason: SpendRefusal;
  readonly message: string;
  readonly details?: JsonObject;
}
