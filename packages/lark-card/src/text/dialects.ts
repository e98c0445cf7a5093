/**
 * Sanitised Markdown as each dialect can show it (LRK-24). 1.0 has no headings, tables, quotes and inline code; 2.0 joins
 * the lines of a paragraph and takes five tables a card. Code stays as it is in both.
 */
import type { Dialect } from "../card/words.ts";
import { TABLES_PER_BLOCK, TABLES_PER_CARD } from "../limits.ts";
import { fenced, fencedParts, inlineParts } from "./fences.ts";
import { cellsOf, headingText, isParagraph, isPlain, quoteText, tablesOf } from "./lines.ts";

const QUOTE_MARK = "▎ ";
/** Quotes in quotes beyond this keep their marks; nobody can count them. */
const QUOTES_SHOWN = 5 * QUOTE_MARK.length;

/** The Markdown in the dialect's own means. */
export function inDialect(markdown: string, dialect: Dialect): string {
  return dialect === "1.0" ? mapProse(markdown, plainer) : tablesAsCode(mapProse(markdown, joined));
}

/** The text in blocks of at most four tables each; 2.0 refuses more in one (LRK-13). */
export function blocksOf(markdown: string): readonly string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let tables = 0;
  for (const part of fencedParts(markdown)) {
    const lines = part.text.split("\n");
    const starts = part.code ? [] : tablesOf(lines).map(({ from }) => from);
    let from = 0;
    for (const start of starts) {
      if (tables < TABLES_PER_BLOCK) {
        tables++;
        continue;
      }
      blocks.push([...block, lines.slice(from, start).join("\n")].join(""));
      [block, tables, from] = [[], 1, start];
    }
    block.push(lines.slice(from).join("\n"));
  }
  return [...blocks, block.join("")];
}

function mapProse(markdown: string, change: (lines: readonly string[]) => string): string {
  return fencedParts(markdown)
    .map((part) => (part.code ? part.text : change(part.text.split("\n"))))
    .join("");
}

/** Prose for 1.0: a heading is bold, a quote has a bar, a table is its rows. */
function plainer(lines: readonly string[]): string {
  const rows = new Map(tablesOf(lines).flatMap(({ from, to }) => range(from, to).map((at) => [at, at - from] as const)));
  const shown = lines.flatMap((line, at) => {
    const row = rows.get(at);
    if (row === undefined) return [plainerLine(line)];
    if (row === 1) return [];
    const cells = cellsOf(line).join(" | ");
    return [row === 0 ? bold(cells) : cells];
  });
  return shown.join("\n");
}

function plainerLine(line: string): string {
  let marks = "";
  let rest = line;
  for (let quoted = quoteText(rest); quoted !== null && marks.length < QUOTES_SHOWN; quoted = quoteText(rest)) {
    marks += QUOTE_MARK;
    rest = quoted;
  }
  const heading = headingText(rest);
  return marks + (heading === null ? rest : bold(heading));
}

/** The whole line bold; marks inside would end it. */
function bold(text: string): string {
  const inner = text.replaceAll("**", "").trim();
  return inner === "" ? "" : `**${inner}**`;
}

/** Prose for 2.0: lines of one paragraph keep their break, four stars stay four stars. */
function joined(lines: readonly string[]): string {
  const inTable = new Set(tablesOf(lines).flatMap(({ from, to }) => range(from, to)));
  const breaks = lines.map((line, at) => at > 0 && !inTable.has(at) && !inTable.has(at - 1) && goesOn(line, lines[at - 1] ?? ""));
  const pieces = lines.map((line, at) => {
    const ended = breaks[at + 1] === true ? line.trimEnd() : line;
    if (breaks[at] !== true) return `${at === 0 ? "" : "\n"}${splitStars(ended)}`;
    return `<br>${splitStars(quoteText(ended) ?? ended.trimStart())}`;
  });
  return pieces.join("");
}

/** True when both lines are of one paragraph, in a quote or outside. */
function goesOn(line: string, before: string): boolean {
  const [quoted, quotedBefore] = [quoteText(line), quoteText(before)];
  if (quoted !== null && quotedBefore !== null) return isPlain(quoted) && isParagraph(quotedBefore);
  return isPlain(line) && isParagraph(before);
}

function splitStars(line: string): string {
  if (!line.includes("****")) return line;
  return inlineParts(line)
    .map(({ code, text }) => (code ? text : text.replace(/\*\*(?=\*\*)/g, "**\u200B")))
    .join("");
}

/** Tables after the fifth as code with the same lines: the platform refuses the whole card otherwise (LRK-14). */
function tablesAsCode(markdown: string): string {
  let left = TABLES_PER_CARD;
  return mapProse(markdown, (lines) => {
    const out: string[] = [];
    let done = 0;
    for (const { from, to } of tablesOf(lines)) {
      if (left-- > 0) continue;
      out.push(...lines.slice(done, from), fenced(lines.slice(from, to).join("\n")));
      done = to;
    }
    return [...out, ...lines.slice(done)].join("\n");
  });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
