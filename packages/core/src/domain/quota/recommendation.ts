/**
 * What the named actor may do now (DEC-39), the question put to a person, and the heartbeat's mode. A todo that a
 * gate stops is never recommended to an agent: the only todos named here are the selected one and open gates.
 */
import { questionIn } from "../gate/question.ts";
import type { Todo } from "../goal-state/todo.ts";
import { ACTIONS, ASKED_TODOS, MODE_REASONS, OPERATOR_QUESTION } from "../locale/verdict.ts";
import type { Locale } from "../locale/locale.ts";
import { byRule } from "./decision.ts";
import type { ByRule, Decision, DecisionOf } from "./decision.ts";
import { mapCommand } from "./printed-commands.ts";
import { healthSentence, placed } from "./reason.ts";
import { cutText, shownText } from "./shown-text.ts";
import type { Verdict } from "./verdict-schema.ts";

export const ACTION_LIMIT = 300;
const MODE_REASON_LIMIT = 160;
const ASKED_LIMIT = 300;
const TODOS_BY_NAME = 3;
const TODO_NAME_LIMIT = 120;
const NAME_LIMIT = 80;
const ITEM_LIMIT = 200;

/** One action for the actor that `waiting_on` names; an open gate's answer comes first when nothing may run (DEC-31). */
export function recommendedAction(decision: Decision, locale: Locale): string {
  if (decision.asks !== null) return shownText(decision.asks.text, ACTION_LIMIT);
  return cutText(byRule(ACTION_OF, decision, locale), ACTION_LIMIT);
}

/** One action per rule (DEC-39). */
const ACTION_OF: ByRule<[Locale], string> = {
  registry_unreadable: ({ fault }) => placed(fault),
  goal_not_found: ({ context }, locale) => ACTIONS.connect_goal[locale](context.facts.goal_id),
  paused: (_decision, locale) => ACTIONS.stay_paused[locale](),
  agent_not_registered: ({ agent_id }, locale) => ACTIONS.register_agent[locale](agent_id),
  contract_broken: ({ faults }) => placed(faults[0]),
  boundary_scan_hit: ({ hits }) => placed(hits[0]),
  health_blocked: ({ fault, cause }, locale) => (fault === null ? healthSentence(cause, locale) : placed(fault)),
  identity_required: ({ suggested }, locale) => ACTIONS.name_agent[locale](suggested),
  user_gate: ({ gates }) => shownText(gates[0].text, ACTION_LIMIT),
  registry_gate: (decision, locale) => registryQuestion(decision, locale),
  map_opt_in: (decision, locale) => mapQuestion(decision, locale),
  run_gate: (decision, locale) => runQuestion(decision, locale),
  adapter_not_connected: ({ status }, locale) => ACTIONS.connect_adapter[locale](shownText(status, NAME_LIMIT)),
  throttled: (_decision, locale) => ACTIONS.wait_for_slot[locale](),
  workspace_guard: ({ agent_id }, locale) => ACTIONS.own_worktree[locale](agent_id),
  external_evidence_registered: ({ context }, locale) =>
    shownOr(context.goal?.attention.recommended_action, () => ACTIONS.observe_evidence[locale]()),
  approved_command: ({ agent_command }) => agent_command,
  first_map: ({ context }) => mapCommand(context.facts),
  outcome_floor: ({ selected, must_advance }, locale) =>
    shownOr(selected?.todo.text, () => ACTIONS.recover_outcome[locale](must_advance.join(", "))),
  outcome_floor_unavailable: (_decision, locale) => ACTIONS.name_outcome[locale](),
  due_monitor: ({ selected }) => shownText(selected.todo.text, ACTION_LIMIT),
  gates_block_all: ({ gates }) => shownText(gates[0].text, ACTION_LIMIT),
  agent_scope_wait: ({ held }, locale) => ACTIONS.wait_for_agent[locale](held[0].holder, shownText(held[0].todo.text, ACTION_LIMIT)),
  boundary_gap: ({ todo, missing }, locale) =>
    ACTIONS.narrow_todo[locale](shownText(todo.text, TODO_NAME_LIMIT), cutText(missing.join(", "), TODO_NAME_LIMIT)),
  gate_fallback: ({ selected }) => shownText(selected.todo.text, ACTION_LIMIT),
  advance_todo: ({ selected }) => shownText(selected.todo.text, ACTION_LIMIT),
  external_evidence_run: ({ run }, locale) => shownOr(run.recommended_action, () => ACTIONS.observe_evidence[locale]()),
  blockers_only: ({ blockers }) => shownText(blockers[0].text, ACTION_LIMIT),
  monitor_quiet: (_decision, locale) => ACTIONS.wait_for_monitor[locale](),
  agent_scope_exhausted: (_decision, locale) => ACTIONS.no_work_in_scope[locale](),
  projection_gap: ({ item }, locale) => ACTIONS.project_next_action[locale](shownText(item, ITEM_LIMIT)),
  mapped_noop: (_decision, locale) => ACTIONS.stay_mapped[locale](),
  steering_audit: ({ context, run }, locale) =>
    shownOr(context.goal?.attention.recommended_action, () => shownOr(run?.recommended_action, () => ACTIONS.steer[locale]())),
  nothing_to_do: (_decision, locale) => ACTIONS.add_todo[locale](),
};

