/** The closed lists of a card, and the checks of what identifies something on it. */
import { exactly, matching, oneOf, optional, rule, wholeNumber } from "../input.ts";
import { LABEL_LIMIT } from "../limits.ts";
import { isWebUrl } from "../text/links.ts";

/** The two forms of card JSON. */
export const DIALECTS = ["1.0", "2.0"] as const;
/** A form of card JSON: 1.0 for every client; 2.0, for clients since 7.20, shows headings, tables, quotes and inline code. */
export type Dialect = (typeof DIALECTS)[number];

/** Header colours (LRK-11). */
export const TEMPLATES = [
  "blue",
  "wathet",
  "turquoise",
  "green",
  "yellow",
  "orange",
  "red",
  "carmine",
  "violet",
  "purple",
  "indigo",
  "grey",
  "default",
] as const;
/** A header colour. */
export type Template = (typeof TEMPLATES)[number];

/** What an operator can answer. */
export const GATE_ANSWERS = ["approve", "reject", "defer"] as const;
/** An operator's answer to a gate. */
export type GateAnswer = (typeof GATE_ANSWERS)[number];

/** What a press of a gate's button sends back (LRK-32). `exp` is in epoch seconds. */
export interface GateValue {
  readonly v: 1;
  readonly kind: "loopx_gate";
  readonly goal_id: string;
  readonly gate: string;
  readonly decision: GateAnswer;
  readonly nonce: string;
  readonly exp: number;
  readonly sha?: string | undefined;
}

export const GOAL_ID = /^[A-Za-z0-9][\w.-]{0,79}$/;
/** One line that shows something. */
export const GATE_NAME = new RegExp(
  `^(?=.*[^\\s\\u200B-\\u200F\\u2060-\\u2064\\uFEFF\\u00AD])[^\\p{Cc}\\p{Surrogate}\\u202A-\\u202E\\u2066-\\u2069]{1,${LABEL_LIMIT}}$`,
  "u",
);
export const NONCE = /^[0-9a-f]{32}$/;
export const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** The last second of the year 9999. */
export const LAST_SECOND = 253_402_300_799;

export const isDialect = optional(oneOf(DIALECTS));
export const isLocale = optional(oneOf(["en", "zh"]));
export const isGoalId = matching(GOAL_ID, "a goal id");
export const isGateName = matching(GATE_NAME, `one line of 1 to ${LABEL_LIMIT} characters`);
export const isNonce = matching(NONCE, "32 lower-case hex digits");
export const isSha = matching(SHA, "40 or 64 lower-case hex digits");
export const isExpiry = wholeNumber(0, LAST_SECOND);
export const isAnswer = oneOf(GATE_ANSWERS);
export const isWebAddress = rule((value) => typeof value === "string" && isWebUrl(value), "is an http or https address");

export const isGateValue = exactly({
  v: oneOf([1]),
  kind: oneOf(["loopx_gate"]),
  goal_id: isGoalId,
  gate: isGateName,
  decision: isAnswer,
  nonce: isNonce,
  exp: isExpiry,
  sha: rule((value) => value === undefined || (typeof value === "string" && SHA.test(value)), "is 40 or 64 lower-case hex digits"),
});
