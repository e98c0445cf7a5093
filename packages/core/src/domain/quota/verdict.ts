/**
 * The verdict: a decision in the words of DEC-50, keys in that order, absent ones absent, at most 4,096 bytes printed.
 * It adds nothing to the decision and takes nothing back from text; two verdicts of one decision differ only in language.
 */
import type { Locale } from "../locale/locale.ts";
import type { Moment } from "../time.ts";
import { fitBudget } from "./budget.ts";
import { deliveryContract } from "./contract.ts";
import type { Decision } from "./decision.ts";
import { detailOf } from "./detail.ts";
import { isOk } from "./exit-code.ts";
import type { Facts, QuotaFacts } from "./facts.ts";
import { goalBoundary, profileLine } from "./goal-boundary.ts";
import { progressCommand, refreshCommand, spendCommand } from "./printed-commands.ts";
import { reasonOf } from "./reason.ts";
import { heartbeatRecommendation, operatorQuestion, recommendedAction } from "./recommendation.ts";
import { shownText } from "./shown-text.ts";
import { standingOf } from "./standing.ts";
import { agentTodos, selectedTodo, todoList } from "./todo-view.ts";
import type { QuotaView, Verdict } from "./verdict-schema.ts";
import { warningsOf } from "./warnings.ts";

export type { Verdict } from "./verdict-schema.ts";

const STATUS_LIMIT = 120;

/** Language, detail and size of a printed verdict. */
export interface VerdictOptions {
  readonly locale: Locale;
  /** Adds the keys of DEC-51 and lifts the size budget. */
  readonly detail?: boolean;
  /** Printed bytes that the caller will add, such as `registry`; the budget holds with them. */
  readonly reserve_bytes?: number;
}

/** The verdict of a decision about these facts. */
export function verdictOf(decision: Decision, facts: Facts, now: Moment, options: VerdictOptions): Verdict {
  const { locale } = options;
  const action = recommendedAction(decision, locale);
  const goal = decision.context.goal;
  const verdict: Verdict = {
    ok: isOk(decision.rule),
    schema_version: "loopx_quota_should_run_v1",
    goal_id: facts.goal_id,
    ...optional("agent_id", facts.agent_id),
    should_run: decision.should_run,
    decision: decision.decision,
    rule: decision.rule,
    reason: reasonOf(decision, locale),
    state: decision.state,
    effective_action: decision.effective_action,
    waiting_on: decision.waiting_on,
    status: shownText(standingOf(decision), STATUS_LIMIT),
    severity: decision.severity,
    recommended_action: action,
    ...optional("selected_todo", selectedTodo(decision)),
    quota: quotaView(facts.quota),
    heartbeat_recommendation: heartbeatRecommendation(decision, locale),
    execution_obligation: {
      must_attempt_work: decision.must_attempt_work,
      kind: decision.obligation_kind,
      delivery_allowed: decision.delivery_allowed,
      notify_is_execution_gate: false,
    },
    goal_boundary: goalBoundary(goal, now, locale),
    user_todos: todoList(facts.todos.user, decision.context),
    agent_todos: agentTodos(decision.context),
    execution_profile: profileLine(goal?.execution_profile ?? null),
    ...optional("handoff_delivery_contract", goal === null ? null : deliveryContract(facts.runs.graded, goal.execution_profile, locale)),
    requires_user_action: decision.requires_user_action,
    ...optional("operator_question", operatorQuestion(decision, locale)),
    ...optional("agent_command", decision.rule === "approved_command" ? decision.agent_command : null),
    warnings: warningsOf(decision, action, locale),
    next_commands: nextCommands(decision, facts),
  };
  return options.detail === true ? { ...verdict, ...detailOf(decision) } : fitBudget(verdict, options.reserve_bytes ?? 0);
}

/** The quota as every projection shows it. */
export function quotaView(quota: QuotaFacts): QuotaView {
  const { compute, window_hours, slot_minutes, allowed_slots, spent_slots, remaining_slots, state } = quota;
  return { compute, window_hours, slot_minutes, allowed_slots, spent_slots, remaining_slots, state };
}

/** The two commands that close a turn; work that is never paid is recorded without a delivery's proofs. */
function nextCommands(decision: Decision, facts: Facts): Verdict["next_commands"] {
  if (!decision.should_run) return { refresh: null, spend: null };
  const paid = decision.spend_policy !== "no_spend";
  return { refresh: paid ? progressCommand(facts) : refreshCommand(facts), spend: paid ? spendCommand(facts) : null };
}

function optional<Key extends string, Value>(key: Key, value: Value | null): { [name in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [name in Key]: Value });
}
