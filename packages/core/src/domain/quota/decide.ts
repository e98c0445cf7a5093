/**
 * The decision: the first rule that answers wins, and the answer carries its name (design D5).
 * Pure and total: any facts give exactly one decision. It reads no file, no clock and no rendered text.
 */
import type { Moment } from "../time.ts";
import { ANSWERS } from "./answers.ts";
import type { Answer, RuleName } from "./answers.ts";
import { contextOf } from "./context.ts";
import type { Context } from "./context.ts";
import type { Decision, Frame, ObligationKind, Outcome, SpendPolicy, TraceStep, VerdictSeverity } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { RULES } from "./rules/order.ts";

/** The one decision for these facts. `trace` names every rule asked; it ends at the one that answered. */
export function decide(facts: Facts, now: Moment): Decision {
  const context = contextOf(facts, now);
  const trace: TraceStep[] = [];
  for (const rule of RULES) {
    const outcome = rule.answer(context);
    trace.push({ rule: rule.name, matched: outcome !== null });
    if (outcome !== null) return Object.assign(outcome, frameOf(outcome, context, trace));
  }
  const nothing: Outcome = { rule: "nothing_to_do" };
  return Object.assign(nothing, frameOf(nothing, context, trace));
}

/** Rules 1 to 7 speak about the goal's health; no gate is put over them (DEC-31). */
const NO_OVERLAY: ReadonlySet<RuleName> = new Set([
  "registry_unreadable",
  "goal_not_found",
  "paused",
  "agent_not_registered",
  "contract_broken",
  "boundary_scan_hit",
  "health_blocked",
]);
const HIGH: ReadonlySet<RuleName> = new Set([...NO_OVERLAY].filter((name) => name !== "goal_not_found" && name !== "paused"));

function frameOf(outcome: Outcome, context: Context, trace: readonly TraceStep[]): Frame {
  const answer = answerOf(outcome, context);
  const should_run = answer.work !== "none";
  const requires_user_action = answer.user === "yes" || (answer.user === "gate" && context.gates.length > 0);
  const asks = should_run || NO_OVERLAY.has(outcome.rule) ? null : (firstGate(outcome, context)?.gate ?? null);
  return {
    should_run,
    decision: answer.decision,
    state: answer.state,
    effective_action: answer.effective_action,
    waiting_on: asks === null ? answer.waiting_on : "controller",
    recommended_mode: answer.recommended_mode,
    requires_user_action,
    must_attempt_work: should_run,
    delivery_allowed: answer.work === "deliver",
    obligation_kind: obligationKind(outcome.rule, answer),
    notify: requires_user_action || outcome.rule === "first_map" ? "NOTIFY" : "DONT_NOTIFY",
    spend_policy: spendPolicy(outcome.rule, answer),
    severity: severityOf(outcome.rule, answer, requires_user_action),
    quiet: !should_run && !requires_user_action,
    asks,
    trace,
    context,
  };
}

/** The row of DEC-30 with its two cells that depend on the goal. */
function answerOf(outcome: Outcome, context: Context): Answer {
  const answer = ANSWERS[outcome.rule];
  if (outcome.rule === "registry_gate") return { ...answer, waiting_on: outcome.waiting_on };
  if (outcome.rule === "blockers_only" && context.streaks.floor_tripped) return { ...answer, state: "focus_wait" };
  return answer;
}

/** The gate that is asked about: one that stops something now comes first. */
function firstGate(outcome: Outcome, { gates, stopping, blocking }: Context) {
  const stops = outcome.rule === "gates_block_all" ? blocking : [...stopping, ...blocking];
  return gates.find((effect) => stops.includes(effect.gate)) ?? gates[0];
}

/** DEC-33. */
function obligationKind(rule: RuleName, answer: Answer): ObligationKind {
  if (rule === "due_monitor") return "attempt_due_monitor";
  if (rule === "approved_command") return "run_agent_command";
  if (rule === "first_map") return "run_first_read_only_map";
  return answer.decision === "skip" && rule !== "mapped_noop" ? "none" : answer.effective_action;
}

/** DEC-34. */
function spendPolicy(rule: RuleName, answer: Answer): SpendPolicy {
  if (answer.work === "deliver") return "spend_once_after_writeback";
  return answer.decision === "observe" || rule === "due_monitor" ? "spend_only_for_validated_new_evidence" : "no_spend";
}

/** DEC-37. */
function severityOf(rule: RuleName, answer: Answer, requiresUserAction: boolean): VerdictSeverity {
  if (HIGH.has(rule)) return "high";
  return requiresUserAction || (answer.work !== "none" && answer.decision !== "observe") ? "action" : "watch";
}
