/**
 * Lines of a document by offset. A line ends at LF or CRLF only (FIL-30): U+2028, U+0085 and form feed are ordinary.
 * Nothing here copies or changes the text.
 */

/** What every reader and editor of a document needs: the decoded text and where its lines begin. */
export interface LinedText {
  readonly text: string;
  /** Offset of each line's first character. Empty for an empty text. */
  readonly starts: readonly number[];
}

/** A place between two lines: the next one's number, 0-based, and the offset of its first character. */
export interface Cursor {
  line: number;
  at: number;
}

const BYTE_ORDER_MARK = 0xfeff;

/** The offsets at which the lines of a text begin. A byte order mark belongs to no line, so that the first one is read like any other (FIL-1). */
export function lineStarts(text: string): number[] {
  const starts: number[] = [];
  let at = firstLineStart(text);
  while (at < text.length) {
    starts.push(at);
    const feed = text.indexOf("\n", at);
    at = feed === -1 ? text.length : feed + 1;
  }
  return starts;
}

/** Where the first line begins. */
export function firstLineStart(text: string): number {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
}

/** Offset of a line's first character; the end of the text for the line after the last. */
export function startOfLine(lined: LinedText, line: number): number {
  return lined.starts[line] ?? lined.text.length;
}

/** Offset just behind a line's content, before its LF or CRLF. */
export function endOfLine(lined: LinedText, line: number): number {
  const next = startOfLine(lined, line + 1);
  if (next === startOfLine(lined, line) || lined.text.charCodeAt(next - 1) !== 10) return next;
  return next - 2 >= startOfLine(lined, line) && lined.text.charCodeAt(next - 2) === 13 ? next - 2 : next - 1;
}

/** A line's content without its ending. */
export function lineAt(lined: LinedText, line: number): string {
  return lined.text.slice(startOfLine(lined, line), endOfLine(lined, line));
}

export function isBlankLine(lined: LinedText, line: number): boolean {
  return lineAt(lined, line).trim() === "";
}

/** The ending a new line behind this one takes: that line's own, else the nearest one above, else LF (FIL-30). */
export function endingAt(lined: LinedText, line: number): "\n" | "\r\n" {
  for (let at = Math.min(line, lined.starts.length - 1); at >= 0; at -= 1) {
    const next = startOfLine(lined, at + 1);
    if (lined.text.charCodeAt(next - 1) !== 10) continue;
    return lined.text.charCodeAt(next - 2) === 13 ? "\r\n" : "\n";
  }
  return "\n";
}

/** Bytes of a text in UTF-8, without building them. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  const first = text.search(/[^\x00-\x7f]/);
  if (first === -1) return bytes;
  for (let at = first; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    // A surrogate pair is two units and four bytes: two per unit, so one more for each.
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
