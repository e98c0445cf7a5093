/**
 * Where a Markdown text is code. Fences are read as CommonMark reads them; inline code is found line by line. Whatever
 * is found here, no mention or foreign link stays alive in it: a client that reads a text otherwise shows no more.
 */

/** A run of the text that is code, or that is not. */
export interface Part {
  readonly code: boolean;
  readonly text: string;
}

/** A fence that was opened: its indentation and marker, and where its line starts. */
export interface Fence {
  readonly indent: string;
  readonly marker: string;
  readonly start: number;
}

const OPENING = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
const BACKTICKS = /`+/g;

/** The text in fenced blocks (their fence lines included) and the prose between them. */
export function fencedParts(text: string): readonly Part[] {
  return readFences(text).parts;
}

/** The fence that is still open where the text ends, or null. */
export function openFence(text: string): Fence | null {
  return readFences(text).open;
}

/** The text with its last fence closed. */
export function withClosedFence(text: string): string {
  const open = openFence(text);
  return open === null ? text : `${text}${text.endsWith("\n") ? "" : "\n"}${open.indent}${open.marker}`;
}

/** The text as a fenced block that nothing inside can close (LRK-44). */
export function fenced(text: string): string {
  const longest = [...text.matchAll(BACKTICKS)].reduce((most, [run]) => Math.max(most, run.length), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function readFences(text: string): { readonly parts: readonly Part[]; readonly open: Fence | null } {
  const parts: Part[] = [];
  let open: Fence | null = null;
  let from = 0;
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end).trimEnd();
    if (open === null) {
      const [, indent = "", marker] = OPENING.exec(line) ?? [];
      if (marker !== undefined) {
        if (at > from) parts.push({ code: false, text: text.slice(from, at) });
        open = { indent, marker, start: at };
        from = at;
      }
    } else if (closes(line, open.marker)) {
      parts.push({ code: true, text: text.slice(from, end) });
      open = null;
      from = end;
    }
    at = end;
  }
  if (from < text.length) parts.push({ code: open !== null, text: text.slice(from) });
  return { parts, open };
}

function closes(line: string, marker: string): boolean {
  const run = line.replace(/^ {0,3}/, "");
  return run.length >= marker.length && run === marker.charAt(0).repeat(run.length);
}

/** After the line feed of the line that starts here. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed === -1 ? text.length : feed + 1;
}

/** Prose in inline code (backticks included) and the rest. */
export function inlineParts(prose: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let at = 0; at < prose.length;) {
    const end = lineEnd(prose, at);
    for (const [start, stop] of codeSpans(prose.slice(at, end))) {
      if (at + start > from) parts.push({ code: false, text: prose.slice(from, at + start) });
      parts.push({ code: true, text: prose.slice(at + start, at + stop) });
      from = at + stop;
    }
    at = end;
  }
  if (from < prose.length) parts.push({ code: false, text: prose.slice(from) });
  return parts;
}

/** Start and end of each code span of one line: a run of backticks up to the next run of the same length. */
export function codeSpans(line: string): readonly (readonly [number, number])[] {
  const runs = [...line.matchAll(BACKTICKS)].map((match) => ({ at: match.index, length: match[0].length }));
  const spans: [number, number][] = [];
  for (let first = 0; first < runs.length; first++) {
    let last = first + 1;
    while (last < runs.length && runs[last]?.length !== runs[first]?.length) last++;
    const [open, close] = [runs[first], runs[last]];
    if (open === undefined || close === undefined) continue;
    spans.push([open.at, close.at + close.length]);
    first = last;
  }
  return spans;
}
