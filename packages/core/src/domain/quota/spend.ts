/**
 * May this spend be recorded, and for which record (DEC-60 to DEC-64)? A pure answer; the action appends it under the log's head.
 * No record pays twice, also not under an override, and nothing lifts pause or health.
 */
import type { JsonObject } from "../json.ts";
import type { CitableRecord } from "./citation-ledger.ts";
import { chooseRecord } from "./citation-choice.ts";
import type { QuotaMark } from "./event.ts";
import type { QuotaFacts } from "./facts.ts";
import { quotaState } from "./ledger.ts";
import { deliveryRefusal } from "./spend-delivery.ts";
import type { Refusal, SpendInput, SpendRefusal } from "./spend-input.ts";

/** A spend that may be written, or why not. */
export type SpendDecision =
  | {
      readonly kind: "accepted";
      /** Null only under an override. */
      readonly cited: CitableRecord | null;
      readonly before: QuotaMark;
      readonly after: QuotaMark;
      readonly would_throttle: boolean;
      readonly override_reason?: string;
    }
  | Refused;

export interface Refused {
  readonly kind: "refused";
  readonly reason: SpendRefusal;
  readonly message: string;
  readonly details: JsonObject;
  readonly before: QuotaMark;
}

const UNHEALTHY = new Set([
  "registry_unreadable",
  "goal_not_found",
  "agent_not_registered",
  "contract_broken",
  "boundary_scan_hit",
  "health_blocked",
]);

/** The decision; refusals are checked in the order of DEC-60, then the citation, then what the record delivered. */
export function decideSpend(input: SpendInput): SpendDecision {
  const refusal = goalRefusal(input) ?? overrideRefusal(input) ?? (overrides(input) ? null : slotRefusal(input));
  if (refusal !== null) return refuse(input, refusal);
  const choice = chooseRecord(input, overrides(input));
  if (choice.kind === "refused") return refuse(input, choice);
  const delivery = overrides(input) || choice.record === null ? null : deliveryRefusal(choice.record, input);
  if (delivery !== null) return refuse(input, delivery);
  const after = quotaAfter(input, input.quota.spent_slots + input.request.slots);
  return {
    kind: "accepted",
    cited: choice.record,
    before: quotaMark(input.quota),
    after,
    would_throttle: after.state === "throttled",
    ...(input.request.override_reason === undefined ? {} : { override_reason: input.request.override_reason }),
  };
}

export function quotaMark(quota: QuotaFacts): QuotaMark {
  return { spent_slots: quota.spent_slots, remaining_slots: quota.remaining_slots, state: quota.state };
}

/** The quota with that many slots spent. */
export function quotaAfter(input: Pick<SpendInput, "quota" | "goal_status">, spent_slots: number): QuotaMark {
  const { quota } = input;
  return {
    spent_slots,
    remaining_slots: Math.max(0, quota.allowed_slots - spent_slots),
    state: quotaState(quota, input.goal_status, spent_slots),
  };
}

function goalRefusal(input: SpendInput): Refusal | null {
  const { decision, quota } = input;
  if (UNHEALTHY.has(decision.rule)) {
    return {
      reason: "goal_unhealthy",
      message: `the goal is not well (${decision.rule}); nothing is spent`,
      details: { rule: decision.rule },
    };
  }
  if (decision.rule === "paused" || quota.state === "paused")
    return { reason: "paused", message: "the goal is paused; nothing is spent, also not by override" };
  if (decision.rule === "identity_required") {
    const known = input.agents.registered.join(", ");
    return {
      reason: "identity_required",
      message: `the goal has registered agents; name one of them: ${known}`,
      details: { registered_agents: [...input.agents.registered] },
    };
  }
  if (decision.rule === "workspace_guard" || input.workspace_refused === true) {
    return { reason: "workspace_guard", message: "a side agent spends from its own worktree only" };
  }
  return null;
}

function overrides(input: SpendInput): boolean {
  return input.request.override_reason !== undefined;
}

/** Only a controller may override; with registered agents it has to be the primary one (DEC-64). */
function overrideRefusal(input: SpendInput): Refusal | null {
  if (!overrides(input)) return null;
  const { source, agent_id } = input.request;
  if (source !== "controller")
    return { reason: "override_not_allowed", message: "an override needs --source controller", details: { source } };
  const { registered, primary } = input.agents;
  if (registered.length === 0 || (primary !== null && agent_id === primary)) return null;
  return {
    reason: "override_not_allowed",
    message: `only the primary agent ${primary ?? "(none is set)"} may override`,
    details: { agent_id, primary_agent: primary },
  };
}

function slotRefusal(input: SpendInput): Refusal | null {
  const { quota, request } = input;
  if (quota.state === "throttled") {
    return { reason: "throttled", message: `${quota.spent_slots}/${quota.allowed_slots} slots are spent; nothing is left in this window` };
  }
  if (request.slots > quota.remaining_slots) {
    return {
      reason: "would_exceed",
      message: `${request.slots} slots were asked for and ${quota.remaining_slots} remain`,
      details: { slots: request.slots },
    };
  }
  return null;
}

function refuse(input: SpendInput, refusal: Refusal): Refused {
  return {
    kind: "refused",
    reason: refusal.reason,
    message: refusal.message,
    details: { ...refusal.details, reason: refusal.reason },
    before: quotaMark(input.quota),
  };
}
