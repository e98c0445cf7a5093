/** A text as one frame of a terminal: cut to its size, and drawn over the last one without clearing it, so nothing flickers. */
import stringWidth from "string-width";

/** How large a terminal is, in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const ESC = "\u001b[";
/** Another page of the terminal, without the cursor; what stood there before comes back at the end. */
export const OPEN = `${ESC}?1049h${ESC}?25l`;
export const CLOSE = `${ESC}?25h${ESC}?1049l`;
/** A terminal that knows this shows a frame only when all of it is there; others ignore it. */
const SYNC_BEGIN = `${ESC}?2026h`;
const SYNC_END = `${ESC}?2026l`;
const HOME = `${ESC}H`;
const CLEAR_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** The lines that fit, the last row kept for the footer; what does not fit is counted. Uncoloured. */
export function fitted(lines: readonly string[], footer: string, { columns, rows }: Size): readonly string[] {
  const space = Math.max(1, rows - 1);
  const shown = lines.length <= space ? lines : [...lines.slice(0, space - 1), `… ${lines.length - space + 1} more lines`];
  return [...shown, footer].map((line) => cut(line, columns));
}

/** The bytes that draw these lines, whatever stood there before. */
export function drawn(lines: readonly string[]): string {
  return `${SYNC_BEGIN}${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join("\r\n")}${CLEAR_BELOW}${SYNC_END}`;
}

/** The line within so many cells; an ideograph takes two. */
function cut(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line;
  let width = 0;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    width += stringWidth(segment);
    if (width > columns - 1) return `${kept}…`;
    kept += segment;
  }
  return kept;
}
