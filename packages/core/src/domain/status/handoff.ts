/**
 * The block another agent gets (DEC-81): who it is for, what holds, what to do next, and one command that runs as
 * printed. It is a projection of a decision and grants nothing. Prose holds no path and no secret; the command is not prose.
 */
import { redact } from "../boundary/detector.ts";
import { byRank } from "../gate/effects.ts";
import type { Todo } from "../goal-state/todo.ts";
import { characterCount } from "../goal-state/text.ts";
import type { Locale } from "../locale/locale.ts";
import { FORWARD, HANDOFF, LABEL_ONLY, NOTHING, NOWHERE, UNKNOWN_SOURCE } from "../locale/packet.ts";
import { STOP_CONDITION } from "../locale/verdict.ts";
import type { DeliveryContract } from "../quota/contract.ts";
import type { Decision } from "../quota/decision.ts";
import { orchestrationOf } from "../quota/goal-boundary.ts";
import { writeScopes } from "../quota/selection.ts";
import { cutText } from "../quota/shown-text.ts";

export const HANDOFF_LINES = 16;
export const HANDOFF_CHARACTERS = 1_800;

const TODO_LIMIT = 300;
const SHORT_TODO_LIMIT = 120;
const CANDIDATE_LIMIT = 120;
const CANDIDATES = 2;
/** How much of a text from a file stays in a line that is never dropped. */
interface Widths {
  readonly word: number;
  readonly list: number;
  readonly condition: number;
}
const WIDE: Widths = { word: 120, list: 160, condition: 200 };
const NARROW: Widths = { word: 30, list: 40, condition: 40 };

/** How much of the budget a text used. */
export interface HandoffBudget {
  readonly max_lines: number;
  readonly max_chars: number;
  readonly line_count: number;
  readonly char_count: number;
  /** False only when the command itself is too long: what must stay is never cut. */
  readonly within_budget: boolean;
}

export interface Handoff {
  readonly text: string;
  readonly budget: HandoffBudget;
}

export interface HandoffRequest {
  readonly command: string;
  readonly contract: DeliveryContract | null;
  readonly locale: Locale;
  /** The caller named the agent, so the block says who it is. */
  readonly agent_named: boolean;
}

/** What is left out when the block is too long, step by step. */
interface Cuts {
  readonly candidates: boolean;
  readonly observation: boolean;
  readonly instruction: boolean;
  readonly long_todo: boolean;
  readonly widths: Widths;
  readonly orchestration: boolean;
}

const WHOLE: Cuts = { candidates: true, observation: true, instruction: true, long_todo: true, widths: WIDE, orchestration: true };
/** Each step leaves out one thing more. */
const STEPS: readonly Cuts[] = [
  { candidates: false },
  { observation: false },
  { instruction: false },
  { long_todo: false },
  { widths: NARROW },
  { orchestration: false },
].reduce<Cuts[]>((steps, cut) => [...steps, { ...(steps.at(-1) ?? WHOLE), ...cut }], [WHOLE]);

/** The block with as much as fits in 16 lines and 1,800 characters. */
export function handoffOf(decision: Decision, request: HandoffRequest): Handoff {
  let handoff = measured("");
  for (const cuts of STEPS) {
    handoff = measured([...linesOf(decision, request, cuts), ...fenced(request.command)].join("\n"));
    if (handoff.budget.within_budget) break;
  }
  return handoff;
}

function measured(text: string): Handoff {
  const [line_count, char_count] = [text.split("\n").length, characterCount(text)];
  const within_budget = line_count <= HANDOFF_LINES && char_count <= HANDOFF_CHARACTERS;
  return { text, budget: { max_lines: HANDOFF_LINES, max_chars: HANDOFF_CHARACTERS, line_count, char_count, within_budget } };
}

