/** What takes the place of a gate's card when it is settled (LRK-35). It has no buttons: nothing can be pressed twice. */
import type { Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Card } from "../card/blocks.ts";
import { isDialect, isGateName, isGoalId, isLocale, isSha, type Dialect, type GateAnswer } from "../card/words.ts";
import { exactly, isText, label, oneOf, optional, requireInput } from "../input.ts";
import { LABELS } from "../labels.ts";
import { QUESTION_LIMIT, TITLE_LIMIT } from "../limits.ts";
import { cleanText, type Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { escapeText } from "../text/escape.ts";
import { dotted, freeText, paragraphs, stacked } from "./parts.ts";

const OUTCOMES = {
  approve: ["green", "approved"],
  reject: ["red", "rejected"],
  defer: ["grey", "deferred"],
  expired: ["grey", "expired"],
  superseded: ["grey", "superseded"],
} as const;

/** A gate that is settled. */
export interface GateResolvedInput {
  readonly goal_id: string;
  readonly gate: string;
  readonly question: string;
  readonly decision: GateAnswer | "expired" | "superseded";
  /** A label for display, never an account's id. */
  readonly decided_by?: Text;
  readonly decided_at?: Text;
  readonly reason_summary?: Text;
  readonly run_id?: Text;
  readonly sha?: string | null;
  readonly dialect?: Dialect;
  readonly locale?: Locale;
}

const isInput = exactly({
  goal_id: isGoalId,
  gate: isGateName,
  question: label(QUESTION_LIMIT),
  decision: oneOf(Object.keys(OUTCOMES)),
  decided_by: isText,
  decided_at: isText,
  reason_summary: isText,
  run_id: isText,
  sha: optional(isSha),
  dialect: isDialect,
  locale: isLocale,
});

/** A card with the question, the answer, who gave it, and why. */
export function buildGateResolvedCard(input: GateResolvedInput): Card {
  requireInput(input, isInput);
  const { dialect = "1.0", locale = "en", goal_id, gate } = input;
  const [template, word] = OUTCOMES[input.decision];
  const answered = LABELS[locale][word];
  const title = oneLine(`${answered}: ${goal_id}`, TITLE_LIMIT);
  const answer = escapeText(dotted([answered, input.decided_by, input.decided_at]));
  return assemble({ dialect, locale, template, title, forward: false, updated: true }, [
    textBlock(paragraphs(cleanText(input.question), dialect, "**")),
    textBlock(stacked([answer, freeText(input.reason_summary)], dialect)),
    { kind: "note", content: dotted([goal_id, gate, input.sha?.slice(0, 12), input.run_id]) },
  ]);
}
