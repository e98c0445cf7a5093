/** Line feeds that arrived as the two characters `\` and `n`, as programs write them that quote a text twice (LRK-22). */
import { codeSpans } from "./fences.ts";

export const LITERAL_NEWLINES = ["auto", "always", "never"] as const;
/** When the two characters become a line feed: where nothing else can be meant, everywhere, or nowhere. */
export type LiteralNewlines = (typeof LITERAL_NEWLINES)[number];

const WRITTEN = /(?:\\r)?\\n/g;
const PATH_WORD = /^(?:[A-Za-z]:|\\\\)/;
const QUOTES = "\"'`";

/** The text with written line feeds as real ones. */
export function withRealNewlines(text: string, mode: LiteralNewlines): string {
  if (mode === "never" || (mode === "auto" && text.includes("\n"))) return text;
  if (mode === "always") return text.replace(WRITTEN, "\n");
  // Runs of three and more are fences that lost their line feeds, not code in a line.
  const code = codeSpans(text).filter(([start]) => !text.startsWith("```", start));
  let span = 0;
  const change = (written: string, at: number): string => {
    while ((code[span]?.[1] ?? Infinity) <= at) span++;
    const inCode = (code[span]?.[0] ?? Infinity) < at;
    return inCode || isQuoted(text, at, at + written.length) ? written : "\n";
  };
  return text.replace(/\S+/g, (word: string, at: number) =>
    PATH_WORD.test(word) ? word : word.replace(WRITTEN, (written: string, offset: number) => change(written, at + offset)),
  );
}

function isQuoted(text: string, start: number, end: number): boolean {
  const quote = text.charAt(start - 1);
  return quote !== "" && QUOTES.includes(quote) && text.charAt(end) === quote;
}
