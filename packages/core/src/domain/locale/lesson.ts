/** The warning that a person once advised against what is recommended now (DEC-78). */
import type { Sentence } from "./locale.ts";

const QUOTED = 50;

export const LESSON_WARNING: Sentence<[avoid: string, prefer: string | null]> = {
  en: (avoid, prefer) => `A past judgement advises against "${short(avoid)}"` + (prefer === null ? "." : `; prefer "${short(prefer)}".`),
  zh: (avoid, prefer) => `以往评价建议避免“${short(avoid)}”` + (prefer === null ? "。" : `，宜“${short(prefer)}”。`),
};

function short(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  if (line.length <= QUOTED) return line;
  // Half of a surrogate pair is no character.
  return `${line.slice(0, QUOTED - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
