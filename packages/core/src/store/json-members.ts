/**
 * Where the members of a JSON list or object begin and end. Works on text that `JSON.parse` has accepted, one level at
 * a time and without recursion: finding one entry among thousands costs one pass over the bytes and builds no tree.
 */

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One element, or one property with its key. */
export interface JsonMember extends Span {
  /** Null in a list. */
  readonly name: string | null;
  readonly value: Span;
}

/** The document's one value, without the blanks around it. */
export function rootSpan(text: string): Span {
  const start = skipBlanks(text, 0);
  return { start, end: skipValue(text, start) };
}

/** The direct members of the list or object at the span, in the order of the text; none for any other value. */
export function membersOf(text: string, span: Span): readonly JsonMember[] {
  const inObject = text[span.start] === "{";
  if (!inObject && text[span.start] !== "[") return [];
  const members: JsonMember[] = [];
  let at = skipBlanks(text, span.start + 1);
  while (at < span.end - 1) {
    const start = at;
    const name = inObject ? (JSON.parse(text.slice(start, skipText(text, start))) as string) : null;
    const valueStart = inObject ? skipBlanks(text, skipBlanks(text, skipText(text, start)) + 1) : start;
    const end = skipValue(text, valueStart);
    members.push({ start, end, name, value: { start: valueStart, end } });
    at = skipBlanks(text, end);
    if (text[at] === ",") at = skipBlanks(text, at + 1);
  }
  return members;
}

function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipText(text, from);
  if (first !== "{" && first !== "[") return skipScalar(text, from);
  // Whatever opens or closes something, or begins a text in which brackets mean nothing.
  const turns = /["[\]{}]/g;
  turns.lastIndex = from;
  let depth = 0;
  for (let turn = turns.exec(text); turn !== null; turn = turns.exec(text)) {
    const character = turn[0];
    if (character === '"') turns.lastIndex = skipText(text, turn.index);
    else if (character === "{" || character === "[") depth += 1;
    else depth -= 1;
    if (depth === 0) return turn.index + 1;
  }
  return text.length;
}

function skipScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s,\]}]/.test(text[at] ?? "")) at += 1;
  return at;
}

/** Behind the closing quote of the text that opens here. */
function skipText(text: string, from: number): number {
  let close = text.indexOf('"', from + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? text.length : close + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text[at - 1] === "\\") at -= 1;
  return (quote - at) % 2 === 1;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}
