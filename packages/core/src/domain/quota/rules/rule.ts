/**
 * The form of a rule: a name, what it looks at (shown by `loopx why`), and its answer, or null when it has none.
 * A rule reads its context and nothing else.
 */
import type { GoalEntry } from "../../goal/entry.ts";
import type { JsonObject } from "../../json.ts";
import type { RuleName } from "../answers.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "../decision.ts";

export interface Rule {
  readonly name: RuleName;
  readonly looksAt: (context: Context) => JsonObject;
  readonly answer: (context: Context) => Outcome | null;
}

/** A rule that can only answer in its own name. */
export interface RuleOf<Name extends RuleName> extends Rule {
  readonly name: Name;
  readonly answer: (context: Context) => Extract<Outcome, { rule: Name }> | null;
}

/** A rule that needs a readable goal entry; without one it has no answer, for an earlier rule has stopped the goal. */
export function goalRule<Name extends RuleName>(
  name: Name,
  looksAt: (context: Context, goal: GoalEntry) => JsonObject,
  answer: (context: Context, goal: GoalEntry) => Extract<Outcome, { rule: Name }> | null,
): RuleOf<Name> {
  return {
    name,
    looksAt: (context) => (context.goal === null ? {} : looksAt(context, context.goal)),
    answer: (context) => (context.goal === null ? null : answer(context, context.goal)),
  };
}
