/**
 * One goal as the operator's window lists it, whether or not it needs anybody: where it stands, what holds it, which
 * gates a person may answer. A projection of one decision; it grants nothing.
 */
import { gateQuestion } from "../gate/question.ts";
import type { Locale } from "../locale/locale.ts";
import { MAP_GATE } from "../map/permission.ts";
import type { DecisionKind, GoalState, RuleName, WaitingParty } from "../quota/answers.ts";
import { byRule, type ByRule, type Decision, type VerdictSeverity } from "../quota/decision.ts";
import { reasonOf } from "../quota/reason.ts";
import { operatorQuestion, recommendedAction } from "../quota/recommendation.ts";
import { shownText } from "../quota/shown-text.ts";
import { standingOf } from "../quota/standing.ts";
import { quotaView } from "../quota/verdict.ts";
import type { QuotaView } from "../quota/verdict-schema.ts";
import { outcomeOf, scaleOf } from "../run/grades.ts";
import { HISTORY_GATE } from "../run/neutral.ts";
import { nextCommand } from "./next-command.ts";

/** A question that only a person closes: a todo of the goal state, or a gate of the run history. */
export type OpenGate =
  | { readonly kind: "todo"; readonly todo_id: string; readonly question: string; readonly stops_goal: boolean }
  | { readonly kind: "operator_gate"; readonly gate: string; readonly question: string; readonly stops_goal: boolean };

/** One goal of the window's list. */
export interface GoalOverview {
  readonly goal_id: string;
  /** Whose view this is, on a goal with registered agents: the primary's, else the first one's. */
  readonly agent_id: string | null;
  /** The name of its repository's folder; empty for an entry without one. */
  readonly project: string;
  readonly status: string;
  readonly state: GoalState;
  readonly rule: RuleName;
  readonly decision: DecisionKind;
  readonly should_run: boolean;
  readonly reason: string;
  readonly waiting_on: WaitingParty;
  readonly severity: VerdictSeverity;
  readonly requires_user_action: boolean;
  readonly recommended_action: string;
  readonly operator_question: string | null;
  /** What whoever has to act types next. */
  readonly next_command: string;
  readonly quota: QuotaView;
  readonly gates: readonly OpenGate[];
  readonly open_user_todos: number;
  readonly open_agent_todos: number;
  readonly agents: readonly string[];
  readonly run_count: number;
  readonly latest_run: {
    readonly generated_at: string;
    readonly classification: string;
    readonly outcome: string;
    readonly scale: string;
  } | null;
}

const STATUS_LIMIT = 120;
const QUESTION_LIMIT = 300;

/** The goal of this decision. */
export function goalOverview(decision: Decision, project: string, locale: Locale): GoalOverview {
  const { facts, goal, now, statusRun } = decision.context;
  const open = (todos: readonly { readonly status: string }[]) =>
    todos.filter(({ status }) => status === "open" || status === "blocked").length;
  return {
    goal_id: facts.goal_id,
    agent_id: facts.agent_id,
    project,
    status: shownText(standingOf(decision), STATUS_LIMIT),
    state: decision.state,
    rule: decision.rule,
    decision: decision.decision,
    should_run: decision.should_run,
    reason: reasonOf(decision, locale),
    waiting_on: decision.waiting_on,
    severity: decision.severity,
    requires_user_action: decision.requires_user_action,
    recommended_action: recommendedAction(decision, locale),
    operator_question: operatorQuestion(decision, locale),
    next_command: nextCommand(decision, now, locale),
    quota: quotaView(facts.quota),
    gates: openGates(decision, locale),
    open_user_todos: open(facts.todos.user),
    open_agent_todos: open(facts.todos.agent),
    agents: goal?.coordination.registered_agents ?? [],
    run_count: facts.runs.run_count,
    latest_run:
      statusRun === null
        ? null
        : {
            generated_at: statusRun.generated_at,
            classification: shownText(statusRun.classification, STATUS_LIMIT),
            outcome: goal === null ? "unknown" : outcomeOf(statusRun, goal.execution_profile),
            scale: scaleOf(statusRun),
          },
  };
}

/** Every gate a person may answer now; those of todos first. */
export function openGates(decision: Decision, locale: Locale): readonly OpenGate[] {
  const { facts, gates } = decision.context;
  const todos = gates.map(({ gate, stops_goal }): OpenGate => {
    return { kind: "todo", todo_id: gate.todo_id, question: shownText(gate.text, QUESTION_LIMIT), stops_goal };
  });
  const named = byRule(NAMED_GATES, decision);
  if (named === null) return todos;
  const question = shownText(named.question ?? gateQuestion(facts.goal_id, named.gate, locale), QUESTION_LIMIT);
  return [...todos, { kind: "operator_gate", gate: named.gate, question, stops_goal: true }];
}

interface NamedGate {
  readonly gate: string;
  readonly question: string | null;
}

/** The gate of the history that a rule waits for. */
const NAMED_GATES: Partial<ByRule<[], NamedGate | null>> = {
  run_gate: ({ gate, question }) => ({ gate, question }),
  map_opt_in: () => ({ gate: MAP_GATE, question: null }),
  health_blocked: ({ cause }) => (cause === "safety" ? { gate: "safety", question: null } : null),
  contract_broken: ({ faults }) => (faults[0].code === "history_line_bad" ? { gate: HISTORY_GATE, question: null } : null),
};
