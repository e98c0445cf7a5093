/**
 * The attention queue (DEC-70, DEC-71): one item per goal that somebody should look at, each the projection of one
 * decision. An unwell goal has an item like any other; it never makes another goal's item disappear.
 */
import type { Locale } from "../locale/locale.ts";
import type { AgentView, AttentionItem, AttentionQueue } from "../payload/attention.ts";
import type { WaitingParty } from "../quota/answers.ts";
import { deliveryContract } from "../quota/contract.ts";
import { decide } from "../quota/decide.ts";
import type { Decision, VerdictSeverity } from "../quota/decision.ts";
import { handoffReadiness } from "../quota/detail.ts";
import type { Facts } from "../quota/facts.ts";
import { holdersOf } from "../quota/holders.ts";
import { operatorQuestion, recommendedAction } from "../quota/recommendation.ts";
import { shownText } from "../quota/shown-text.ts";
import { standingOf } from "../quota/standing.ts";
import { quotaView } from "../quota/verdict.ts";
import type { Moment } from "../time.ts";
import { CONTRACT_ITEM_ID } from "./global-finding.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { nextCommand } from "./next-command.ts";
import { projectAsset } from "./project-asset.ts";
import { sourceOf } from "./source.ts";

export type { AttentionItem, AttentionQueue } from "../payload/attention.ts";

const STATUS_LIMIT = 120;

/**
 * The facts a goal's item is decided on: the primary's (else the first agent's), wherever that agent stands. A wanted
 * agent counts where it is registered; a goal that does not know it is shown as usual.
 */
export function attentionFacts(facts: Facts, agentId: string | null = null): Facts {
  const coordination = facts.goal?.coordination;
  const registered = coordination?.registered_agents ?? [];
  const primary = coordination?.primary_agent ?? null;
  const usual = primary !== null && registered.includes(primary) ? primary : (registered[0] ?? null);
  return { ...facts, agent_id: agentId !== null && registered.includes(agentId) ? agentId : usual, workspace: null };
}

/** True unless nobody is waited for, nothing is wrong and no person is asked (DEC-70). */
export function needsAttention(decision: Decision): boolean {
  return decision.waiting_on !== "none" || decision.severity === "high" || decision.requires_user_action;
}

/** The goal's item, or null when nobody needs to look. `agent_id` asks for one agent's view instead of the primary's. */
export function attentionItem(
  facts: Facts,
  now: Moment,
  { locale, agent_id = null }: { locale: Locale; agent_id?: string | null },
): AttentionItem | null {
  const decision = decide(attentionFacts(facts, agent_id), now);
  return needsAttention(decision) ? itemOf(decision, now, locale) : null;
}

/** The projection of one decision, whether or not it needs attention. */
export function itemOf(decision: Decision, now: Moment, locale: Locale): AttentionItem {
  const { facts, goal, statusRun } = decision.context;
  const action = recommendedAction(decision, locale);
  const lifecycle = lifecycleOf(goal, statusRun);
  const question = operatorQuestion(decision, locale);
  const contract = goal === null ? null : deliveryContract(facts.runs.graded, goal.execution_profile, locale);
  const condition = goal?.attention.next_handoff_condition ?? null;
  const agents = agentViews(facts, now);
  const holders = holdersOf(facts, now);
  return {
    goal_id: facts.goal_id,
    status: shownText(standingOf(decision), STATUS_LIMIT),
    waiting_on: decision.waiting_on,
    severity: decision.severity,
    recommended_action: action,
    rule: decision.rule,
    state: decision.state,
    should_run: decision.should_run,
    requires_user_action: decision.requires_user_action,
    next_command: nextCommand(decision, now, locale),
    source: sourceOf(decision.rule),
    lifecycle_phase: lifecycle.phase,
    lifecycle_flags: lifecycle.flags,
    quota: quotaView(facts.quota),
    project_asset: projectAsset(decision, action, locale),
    handoff_readiness: handoffReadiness(decision.context),
    ...(contract === null ? {} : { handoff_delivery_contract: contract }),
    ...(question === null ? {} : { operator_question: question }),
    ...(decision.rule === "approved_command" ? { agent_command: decision.agent_command } : {}),
    ...(condition === null ? {} : { next_handoff_condition: shownText(condition, 200) }),
    ...(agents.length === 0 ? {} : { agents }),
    ...(holders.length === 0 ? {} : { holders }),
  };
}

function agentViews(facts: Facts, now: Moment): AgentView[] {
  return (facts.goal?.coordination.registered_agents ?? []).map((agent_id) => {
    const { rule, should_run } = decide(attentionFacts(facts, agent_id), now);
    return { agent_id, rule, should_run };
  });
}

const SEVERITY_ORDER: Readonly<Record<VerdictSeverity, number>> = { high: 0, action: 1, watch: 2 };

/** The queue: the contract's item, then by severity, then in the order given (the registry's). */
export function attentionQueue(items: readonly AttentionItem[]): AttentionQueue {
  const place = (item: AttentionItem) => (item.goal_id === CONTRACT_ITEM_ID ? -1 : SEVERITY_ORDER[item.severity]);
  const waiting = (party: WaitingParty) => items.filter((item) => item.waiting_on === party).length;
  return {
    available: true,
    item_count: items.length,
    needs_user_or_controller: waiting("user_or_controller") + waiting("controller"),
    needs_controller: waiting("controller"),
    needs_codex: waiting("codex"),
    watching_external_evidence: waiting("external_evidence"),
    watching_monitor: waiting("monitor_signal"),
    items: items.toSorted((a, b) => place(a) - place(b)),
  };
}
