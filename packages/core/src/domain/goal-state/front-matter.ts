/**
 * Front matter as one `key: value` per line (FIL-31). Values stay strings, no YAML is interpreted, nothing is executed.
 * The hot path reads it with this file alone; `store/front-matter.ts` proves that gray-matter sees the same.
 */
import { endOfLine, startOfLine, type LinedText } from "./lines.ts";

/** FIL-101. */
export const FRONT_MATTER_LIMIT = 64 * 1024;

export interface FrontMatter {
  /** Null-prototype; the last of equal keys. */
  readonly keys: Readonly<Record<string, string>>;
  /** Line of each key, 0-based. */
  readonly lines: ReadonlyMap<string, number>;
  /** Line of the closing `---`, 0-based. */
  readonly closing_line: number;
}

export type FrontMatterScan =
  | { kind: "found"; front_matter: FrontMatter }
  | { kind: "none" }
  /** `---js` or any other language mark. */
  | { kind: "engine_refused" }
  | { kind: "unclosed" }
  | { kind: "too_large"; size: number };

const FENCE = /^---[ \t]*$/;
const LANGUAGE_MARK = /^---[ \t]*[^\s-]/;

/** Where the front matter is, or why there is none. */
export function scanFrontMatter(lined: LinedText): FrontMatterScan {
  const { text } = lined;
  const from = startOfLine(lined, 0);
  if (!text.startsWith("---", from)) return { kind: "none" };
  const opening = text.slice(from, endOfLine(lined, 0));
  if (!FENCE.test(opening)) return { kind: LANGUAGE_MARK.test(opening) ? "engine_refused" : "none" };
  const closing = closingLine(lined);
  if (closing === -1) return { kind: "unclosed" };
  const size = endOfLine(lined, closing);
  if (size > FRONT_MATTER_LIMIT) return { kind: "too_large", size };
  return { kind: "found", front_matter: readKeys(lined, 1, closing) };
}

function closingLine(lined: LinedText): number {
  for (let line = 1; line < lined.starts.length; line += 1) {
    const start = startOfLine(lined, line);
    if (lined.text.startsWith("---", start) && FENCE.test(lined.text.slice(start, endOfLine(lined, line)))) return line;
  }
  return -1;
}

/** The keys between two lines. Indented lines belong to the key above and are not read. */
export function readKeys(lined: LinedText, from: number, to: number): FrontMatter {
  const keys: Record<string, string> = Object.create(null);
  const lines = new Map<string, number>();
  for (let line = from; line < to; line += 1) {
    const content = lined.text.slice(startOfLine(lined, line), endOfLine(lined, line));
    const colon = content.indexOf(":");
    if (colon <= 0 || /^[\s#]/.test(content)) continue;
    const key = content.slice(0, colon).trim();
    keys[key] = unquote(content.slice(colon + 1).trim());
    lines.set(key, line);
  }
  return { keys, lines, closing_line: to };
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(["\\])/g, "$1");
}

/** A value in double quotes that {@link readKeys} gives back. */
export function quoteValue(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
