/** All goals by the state of their decision, and whose turn is next (CMD-82, DEC-24). A projection; it allots nothing. */
import type { Locale } from "../locale/locale.ts";
import type { QuotaPlan, QuotaPlanItem } from "../payload/quota-status.ts";
import type { GoalState } from "../quota/answers.ts";
import type { Decision } from "../quota/decision.ts";
import { recommendedAction } from "../quota/recommendation.ts";
import { quotaView } from "../quota/verdict.ts";

/** The order in which `quota status` shows the groups. */
export const GROUP_ORDER = [
  "blocked_health",
  "operator_gate",
  "focus_wait",
  "eligible",
  "waiting",
  "throttled",
  "paused",
  "unknown",
] as const satisfies readonly GoalState[];

/** The plan over one decision per goal (`attentionFacts` says which). `limit` cuts each group, never the counts. */
export function quotaPlan(decisions: readonly Decision[], locale: Locale, limit: number): QuotaPlan {
  const items = decisions.map((decision) => planItem(decision, locale)).toSorted(byClaim);
  const inOrder = GROUP_ORDER.flatMap((state) => items.filter((item) => item.state === state));
  const next = inOrder.find((item) => item.should_run) ?? null;
  const blockers = inOrder.filter((item) => item.severity === "high");
  const perState = <Value>(value: (state: GoalState) => Value) =>
    Object.fromEntries(GROUP_ORDER.map((state) => [state, value(state)])) as Record<GoalState, Value>;
  return {
    goal_count: decisions.length,
    run_count: decisions.reduce((sum, decision) => sum + decision.context.facts.runs.run_count, 0),
    summary: {
      registered_goals: decisions.filter((decision) => decision.context.facts.registered).length,
      health_blockers: blockers.length,
      next_automatic_turn: next?.goal_id ?? null,
      states: perState((state) => items.filter((item) => item.state === state).length),
    },
    next_automatic_turn: next,
    groups: perState((state) => inOrder.filter((item) => item.state === state).slice(0, limit)),
    health_items: blockers.slice(0, limit),
  };
}

function planItem(decision: Decision, locale: Locale): QuotaPlanItem {
  const { facts } = decision.context;
  return {
    goal_id: facts.goal_id,
    ...(facts.agent_id === null ? {} : { agent_id: facts.agent_id }),
    state: decision.state,
    rule: decision.rule,
    should_run: decision.should_run,
    waiting_on: decision.waiting_on,
    severity: decision.severity,
    recommended_action: recommendedAction(decision, locale),
    quota: quotaView(facts.quota),
  };
}

/** Higher compute, fewer spent, goal id. */
function byClaim(a: QuotaPlanItem, b: QuotaPlanItem): number {
  const ids = a.goal_id < b.goal_id ? -1 : a.goal_id > b.goal_id ? 1 : 0;
  return b.quota.compute - a.quota.compute || a.quota.spent_slots - b.quota.spent_slots || ids;
}
