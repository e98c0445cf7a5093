/**
 * Why a goal got its verdict (`loopx why`, CMD-81): every rule asked and what it looked at, and the one command that
 * would change the answer, with the verdict to expect after it.
 */
import type { Locale } from "../locale/locale.ts";
import type { Why } from "../payload/why.ts";
import type { Moment } from "../time.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { holdersOf } from "./holders.ts";
import { remedyOf } from "./remedy.ts";
import { RULES } from "./rules/order.ts";
import { shownText } from "./shown-text.ts";

export type { Why } from "../payload/why.ts";

const TEXT_LIMIT = 200;

/** The todo that the next decision hands out, when it stands in the file already. */
function knownTodo(next: Decision, facts: Facts): { todo_id: string; text: string } | null {
  const todo = "selected" in next ? (next.selected?.todo ?? null) : null;
  if (todo === null || !facts.todos.agent.some((each) => each.todo_id === todo.todo_id)) return null;
  return { todo_id: todo.todo_id, text: shownText(todo.text, TEXT_LIMIT) };
}

/** The trace of a decision and its remedy (DEC-40 to DEC-42). Commands run as pasted. */
export function explain(decision: Decision, facts: Facts, now: Moment, locale: Locale): Why {
  const remedy = remedyOf(decision, facts, now, locale);
  const next = remedy.after === null ? null : decide(remedy.after, now);
  return {
    goal_id: facts.goal_id,
    decision: decision.decision,
    rule: decision.rule,
    trace: decision.trace.map((step, at) => ({ ...step, facts: RULES[at]?.looksAt(decision.context) ?? {} })),
    holders: holdersOf(facts, now),
    to_change: [
      {
        verdict: next?.rule ?? remedy.expects ?? "unknown",
        next_todo: next === null ? null : knownTodo(next, facts),
        actor: remedy.actor,
        command: remedy.command,
      },
    ],
  };
}
