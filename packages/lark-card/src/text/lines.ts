/** What single lines of Markdown prose are, as far as the two dialects differ. */

/** A line of prose, and whether it is a cell row of a table. */
export interface TableRange {
  /** Index of the header line. */
  readonly from: number;
  /** Behind the last row. */
  readonly to: number;
}

const RULE_ROW = /^ {0,3}\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?[ \t]*$/;
const HEADING = /^ {0,3}#{1,6}(?=[ \t]|$)/;
const QUOTE = /^ {0,3}>[ \t]?/;
const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/;
const BREAK_LINE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+[ \t]*)$/;

/** The tables among lines: a row of cells, the line of dashes below it with as many cells, and the rows after it. */
export function tablesOf(lines: readonly string[]): readonly TableRange[] {
  const tables: TableRange[] = [];
  for (let at = 0; at + 1 < lines.length; at++) {
    if (!isTableHead(lines[at] ?? "", lines[at + 1] ?? "")) continue;
    let to = at + 2;
    while (to < lines.length && (lines[to] ?? "").includes("|")) to++;
    tables.push({ from: at, to });
    at = to - 1;
  }
  return tables;
}

function isTableHead(head: string, rule: string): boolean {
  if (!head.includes("|") || !/[|:-]/.test(rule) || rule.length > 1_000 || !RULE_ROW.test(rule)) return false;
  return cellsOf(head).length === cellsOf(rule).length;
}

/** The cells of a row, trimmed; a bar at either end opens no cell. */
export function cellsOf(row: string): readonly string[] {
  const inner = row.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split("|").map((cell) => cell.trim());
}

/** The text behind a heading's marks; null when the line is no heading. */
export function headingText(line: string): string | null {
  const mark = HEADING.exec(line)?.[0];
  return mark === undefined
    ? null
    : line
        .slice(mark.length)
        .trim()
        .replace(/(?:^|[ \t])#+$/, "")
        .trim();
}

/** The text behind one quote mark; null when the line is no quote. */
export function quoteText(line: string): string | null {
  const mark = QUOTE.exec(line)?.[0];
  return mark === undefined ? null : line.slice(mark.length);
}

/** True for a line that goes on with the paragraph before it, and for nothing with a mark of its own. */
export function isPlain(line: string): boolean {
  return line.trim() !== "" && !HEADING.test(line) && !QUOTE.test(line) && !ITEM.test(line) && !BREAK_LINE.test(line);
}

/** True for a line whose paragraph the next line can go on with. */
export function isParagraph(line: string): boolean {
  return line.trim() !== "" && !HEADING.test(line) && !BREAK_LINE.test(line);
}
