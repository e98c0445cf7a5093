/**
 * Fenced code and multi-line HTML comments: lines in them start no section and are no todo (FIL-34).
 * An unclosed fence runs to the end of the file. A comment reaches to the `-->` that belongs to it, counting those
 * inside it; one without such an end hides nothing, so that a forgotten `-->` never makes a gate disappear.
 */

const BACKTICK = 96;
const TILDE = 126;
const LESS_THAN = 60;

/** `open_fence` is a fence that nothing closes. */
export type Cover = "fence" | "open_fence" | "comment";

export class Mask {
  /** Line on which the fence that is open now began, or -1. After the last line: the unclosed one. */
  fenceLine = -1;
  private fence: Cover = "fence";
  private fenceCode = 0;
  private fenceLength = 0;
  /** Offset up to which an open comment reaches, or -1. */
  private commentEnd = -1;
  /** Where the comment that opens at an offset ends; built when the first multi-line comment is met. */
  private commentEnds: ReadonlyMap<number, number> | null = null;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** True between the marks of a fence or a comment. */
  get isOpen(): boolean {
    return this.fenceCode !== 0 || this.commentEnd !== -1;
  }

  /** What covers the line, its own fence or comment marks included. `at` is its first non-blank character, `end` the end of its content. */
  cover(line: number, at: number, end: number): Cover | null {
    if (this.fenceCode !== 0) return this.insideFence(at, end);
    if (this.commentEnd !== -1) {
      if (this.commentEnd <= end) this.commentEnd = -1;
      return "comment";
    }
    const code = this.text.charCodeAt(at);
    if (code === BACKTICK || code === TILDE) return this.openFence(line, at, end, code) ? this.fence : null;
    return code === LESS_THAN && this.openComment(at, end) ? "comment" : null;
  }

  private insideFence(at: number, end: number): Cover {
    if (this.closes(at, end)) {
      this.fenceCode = 0;
      this.fenceLine = -1;
    }
    return this.fence;
  }

  private openFence(line: number, at: number, end: number, code: number): boolean {
    const length = this.runLength(at, end, code);
    if (length < 3) return false;
    // "```js` is inline code": a backtick fence has no backtick behind it on its line.
    if (code === BACKTICK && this.text.slice(at + length, end).includes("`")) return false;
    this.fenceCode = code;
    this.fenceLength = length;
    this.fenceLine = line;
    this.fence = this.isClosedBehind(end) ? "fence" : "open_fence";
    return true;
  }

  private closes(at: number, end: number): boolean {
    const length = this.runLength(at, end, this.fenceCode);
    return length >= this.fenceLength && this.text.slice(at + length, end).trim() === "";
  }

  /** True when a later line closes the fence. An open fence is the last one, so the file is searched to its end but once. */
  private isClosedBehind(from: number): boolean {
    const mark = String.fromCharCode(this.fenceCode).repeat(this.fenceLength);
    for (let at = this.text.indexOf(mark, from); at !== -1; at = this.text.indexOf(mark, at)) {
      const start = this.text.lastIndexOf("\n", at) + 1;
      const feed = this.text.indexOf("\n", at);
      const end = feed === -1 ? this.text.length : feed;
      if (this.text.slice(start, at).trim() === "" && this.closes(at, end)) return true;
      at = end;
    }
    return false;
  }

  private openComment(at: number, end: number): boolean {
    let from = at;
    while (this.text.startsWith("<!--", from)) {
      const closing = this.text.slice(from, end).indexOf("-->", 4);
      if (closing === -1) {
        this.commentEnds ??= commentEnds(this.text, from);
        this.commentEnd = this.commentEnds.get(from) ?? -1;
        return this.commentEnd !== -1;
      }
      from += closing + 3;
      while (from < end && (this.text.charCodeAt(from) === 32 || this.text.charCodeAt(from) === 9)) from += 1;
    }
    return false;
  }

  private runLength(at: number, end: number, code: number): number {
    let to = at;
    while (to < end && this.text.charCodeAt(to) === code) to += 1;
    return to - at;
  }
}

/** The end of each comment from here on, by its start: an end belongs to the nearest start before it that has none. */
function commentEnds(text: string, from: number): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  const mark = /<!--|-->/g;
  mark.lastIndex = from;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    if (match[0] === "<!--") open.push(match.index);
    else {
      const start = open.pop();
      if (start !== undefined) ends.set(start, match.index + 3);
    }
  }
  return ends;
}
