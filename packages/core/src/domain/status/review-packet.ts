/**
 * The review packet of one goal (DEC-80): what a person is asked, what unlocks it, and the block for the agent. It is a
 * projection of one decision: it appends nothing, spends nothing and grants nothing.
 */
import { isGating, isOpen } from "../gate/effects.ts";
import type { Locale } from "../locale/locale.ts";
import { ADVICE, JUDGE_RUN, PACKET_HEADINGS, REPLY_FORM, UNLOCKED_BY } from "../locale/packet.ts";
import { PLACEHOLDERS } from "../locale/verdict.ts";
import type { ReviewPacket } from "../payload/review-packet.ts";
import { deliveryContract } from "../quota/contract.ts";
import type { Decision } from "../quota/decision.ts";
import { orchestrationOf } from "../quota/goal-boundary.ts";
import { agentWords, goalCommand, mapCommand } from "../quota/printed-commands.ts";
import { operatorQuestion, recommendedAction } from "../quota/recommendation.ts";
import { remedyOf } from "../quota/remedy.ts";
import type { Remedy } from "../quota/remedy-wording.ts";
import { shownText } from "../quota/shown-text.ts";
import { standingOf } from "../quota/standing.ts";
import { classOf } from "../quota/todo-view.ts";
import type { Moment } from "../time.ts";
import { handoffOf } from "./handoff.ts";
import { packetKind, type PacketKind } from "./packet-kind.ts";

const TEXT_LIMIT = 200;
const STATUS_LIMIT = 120;
/** How an operator may answer a gate. */
const GATE_ANSWERS = ["approve", "reject", "defer"];

export interface PacketRequest {
  readonly locale: Locale;
  /** Speak of this kind instead of the one that follows from the decision. */
  readonly kind: PacketKind | null;
  readonly review_url: string | null;
  readonly agent_named: boolean;
  /** At most so many todos. */
  readonly limit: number;
}

/** The packet of a decision. What may be done follows from the decision, whatever kind is asked for. */
export function reviewPacket(decision: Decision, now: Moment, request: PacketRequest): ReviewPacket {
  const { locale, limit } = request;
  const { facts, goal, work } = decision.context;
  const kind = request.kind ?? packetKind(decision);
  const command = packetCommand(decision, kind);
  const contract = goal === null ? null : deliveryContract(facts.runs.graded, goal.execution_profile, locale);
  const handoff = handoffOf(decision, { command, contract, locale, agent_named: request.agent_named });
  const userTodos = facts.todos.user
    .filter(isOpen)
    .toSorted((a, b) => Number(isGating(b)) - Number(isGating(a)) || a.rank - b.rank || a.index - b.index);
  const packet = {
    goal_id: facts.goal_id,
    kind,
    waiting_on: decision.waiting_on,
    status: shownText(standingOf(decision), STATUS_LIMIT),
    review_url: request.review_url,
    question: questionOf(decision, kind, locale),
    suggested_decision: ADVICE[kind === "controller" && decision.rule === "map_opt_in" ? "map_opt_in" : kind][locale](),
    operator_gate_approved_handoff: decision.rule === "approved_command",
    connected_delivery_handoff: decision.should_run && goal?.adapter.status === "connected-delivery",
    project_agent_command: command,
    project_agent_handoff: handoff.text,
    operator_gate_decision_commands: decisionCommands(decision, locale),
    user_todo_text: userTodos[0] === undefined ? null : shownText(userTodos[0].text, TEXT_LIMIT),
    agent_todo_items: work.open
      .slice(0, limit)
      .map((todo) => ({ todo_id: todo.todo_id, text: shownText(todo.text, TEXT_LIMIT), task_class: classOf(todo), status: todo.status })),
    orchestration: orchestrationOf(goal),
    handoff_delivery_contract: contract,
    handoff_interface_budget: handoff.budget,
  };
  const todos = userTodos.slice(0, limit).map((todo) => `${todo.todo_id} ${shownText(todo.text, TEXT_LIMIT)}`);
  return { ...packet, packet: packetText(packet, todos, unlocking(decision, now, locale), locale) };
}

/** Null while the agent works and nobody else is waited for: then nothing is locked. */
function unlocking(decision: Decision, now: Moment, locale: Locale): Remedy | null {
  const locked = !decision.should_run || decision.requires_user_action;
  return locked ? remedyOf(decision, decision.context.facts, now, locale) : null;
}

/** The one command of the agent block; an approved one exactly as it was approved. */
function packetCommand(decision: Decision, kind: PacketKind): string {
  const { facts } = decision.context;
  if (decision.rule === "approved_command") return decision.agent_command;
  if (decision.rule === "first_map") return mapCommand(facts);
  if (decision.rule === "map_opt_in") return `${mapCommand(facts)} --dry-run`;
  if (kind === "reward" || kind === "evidence") return goalCommand(facts, ["history"]);
  if (kind === "health" || kind === "status") return goalCommand(facts, ["status"]);
  return goalCommand(facts, ["quota", "should-run"], agentWords(facts));
}

function questionOf(decision: Decision, kind: PacketKind, locale: Locale): string | null {
  const question = operatorQuestion(decision, locale);
  if (question !== null) return question;
  if (kind === "reward") return JUDGE_RUN[locale](decision.context.facts.goal_id);
  return decision.requires_user_action || decision.asks !== null || kind === "health" || kind === "controller"
    ? recommendedAction(decision, locale)
    : null;
}

/** A gate that an operator answers, by each answer; a gate that is a todo is answered by closing it. */
function decisionCommands(decision: Decision, locale: Locale): string[] {
  const gate = decision.rule === "map_opt_in" ? "read_only_map_opt_in" : decision.rule === "run_gate" ? decision.gate : null;
  if (gate === null) return [];
  const why = { placeholder: PLACEHOLDERS.why[locale]() };
  return GATE_ANSWERS.map((answer) =>
    goalCommand(decision.context.facts, ["operator-gate"], ["--gate", gate, "--decision", answer, "--reason-summary", why, "--dry-run"]),
  );
}

function packetText(
  packet: Omit<ReviewPacket, "packet">,
  todos: readonly string[],
  remedy: Pick<Remedy, "actor" | "command"> | null,
  locale: Locale,
): string {
  const part = (heading: keyof typeof PACKET_HEADINGS, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`## ${PACKET_HEADINGS[heading][locale]()}`, "", ...lines, ""];
  const asked = packet.question === null ? [] : [packet.question];
  return [
    ...part("asked", asked),
    ...part("unlocks", remedy === null ? [] : [UNLOCKED_BY[locale](remedy.actor), "", "```sh", remedy.command, "```"]),
    ...part(
      "todos",
      todos.map((todo) => `- ${todo}`),
    ),
    ...part("advice", [packet.suggested_decision]),
    // An operator question says itself how to reply.
    ...part("reply", asked.length === 0 || packet.question?.endsWith(REPLY_FORM[locale]()) === true ? [] : [REPLY_FORM[locale]()]),
    ...part(
      "commands",
      packet.operator_gate_decision_commands.length === 0 ? [] : ["```sh", ...packet.operator_gate_decision_commands, "```"],
    ),
    `## ${PACKET_HEADINGS.agent[locale]()}`,
    "",
    packet.project_agent_handoff,
  ].join("\n");
}
