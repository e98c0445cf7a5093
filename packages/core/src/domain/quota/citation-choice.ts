/**
 * Which record a spend pays for (DEC-61, DEC-62): the one named, else the newest unspent one that qualifies.
 * The default never reaches behind what this caller paid for last; an older record must be named.
 */
import { instantKey, isNewer, type Placed } from "../run/order.ts";
import type { CitableRecord, CitationLedger, LedgerSpend } from "./citation-ledger.ts";
import { namesRecord } from "./citation-settle.ts";
import type { Refusal, SpendInput } from "./spend-input.ts";

export type Choice = { readonly kind: "chosen"; readonly record: CitableRecord | null } | ({ readonly kind: "refused" } & Refusal);

/** How many records an action looks up artifacts for. */
const LOOKED_UP = 50;
const MAP = "read_only_project_map";

/** The record to cite. Under an override nothing has to be cited, yet no record pays twice. */
export function chooseRecord(input: SpendInput, override: boolean): Choice {
  const { run_id, run_generated_at } = input.request;
  if (run_id !== undefined || run_generated_at !== undefined) return named(input, override);
  const candidates = defaultCandidates(input);
  const qualified = candidates.find((record) => refusalFor(record, input) === null);
  if (qualified !== undefined) return { kind: "chosen", record: qualified };
  if (override) return { kind: "chosen", record: null };
  const [newest] = candidates;
  const refusal = newest === undefined ? null : refusalFor(newest, input);
  return { kind: "refused", ...(refusal ?? nothingToCite(input)) };
}

/** The records whose artifacts an action has to look up before it asks for a decision. */
export function artifactCandidates(input: Pick<SpendInput, "request" | "ledger" | "agents">): readonly CitableRecord[] {
  const { run_id, run_generated_at } = input.request;
  const records = run_id !== undefined || run_generated_at !== undefined ? selected(input) : defaultCandidates(input);
  return records.slice(0, LOOKED_UP);
}

function named(input: SpendInput, override: boolean): Choice {
  const [record, ...others] = selected(input);
  const asked = input.request.run_id ?? input.request.run_generated_at ?? "";
  if (record === undefined)
    return { kind: "refused", reason: "run_not_found", message: `no record ${asked} can be paid for`, details: { asked } };
  if (others.length > 0) {
    const run_ids = [record, ...others].map((each) => each.run_id);
    return {
      kind: "refused",
      reason: "ambiguous_target",
      message: `several records have the time ${asked}; name one by --run-id`,
      details: { asked, run_ids },
    };
  }
  const spend = standingSpendOf(record, input.ledger);
  if (spend !== undefined) {
    const earlier = { run_id: spend.run_id, generated_at: spend.generated_at, agent_id: spend.agent_id };
    return {
      kind: "refused",
      reason: "record_already_spent",
      message: `the record ${record.run_id} was paid for at ${spend.generated_at}`,
      details: { run_id: record.run_id, spent_by: earlier },
    };
  }
  const refusal = override ? null : refusalFor(record, input);
  return refusal === null ? { kind: "chosen", record } : { kind: "refused", ...refusal };
}

function selected({ request, ledger }: Pick<SpendInput, "request" | "ledger">): readonly CitableRecord[] {
  const key = request.run_generated_at === undefined ? null : instantKey(request.run_generated_at);
  return ledger.records.filter(
    (record) =>
      record.citable &&
      (request.run_id === undefined || record.run_id === request.run_id) &&
      (key === null || instantKey(record.generated_at) === key),
  );
}

function defaultCandidates(input: Pick<SpendInput, "request" | "ledger" | "agents">): readonly CitableRecord[] {
  const paid = new Set(input.ledger.spends.filter((spend) => !spend.voided).map((spend) => spend.cites));
  const last = lastSpend(input);
  const behind: Placed | null = last === undefined ? null : ((namesRecord(last) ? last.cites : null) ?? last);
  return input.ledger.records.filter((record) => record.citable && !paid.has(record) && (behind === null || isNewer(record, behind)));
}

