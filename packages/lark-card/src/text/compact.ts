/** Texts made to fit a number of code points (LRK-21). What comes back is never longer, and nothing in it is torn. */
import { exactly, optional, requireInput, wholeNumber } from "../input.ts";
import { INPUT_LIMIT, MARKDOWN_LIMIT, TITLE_LIMIT } from "../limits.ts";
import { cleanText, type Text } from "./clean.ts";
import { openFence } from "./fences.ts";
import { lengthOf, prefixOf } from "./prefix.ts";

const CUT_MARK = "...";
const CUT_SENTENCE = "\n\n...truncated.";

/** `max_chars` in code points: 3,600 for Markdown, 72 for plain text. */
export interface CompactOptions {
  readonly max_chars?: number;
}

const isOptions = exactly({ max_chars: optional(wholeNumber(1, INPUT_LIMIT)) });

/** The text on one line, its white space collapsed, cut with `...`. */
export function compactPlainText(text: Text, options: CompactOptions = {}): string {
  requireInput(options, isOptions);
  return oneLine(text, options.max_chars ?? TITLE_LIMIT);
}

/** The Markdown cut with `...truncated.`; an open fence is closed before that. */
export function compactMarkdown(text: Text, options: CompactOptions = {}): string {
  requireInput(options, isOptions);
  return cutMarkdown(cleanText(text), options.max_chars ?? MARKDOWN_LIMIT);
}

/** {@link compactPlainText} with a limit that is known to be good. */
export function oneLine(text: Text, limit: number): string {
  const line = cleanText(text).replace(/\s+/g, " ").trim();
  if (lengthOf(line) <= limit) return line;
  if (limit <= CUT_MARK.length) return CUT_MARK.slice(-limit);
  return prefixOf(line, limit - CUT_MARK.length).trimEnd() + CUT_MARK;
}

/** {@link compactMarkdown} with a limit that is known to be good. */
export function cutMarkdown(markdown: string, limit: number): string {
  if (lengthOf(markdown) <= limit) return markdown;
  const room = limit - CUT_SENTENCE.length;
  if (room <= 0) return CUT_SENTENCE.slice(-limit);
  return wholeUpTo(markdown, room) + CUT_SENTENCE;
}

/** The beginning of the Markdown with its last fence closed; a fence with no room for that, or with nothing in it, is left out. */
function wholeUpTo(markdown: string, room: number): string {
  let kept = prefixOf(markdown, room).trimEnd();
  for (let open = openFence(kept); open !== null; open = openFence(kept)) {
    const close = `\n${open.indent}${open.marker}`;
    const shorter = prefixOf(kept, room - close.length).trimEnd();
    const still = close.length < room ? openFence(shorter) : null;
    if (still?.start === open.start && shorter.slice(open.start).includes("\n")) return shorter + close;
    kept = kept.slice(0, open.start).trimEnd();
  }
  return kept;
}