function linesOf(decision: Decision, request: HandoffRequest, cuts: Cuts): string[] {
  const { facts, streaks } = decision.context;
  const { locale, contract } = request;
  const observed = cuts.observation && (streaks.small > 0 || streaks.gap > 0);
  return [
    HANDOFF.guard[locale](facts.goal_id),
    HANDOFF.context[locale](),
    sourceLine(decision, locale, cuts.widths),
    ...agentLine(decision, request, cuts.widths),
    ...todoLines(decision, locale, cuts),
    ...(observed ? [HANDOFF.observation[locale](String(streaks.small), String(streaks.gap))] : []),
    ...(contract === null
      ? []
      : [prose(HANDOFF.contract[locale](cuts.instruction ? `${contract.summary} ${contract.instruction}` : contract.summary))]),
    HANDOFF.forward[locale](forwardCondition(decision, locale, cuts.widths)),
    boundaryLine(decision, locale, cuts.widths),
    ...(cuts.orchestration ? orchestrationLine(decision, locale, cuts.widths) : []),
    HANDOFF.stop[locale](STOP_CONDITION[locale]()),
  ];
}

function sourceLine({ context: { goal, facts }, rule }: Decision, locale: Locale, { word }: Widths): string {
  const file = goal === null || facts.state === null ? UNKNOWN_SOURCE[locale]() : prose(goal.state_file, word);
  const adapter = goal === null ? "-" : prose(`${goal.adapter.kind} (${goal.adapter.status})`, word);
  return HANDOFF.source[locale](file, adapter, rule);
}

function agentLine({ context: { caller } }: Decision, { agent_named, locale }: HandoffRequest, { word }: Widths): string[] {
  if (!agent_named || caller.agent_id === null) return [];
  return [HANDOFF.agent[locale](prose(caller.agent_id, word), caller.role ?? LABEL_ONLY[locale]())];
}

/** The selected todo, then the next ones the agent could take. A todo that a gate stops or another holds is never named. */
function todoLines(decision: Decision, locale: Locale, cuts: Cuts): string[] {
  const selected = "selected" in decision ? (decision.selected?.todo ?? null) : null;
  if (selected === null) return [];
  const line = (sentence: "todo" | "candidate", todo: Todo, limit: number) =>
    HANDOFF[sentence][locale](todo.todo_id, prose(todo.text, limit));
  const others = cuts.candidates
    ? decision.context.work.inBounds
        .filter((todo) => todo !== selected)
        .toSorted(byRank)
        .slice(0, CANDIDATES)
    : [];
  return [
    line("todo", selected, cuts.long_todo ? TODO_LIMIT : SHORT_TODO_LIMIT),
    ...others.map((todo) => line("candidate", todo, CANDIDATE_LIMIT)),
  ];
}

/** The verdict's own condition, and the registry's beside it. */
function forwardCondition(decision: Decision, locale: Locale, { condition }: Widths): string {
  const registered = decision.context.goal?.attention.next_handoff_condition ?? null;
  const own = FORWARD[conditionOf(decision)][locale]();
  return registered === null || registered.trim() === "" ? own : `${own} ${prose(registered, condition)}`;
}

function conditionOf(decision: Decision): keyof typeof FORWARD {
  if (decision.rule === "approved_command") return "approved";
  if (decision.waiting_on === "external_evidence") return "observe";
  if (decision.should_run) return "run";
  return decision.requires_user_action || decision.severity === "high" ? "person" : "quiet";
}

function boundaryLine({ context: { goal, now } }: Decision, locale: Locale, widths: Widths): string {
  const scopes = writeScopes(goal, now);
  const approval = goal?.coordination.requires_parent_approval ?? [];
  const list = (words: readonly string[], none: string) => (words.length === 0 ? none : prose(words.join(", "), widths.list));
  return HANDOFF.boundary[locale](list(scopes, NOWHERE[locale]()), list(approval, NOTHING[locale]()));
}

/** Only where the goal lets its agent run sub-agents. */
function orchestrationLine({ context: { goal } }: Decision, locale: Locale, { word }: Widths): string[] {
  const orchestration = orchestrationOf(goal);
  if (orchestration === null) return [];
  return [HANDOFF.orchestration[locale](String(orchestration.max_children), prose(orchestration.allowed_domains.join(", "), word))];
}

/** One line without paths and secrets. */
function prose(text: string, limit = Number.POSITIVE_INFINITY): string {
  // Cut roughly first: redaction costs by length, and what lies behind cannot be shown.
  const line = text.slice(0, 2_000).replace(/\s+/g, " ").trim();
  return cutText(redact(line, "handoff"), limit);
}

/** As code, byte for byte; the fence is longer than any run of backticks inside. */
function fenced(command: string): string[] {
  const longest = Math.max(2, ...[...command.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}sh`, command, fence];
}