/** The caller's last spend that stands. Without registered agents an id is a label, and all callers are one (DEC-12). */
function lastSpend({ request, ledger, agents }: Pick<SpendInput, "request" | "ledger" | "agents">): LedgerSpend | undefined {
  const own = (spend: LedgerSpend): boolean => agents.registered.length === 0 || spend.agent_id === request.agent_id;
  return ledger.spends.find((spend) => !spend.voided && own(spend));
}

export function standingSpendOf(record: CitableRecord, ledger: CitationLedger): LedgerSpend | undefined {
  return ledger.spends.find((spend) => !spend.voided && spend.cites === record);
}

/** Why this caller cannot be paid for an unspent record now; null when it can (DEC-62). */
function refusalFor(record: CitableRecord, input: SpendInput): Refusal | null {
  const { registered, primary } = input.agents;
  const caller = input.request.agent_id;
  if (registered.length > 0 && record.agent_id !== null && record.agent_id !== caller && caller !== primary) {
    return {
      reason: "record_of_another_agent",
      message: `the record ${record.run_id} belongs to ${record.agent_id}`,
      details: { run_id: record.run_id, agent_id: record.agent_id },
    };
  }
  const lacksFull = missingFull(record);
  if (lacksFull.length === 0) return null;
  const lacksBasic = missingBasic(record, input);
  if (lacksBasic.length === 0) return null;
  return {
    reason: "record_not_qualified",
    message: `the record ${record.run_id} shows too little: ${lacksBasic.join(", ")} for basic evidence, ${lacksFull.join(", ")} for full`,
    details: { run_id: record.run_id, missing: lacksBasic, missing_for_full_evidence: lacksFull },
  };
}

function missingFull(record: CitableRecord): string[] {
  if (record.record["delivery_outcome"] === "outcome_progress" || record.record["delivery_outcome"] === "primary_goal_outcome") return [];
  const missing: string[] = [];
  if (!record.has_artifacts) missing.push("delivery_evidence.artifacts");
  if (!record.has_validation) missing.push("delivery_evidence.validation");
  if (record.state_sha256_16 === null) missing.push("state.sha256_16");
  return missing;
}

/** Basic evidence pays only while delivery is on, and a map is looking, no delivery. */
function missingBasic(record: CitableRecord, input: SpendInput): string[] {
  const missing: string[] = [];
  if (!input.decision.should_run || !input.decision.delivery_allowed) missing.push("delivery_allowed");
  if (!input.artifacts_present.has(record.run_id)) missing.push("artifact_files");
  if (record.health_check === "") missing.push("health_check");
  if (record.classification === MAP) missing.push("delivery");
  return missing;
}

/** The plain case is a second payment for the newest record: then the spend that paid for it is named. */
function nothingToCite(input: SpendInput): Refusal {
  const newest = input.ledger.records.find((record) => record.citable && refusalFor(record, input) === null);
  const spend = newest === undefined ? undefined : standingSpendOf(newest, input.ledger);
  if (newest !== undefined && spend !== undefined) {
    return {
      reason: "record_already_spent",
      message: `the newest record ${newest.run_id} (${newest.classification}) was paid for at ${spend.generated_at}; record new work with refresh-state, or name an older record`,
      details: { run_id: newest.run_id, spent_by: { run_id: spend.run_id, generated_at: spend.generated_at, agent_id: spend.agent_id } },
    };
  }
  const last = lastSpend(input);
  return {
    reason: "nothing_to_cite",
    message:
      "no unspent record newer than the last one paid for shows finished work; record some with refresh-state, or name an older record",
    details:
      last === undefined
        ? {}
        : { last_spend: { run_id: last.run_id, generated_at: last.generated_at, delivery_run_id: last.cites?.run_id ?? null } },
  };
}
