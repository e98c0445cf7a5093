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
import { remedyOf } from "./remedy.ts";
import { RULES } from "./rules/order.ts";

export type { Why } from "../payload/why.ts";

/** The trace of a decision and its remedy (DEC-40 to DEC-42). Commands run as pasted. */
export function explain(decision: Decision, facts: Facts, now: Moment, locale: Locale): Why {
  const remedy = remedyOf(decision, facts, now, locale);
  const verdict = remedy.after === null ? (remedy.expects ?? "unknown") : decide(remedy.after, now).rule;
  return {
    goal_id: facts.goal_id,
    decision: decision.decision,
    rule: decision.rule,
    trace: decision.trace.map((step, at) => ({ ...step, facts: RULES[at]?.looksAt(decision.context) ?? {} })),
    to_change: [{ verdict, actor: remedy.actor, command: remedy.command }],
  };
}
