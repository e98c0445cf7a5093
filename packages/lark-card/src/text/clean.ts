/** What no text may carry, whoever wrote it (LRK-40). */
import { INPUT_LIMIT } from "../limits.ts";

/** C0 controls but tab and line feed, and everything that turns the reading direction. */
const REMOVED = /[\u0000-\u0008\u000B-\u001F\u202A-\u202E\u2066-\u2069]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;
/** What a reader sees nothing of. */
const INVISIBLE = /[\s\u200B-\u200F\u2060-\u2064\uFEFF\u00AD]/g;

/** A text as callers give it; nothing given is the empty text (LRK-2). */
export type Text = string | null | undefined;

/** The text without control and direction characters; half a surrogate pair becomes U+FFFD. */
export function cleanText(text: Text): string {
  return (text ?? "").slice(0, INPUT_LIMIT).replace(REMOVED, "").replace(LONE_SURROGATE, "\uFFFD");
}

/** True when a reader would see nothing; the platform refuses an element like that (LRK-23). */
export function isBlank(text: string): boolean {
  return text.replace(INVISIBLE, "") === "";
}
