/** Texts from files on their way into a payload: redacted by the projection surface (DEC-76), on one line, cut to length. */
import { redact } from "../boundary/detector.ts";

/** More than any payload shows; what lies behind it cannot be printed, so nobody needs to look at it. */
const REDACTION_REACH = 2_000;

/** A text from a file as a payload may show it. */
export function shownText(text: string, limit: number): string {
  // Cut roughly first: a todo may have 4,000 characters, and redaction costs by length.
  return cutText(redact(text.slice(0, REDACTION_REACH).replace(/\s+/g, " ").trim(), "projection"), limit);
}

/** The text, at most `limit` UTF-16 units long; what was cut off is marked by `…`. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = limit - 1;
  const last = text.charCodeAt(end - 1);
  // Half of a surrogate pair is no character.
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + "…";
}