function registryQuestion({ context: { goal }, waiting_on }: DecisionOf<"registry_gate">, locale: Locale): string {
  return shownOr(goal?.attention.operator_question, () =>
    shownOr(goal?.attention.recommended_action, () => ACTIONS.answer_registry[locale](waiting_on)),
  );
}

function mapQuestion({ context: { facts, goal } }: DecisionOf<"map_opt_in">, locale: Locale): string {
  return shownOr(goal?.attention.operator_question, () => ACTIONS.approve_map[locale](facts.goal_id));
}

function runQuestion({ question, run, gate, context: { facts } }: DecisionOf<"run_gate">, locale: Locale): string {
  return shownOr(questionIn(question, facts.goal_id, gate, locale), () =>
    shownOr(run.recommended_action, () => ACTIONS.answer_gate[locale](shownText(gate, NAME_LIMIT))),
  );
}

/** What is asked before the todos are named; their number where the todos themselves are the question. */
function askedOf(decision: Decision, locale: Locale): string {
  if (decision.rule === "user_gate" || decision.rule === "gates_block_all") return ASKED_TODOS[locale](decision.gates.length);
  return byRule(ACTION_OF, decision, locale);
}

/** The question for the person, or null when this verdict asks none (DEC-50). */
export function operatorQuestion(decision: Decision, locale: Locale): string | null {
  if (decision.recommended_mode !== "ask_operator_gate") return null;
  const gates = askedGates(decision);
  return OPERATOR_QUESTION[locale]({
    goal_id: decision.context.facts.goal_id,
    asked: cutText(askedOf(decision, locale), ASKED_LIMIT),
    todos: gates.slice(0, TODOS_BY_NAME).map((todo) => shownText(todo.text, TODO_NAME_LIMIT)),
    more: gates.length - TODOS_BY_NAME,
  });
}

/** The gates the question names: those that stop the work, else every open one. */
function askedGates(decision: Decision): readonly Todo[] {
  if (decision.rule === "user_gate" || decision.rule === "gates_block_all") return decision.gates;
  return decision.context.gates.map((effect) => effect.gate);
}

export function heartbeatRecommendation(decision: Decision, locale: Locale): Verdict["heartbeat_recommendation"] {
  const command =
    decision.rule === "first_map"
      ? mapCommand(decision.context.facts)
      : decision.rule === "approved_command"
        ? decision.agent_command
        : null;
  return {
    recommended_mode: decision.recommended_mode,
    notify: decision.notify,
    reason: cutText(MODE_REASONS[decision.recommended_mode][locale](), MODE_REASON_LIMIT),
    spend_policy: decision.spend_policy,
    ...(command === null ? {} : { command }),
  };
}

function shownOr(text: string | null | undefined, otherwise: () => string): string {
  return text === null || text === undefined || text.trim() === "" ? otherwise() : shownText(text, ACTION_LIMIT);
}
