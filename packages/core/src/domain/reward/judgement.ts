/**
 * A person's judgement as a call gives it, checked (CMD-113). It becomes the `human_reward` of an overlay; it
 * authorises nothing and changes no verdict (DEC-78).
 */
import type { JsonObject } from "../json.ts";
import { sameJson } from "../goal/json-values.ts";
import { characterCount } from "../goal-state/text.ts";
import type { HumanReward, Lesson, LESSON_KINDS } from "../run/history.ts";

export const REWARDS = ["positive", "negative", "mixed", "neutral"] as const;
export const LESSON_SCHEMA_VERSION = "human_reward_lesson_v0";

const LESSON_ITEMS = 5;
const LABEL_LIMIT = 120;
const TEXT_LIMIT = 1_000;
const ITEM_LIMIT = 200;

/** The flags of a judgement; what is absent was not said. */
export interface JudgementInput {
  readonly decision: string;
  readonly reward: (typeof REWARDS)[number];
  readonly reason_summary: string;
  readonly follow_up?: string | undefined;
  readonly lesson_kind?: (typeof LESSON_KINDS)[number] | undefined;
  readonly lesson_summary?: string | undefined;
  readonly lesson_avoid?: readonly string[] | undefined;
  readonly lesson_prefer?: readonly string[] | undefined;
}

export interface JudgementFault {
  readonly kind: "fault";
  readonly code: "usage" | "invalid_value";
  readonly key: string;
  readonly message: string;
}

/** A checked judgement, without the instant it was made at. */
export interface Judgement {
  readonly kind: "judgement";
  readonly decision: string;
  readonly reward: string;
  readonly reason_summary: string;
  readonly follow_up: string | null;
  readonly lesson: Lesson | null;
}

/** The judgement, or what is wrong with it, named by its flag. */
export function readJudgement(input: JudgementInput): Judgement | JudgementFault {
  const texts: readonly (readonly [key: string, value: string | undefined, limit: number])[] = [
    ["decision", input.decision, LABEL_LIMIT],
    ["reason_summary", input.reason_summary, TEXT_LIMIT],
    ["follow_up", input.follow_up, TEXT_LIMIT],
    ["lesson_summary", input.lesson_summary, TEXT_LIMIT],
    ...items("lesson_avoid", input.lesson_avoid),
    ...items("lesson_prefer", input.lesson_prefer),
  ];
  for (const [key, value, limit] of texts) {
    if (value === undefined) continue;
    if (value.trim() === "") return fault("usage", key, "may not be blank");
    if (characterCount(value) > limit) return fault("invalid_value", key, `is a text of at most ${limit} characters`);
  }
  const problem = lessonFault(input);
  if (problem !== null) return problem;
  const { decision, reward, reason_summary, follow_up = null } = input;
  return { kind: "judgement", decision, reward, reason_summary, follow_up, lesson: lessonOf(input) };
}

/** The `human_reward` of the overlay, its keys in the order of FIL-67. A preview has no `overlay_id` yet. */
export function rewardRecord(judgement: Judgement, recorded_at: string, overlay_id: string | null): JsonObject {
  const { decision, reward, reason_summary, follow_up, lesson } = judgement;
  return {
    recorded_at,
    decision,
    reward,
    reason_summary,
    ...(follow_up === null ? {} : { follow_up }),
    ...(lesson === null ? {} : { lesson: lesson as JsonObject }),
    ...(overlay_id === null ? {} : { overlay_id }),
  };
}

/**
 * True when the run's last overlay says all of it already (DEC-78). Its own id does not count, and neither does its
 * time where the caller named none: so a repeated call adds nothing.
 */
export function isRepeated(last: HumanReward | undefined, judgement: Judgement, recorded_at: string | null): boolean {
  if (last === undefined) return false;
  const { overlay_id: _id, ...said } = last;
  return sameJson(said as JsonObject, rewardRecord(judgement, recorded_at ?? last.recorded_at, null));
}

/** The overlay line: the run's own fields, then the judgement, and nothing else (FIL-67). */
export function overlayLine(record: JsonObject, human_reward: JsonObject): JsonObject {
  return { ...record, human_reward };
}

/** Half a lesson is none, and too much is no lesson either. */
function lessonFault(input: JudgementInput): JudgementFault | null {
  const { lesson_kind, lesson_summary, lesson_avoid = [], lesson_prefer = [] } = input;
  if (lesson_kind === undefined && lesson_summary === undefined && lesson_avoid.length === 0 && lesson_prefer.length === 0) return null;
  if (lesson_kind === undefined) return fault("usage", "lesson_kind", "is missing: a lesson has a kind and a summary");
  if (lesson_summary === undefined) return fault("usage", "lesson_summary", "is missing: a lesson has a kind and a summary");
  const lists = { lesson_avoid, lesson_prefer };
  const long = (["lesson_avoid", "lesson_prefer"] as const).find((key) => lists[key].length > LESSON_ITEMS);
  return long === undefined ? null : fault("invalid_value", long, `may be given at most ${LESSON_ITEMS} times, not ${lists[long].length}`);
}

function lessonOf({ lesson_kind: kind, lesson_summary: summary, lesson_avoid = [], lesson_prefer = [] }: JudgementInput): Lesson | null {
  if (kind === undefined || summary === undefined) return null;
  return { schema_version: LESSON_SCHEMA_VERSION, kind, summary, avoid: [...lesson_avoid], prefer: [...lesson_prefer] };
}

function items(key: string, list: readonly string[] | undefined): [string, string, number][] {
  return (list ?? []).map((item) => [key, item, ITEM_LIMIT]);
}

function fault(code: JudgementFault["code"], key: string, problem: string): JudgementFault {
  return { kind: "fault", code, key, message: `--${key.replaceAll("_", "-")} ${problem}` };
}
