/** The way of an agent's Markdown into a card: real line feeds, made harmless, the dialect's means, cut to fit. */
import type { Dialect } from "../card/words.ts";
import { cleanText, isBlank, type Text } from "./clean.ts";
import { cutMarkdown } from "./compact.ts";
import { inDialect } from "./dialects.ts";
import { withClosedFence } from "./fences.ts";
import { withRealNewlines, type LiteralNewlines } from "./newlines.ts";
import { sanitizeMarkdown } from "./sanitize.ts";

/** The Markdown as a card of this dialect shows it, at most `limit` code points; null when a reader would see nothing. */
export function cardMarkdown(text: Text, dialect: Dialect, limit: number, newlines: LiteralNewlines): string | null {
  const real = withRealNewlines(cleanText(text), newlines);
  const shown = inDialect(sanitizeMarkdown(real, { dialect }), dialect)
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
  const cut = cutMarkdown(withClosedFence(shown), limit);
  return isBlank(cut) ? null : cut;
}
