/**
 * What the named actor may do now (DEC-39), the question put to a person, and the heartbeat's mode. A todo that a
 * gate stops is never recommended to an agent: the only todos named here are the selected one and open gates.
 */
import type { Todo } from "../goal-state/todo.ts";
import { ACTIONS, ASKED_TODOS, MODE_REASONS, OPERATOR_QUESTION } from "../locale/verdict.ts";
import type { Locale } from "../locale/locale.ts";
import type { Decision } from "./decision.ts";
import { mapCommand } from "./printed-commands.ts";
import { placed } from "./reason.ts";
import { cutText, shownText } from "./shown-text.ts";
import type { Verdict } from "./verdict-schema.ts";

export const ACTION_LIMIT = 300;
const MODE_REASON_LIMIT = 160;
const ASKED_LIMIT = 300;
const TODOS_BY_NAME = 3;
const TODO_NAME_LIMIT = 120;

/** One action for the actor that `waiting_on` names; an open gate's answer comes first when nothing may run (DEC-31). */
export function recommendedAction(decision: Decision, locale: Locale): string {
  if (decision.asks !== null) return shownText(decision.asks.text, ACTION_LIMIT);
  return cutText(actionOf(decision, locale), ACTION_LIMIT);
}

function actionOf(decision: Decision, locale: Locale): string {
  const { facts, goal } = decision.context;
  switch (decision.rule) {
    case "registry_unreadable":
      return placed(decision.fault);
    case "goal_not_found":
      return ACTIONS.connect_goal[locale](facts.goal_id);
    case "paused":
      return ACTIONS.stay_paused[locale]();
    case "agent_not_registered":
      return ACTIONS.register_agent[locale](decision.agent_id);
    case "contract_broken":
      return placed(decision.faults[0]);
    case "boundary_scan_hit":
      return placed(decision.hits[0]);
    case "health_blocked":
      if (decision.fault !== null) return placed(decision.fault);
      return decision.cause === "safety" ? ACTIONS.judge_safety[locale]() : ACTIONS.restore_artifact[locale]();
    case "identity_required":
      return ACTIONS.name_agent[locale](decision.suggested);
    case "user_gate":
    case "gates_block_all":
      return shownText(decision.gates[0].text, ACTION_LIMIT);
    case "registry_gate":
    case "map_opt_in":
    case "run_gate":
    case "adapter_not_connected":
      return askedOf(decision, locale);
    case "throttled":
      return ACTIONS.wait_for_slot[locale]();
    case "workspace_guard":
      return ACTIONS.own_worktree[locale](decision.agent_id);
    case "external_evidence_registered":
      return shownOr(goal?.attention.recommended_action, () => ACTIONS.observe_evidence[locale]());
    case "approved_command":
      return decision.agent_command;
    case "first_map":
      return mapCommand(facts);
    case "outcome_floor":
      return shownOr(decision.selected?.todo.text, () => ACTIONS.recover_outcome[locale](decision.must_advance.join(", ")));
    case "outcome_floor_unavailable":
      return ACTIONS.name_outcome[locale]();
    case "due_monitor":
    case "gate_fallback":
    case "advance_todo":
      return shownText(decision.selected.todo.text, ACTION_LIMIT);
    case "agent_scope_wait":
      return ACTIONS.wait_for_agent[locale](decision.held[0].holder, shownText(decision.held[0].todo.text, ACTION_LIMIT));
    case "boundary_gap":
      return ACTIONS.narrow_todo[locale](shownText(decision.todo.text, TODO_NAME_LIMIT), cutText(decision.missing.join(", "), 120));
    case "external_evidence_run":
      return shownOr(decision.run.recommended_action, () => ACTIONS.observe_evidence[locale]());
    case "blockers_only":
      return shownText(decision.blockers[0].text, ACTION_LIMIT);
    case "monitor_quiet":
      return ACTIONS.wait_for_monitor[locale]();
    case "agent_scope_exhausted":
      return ACTIONS.no_work_in_scope[locale]();
    case "projection_gap":
      return ACTIONS.project_next_action[locale](shownText(decision.item, 200));
    case "mapped_noop":
      return ACTIONS.stay_mapped[locale]();
    case "steering_audit":
      return shownOr(goal?.attention.recommended_action, () => shownOr(decision.run?.recommended_action, () => ACTIONS.steer[locale]()));
    case "nothing_to_do":
      return ACTIONS.add_todo[locale]();
  }
}

/** What a rule that waits for a person asks. */
function askedOf(decision: Decision, locale: Locale): string {
  const { facts, goal } = decision.context;
  switch (decision.rule) {
    case "registry_gate":
      return shownOr(goal?.attention.operator_question, () =>
        shownOr(goal?.attention.recommended_action, () => ACTIONS.answer_registry[locale](decision.waiting_on)),
      );
    case "map_opt_in":
      return shownOr(goal?.attention.operator_question, () => ACTIONS.approve_map[locale](facts.goal_id));
    case "run_gate":
      return shownOr(decision.question, () => shownOr(decision.run.recommended_action, () => ACTIONS.answer_gate[locale](shownText(decision.gate, 80))));
    case "adapter_not_connected":
      return ACTIONS.connect_adapter[locale](shownText(decision.status, 80));
    case "user_gate":
    case "gates_block_all":
      return ASKED_TODOS[locale](decision.gates.length);
    default:
      return "";
  }
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
  const command = decision.rule === "first_map" ? mapCommand(decision.context.facts) : decision.rule === "approved_command" ? decision.agent_command : null;
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
