/**
 * Whether a press settles a gate (LRK-73). Pure, an ordered list of refusals; the first that holds answers. Doubt
 * refuses: an empty list of operators allows nobody.
 */
import type { Moment } from "@loopx/core/domain";
import type { GateAnswer } from "../card/words.ts";
import type { CardAction } from "./action.ts";

/** A gate that was asked, as its sender keeps it; found by the digest of the nonce, which is not kept. */
export interface PendingGate {
  readonly goal_id: string;
  readonly gate: string;
  readonly sha: string | null;
  readonly state: "open" | "deciding" | "decided" | "closed";
  /** Epoch seconds. */
  readonly expires_at: number;
  readonly message_id: string;
  readonly chat_id: string;
  readonly allow: readonly GateAnswer[];
  /** Presses that were taken. */
  readonly event_ids: readonly string[];
}

/** Who may decide, by open id. */
export interface GatePolicy {
  readonly operators: readonly string[];
}

/** Why a press does not count. */
export type GateRefusal =
  | "unknown_nonce"
  | "replayed"
  | "already_decided"
  | "expired"
  | "mismatch"
  | "wrong_message"
  | "decision_not_allowed"
  | "operator_not_allowed";

/** What to record, or why nothing is. */
export type GateDecision =
  | { readonly ok: true; readonly input: { readonly goal_id: string; readonly gate: string; readonly decision: GateAnswer } }
  | { readonly ok: false; readonly code: GateRefusal };

type Rule = readonly [GateRefusal, (action: CardAction, pending: PendingGate, policy: GatePolicy, now: Moment) => boolean];

const REFUSALS: readonly Rule[] = [
  // Before `already_decided`: the second delivery of the press that decided is told what it is.
  ["replayed", ({ event_id }, { event_ids }) => event_ids.includes(event_id)],
  ["already_decided", (_, { state }) => state !== "open"],
  ["expired", ({ value }, { expires_at }, _, now) => now.ms >= Math.min(expires_at, value.exp) * 1_000],
  ["mismatch", ({ value }, gate) => !isAbout(value, gate)],
  ["wrong_message", (action, gate) => action.message_id !== gate.message_id || action.chat_id !== gate.chat_id],
  ["decision_not_allowed", ({ value }, { allow }) => !allow.includes(value.decision)],
  ["operator_not_allowed", ({ operator_open_id }, _, { operators }) => !operators.includes(operator_open_id)],
];

/** The answer that the press gives, or the first reason why it gives none. `pending` is null when no gate has its nonce. */
export function decideGate(action: CardAction, pending: PendingGate | null, policy: GatePolicy, now: Moment): GateDecision {
  if (pending === null) return { ok: false, code: "unknown_nonce" };
  const refusal = REFUSALS.find(([, holds]) => holds(action, pending, policy, now));
  if (refusal !== undefined) return { ok: false, code: refusal[0] };
  const { goal_id, gate } = pending;
  return { ok: true, input: { goal_id, gate, decision: action.value.decision } };
}

function isAbout(value: CardAction["value"], gate: PendingGate): boolean {
  return value.goal_id === gate.goal_id && value.gate === gate.gate && (value.sha ?? null) === gate.sha && value.exp === gate.expires_at;
}
