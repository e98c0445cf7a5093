/** Which spend a void undoes (DEC-65, CMD-84). Its record is unspent again; the spend's own line stays. */
import type { JsonObject } from "../json.ts";
import { instantKey } from "../run/order.ts";
import type { CitationLedger, LedgerSpend } from "./citation-ledger.ts";
import type { QuotaMark } from "./event.ts";
import type { QuotaFacts } from "./facts.ts";
import { HOUR_MS, SLOTS_WHEN_UNKNOWN } from "./ledger.ts";
import { quotaAfter, quotaMark } from "./spend.ts";

/** All inputs of the decision about a void; `select` names the spend by exactly one of its keys. */
export interface VoidInput {
  readonly select: { readonly run_id?: string | undefined; readonly generated_at?: string | undefined };
  readonly ledger: CitationLedger;
  readonly quota: QuotaFacts;
  readonly goal_status: string;
}

/** A spend that may be undone, or why not. */
export type VoidDecision =
  | {
      readonly kind: "accepted";
      readonly voided: LedgerSpend;
      readonly slots: number;
      readonly before: QuotaMark;
      readonly after: QuotaMark;
    }
  | {
      readonly kind: "refused";
      readonly reason: "run_not_found" | "ambiguous_target" | "already_voided";
      readonly message: string;
      readonly details: JsonObject;
      readonly before: QuotaMark;
    };

/** The decision. A spend outside the window may be voided too: its record is unspent again, the quota stays. */
export function decideVoid(input: VoidInput): VoidDecision {
  const before = quotaMark(input.quota);
  const asked = input.select.run_id ?? input.select.generated_at ?? "";
  const fitting = selected(input);
  const standing = fitting.filter((spend) => !spend.voided);
  const [spend, ...others] = standing;
  const refuse = (reason: "run_not_found" | "ambiguous_target" | "already_voided", message: string, details: JsonObject): VoidDecision => ({
    kind: "refused",
    reason,
    message,
    details: { asked, ...details, reason },
    before,
  });
  if (fitting.length === 0) return refuse("run_not_found", `no spend ${asked} is recorded`, {});
  if (spend === undefined)
    return refuse("already_voided", `the spend ${asked} is already voided`, { run_ids: fitting.map((each) => each.run_id) });
  if (others.length > 0) {
    return refuse("ambiguous_target", `several spends have the time ${asked}; name one by --run-id`, {
      run_ids: standing.map((each) => each.run_id),
    });
  }
  const slots = spend.slots ?? SLOTS_WHEN_UNKNOWN;
  const counted = isCounted(spend, input.quota) ? slots : 0;
  return { kind: "accepted", voided: spend, slots, before, after: quotaAfter(input, Math.max(0, input.quota.spent_slots - counted)) };
}

function selected({ select, ledger }: VoidInput): readonly LedgerSpend[] {
  const key = select.generated_at === undefined ? null : instantKey(select.generated_at);
  if (select.run_id === undefined && key === null) return [];
  return ledger.spends.filter(
    (spend) =>
      (select.run_id === undefined || spend.run_id === select.run_id) &&
      (key === null || instantKey(spend.generated_at) === key || instantKey(spend.key) === key),
  );
}

function isCounted(spend: LedgerSpend, quota: QuotaFacts): boolean {
  const end = quota.window_start_ms + quota.window_hours * HOUR_MS;
  return spend.at_ms !== null && spend.at_ms >= quota.window_start_ms && spend.at_ms <= end;
}
