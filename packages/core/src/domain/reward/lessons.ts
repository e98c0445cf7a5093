/**
 * Lessons of judged runs against the action a verdict recommends (DEC-78).
 * A lesson warns; it never changes rule, decision or action.
 */
import { LESSON_WARNING } from "../locale/lesson.ts";
import type { Locale } from "../locale/locale.ts";
import type { Run } from "../run/history.ts";

const JUDGED_LIMIT = 20;
const MATCHES_SHOWN = 3;
const IGNORED = new Set(["the", "and", "for", "with", "before", "after", "this", "that", "from", "into", "not"]);

/** A lesson whose `avoid` fits the action. */
export interface LessonMatch {
  readonly run_generated_at: string;
  readonly kind: string;
  readonly avoid: string;
  readonly prefer: readonly string[];
}

/** A warning from lessons; it changes no verdict. */
export interface LessonWarning {
  readonly code: "reward_lesson_projection_warning";
  readonly message: string;
  readonly match_count: number;
  readonly matches: readonly LessonMatch[];
}

/** The warning for that action, or null. `judged`: newest first; only the 20 newest count. */
export function lessonWarning(
  judged: readonly Pick<Run, "generated_at" | "human_rewards">[],
  action: string,
  locale: Locale = "en",
): LessonWarning | null {
  if (!judged.some((run) => run.human_rewards.some((reward) => reward.lesson !== undefined))) return null;
  const prepared = prepare(action);
  const matches = judged.slice(0, JUDGED_LIMIT).flatMap((run) => matchesOf(run, prepared));
  const [first] = matches;
  if (first === undefined) return null;
  return {
    code: "reward_lesson_projection_warning",
    message: LESSON_WARNING[locale](first.avoid, first.prefer[0] ?? null),
    match_count: matches.length,
    matches: matches.slice(0, MATCHES_SHOWN),
  };
}

/** True when the text to avoid stands in the action or shares enough words with it. */
export function lessonMatches(avoid: string, action: string): boolean {
  return matchesPrepared(avoid, prepare(action));
}

interface Prepared {
  readonly folded: string;
  readonly tokens: ReadonlySet<string>;
}

function matchesOf(run: Pick<Run, "generated_at" | "human_rewards">, action: Prepared): LessonMatch[] {
  // A newer reward of the same run does not take its older lessons back: every overlay is kept (design D14).
  return run.human_rewards.toReversed().flatMap((reward) => {
    const lesson = reward.lesson;
    if (lesson === undefined) return [];
    const hits = lesson.avoid.filter((avoid) => matchesPrepared(avoid, action));
    return hits.map((avoid) => ({ run_generated_at: run.generated_at, kind: lesson.kind, avoid, prefer: lesson.prefer }));
  });
}

function matchesPrepared(avoid: string, action: Prepared): boolean {
  const { folded, tokens } = prepare(avoid);
  if (folded === "") return false;
  if (action.folded.includes(folded)) return true;
  // A text without any token, such as "x", matches by itself only.
  if (tokens.size === 0) return false;
  const shared = [...tokens].filter((token) => action.tokens.has(token)).length;
  return shared >= Math.min(2, tokens.size);
}

function prepare(text: string): Prepared {
  const folded = text.toLowerCase().replace(/\s+/gu, " ").trim();
  return { folded, tokens: tokensOf(folded) };
}

/** Words of 3 or more letters and digits; CJK text has no blanks, so its tokens are neighbouring pairs. */
function tokensOf(folded: string): Set<string> {
  // Only a text with lessons pays for these: V8 builds the sets of a Unicode expression when it meets it.
  const CJK_RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
  const WORD = /[\p{L}\p{N}]{3,}/gu;
  const tokens = new Set<string>();
  for (const [run] of folded.matchAll(CJK_RUN)) {
    const characters = [...run];
    for (let at = 0; at + 1 < characters.length; at += 1) tokens.add(`${characters[at]}${characters[at + 1]}`);
  }
  for (const [word] of folded.replace(CJK_RUN, " ").matchAll(WORD)) if (!IGNORED.has(word)) tokens.add(word);
  return tokens;
}
