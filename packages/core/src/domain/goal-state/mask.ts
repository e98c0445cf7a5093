/**
 * Fenced code and multi-line HTML comments: lines in them start no section and are no todo (FIL-34).
 * An unclosed fence runs to the end of the file; an unclosed comment hides nothing, so that a forgotten `-->`
 * can never make a gate disappear.
 */

const BACKTICK = 96;
const TILDE = 126;
const LESS_THAN = 60;

export class Mask {
  /** Line on which the fence that is open now began, or -1. After the last line: the unclosed one. */
  fenceLine = -1;
  private fenceCode = 0;
  private fenceLength = 0;
  /** Offset up to which an open comment reaches, or -1. */
  private commentEnd = -1;
  /** Set once the text has no further `-->`; keeps many unclosed openings cheap. */
  private noMoreClosings = false;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** True between the marks of a fence or a comment. */
  get isOpen(): boolean {
    return this.fenceCode !== 0 || this.commentEnd !== -1;
  }

  /** What covers the line, its own fence or comment marks included. `at` is its first non-blank character, `end` the end of its content. */
  cover(line: number, at: number, end: number): "fence" | "comment" | null {
    if (this.fenceCode !== 0) {
      this.closeFence(at, end);
      return "fence";
    }
    if (this.commentEnd !== -1) {
      if (this.commentEnd <= end) this.commentEnd = -1;
      return "comment";
    }
    const code = this.text.charCodeAt(at);
    if (code === BACKTICK || code === TILDE) return this.openFence(line, at, end, code) ? "fence" : null;
    return code === LESS_THAN && this.openComment(at, end) ? "comment" : null;
  }

  private openFence(line: number, at: number, end: number, code: number): boolean {
    const length = this.runLength(at, end, code);
    if (length < 3) return false;
    // "```js` is inline code": a backtick fence has no backtick behind it on its line.
    if (code === BACKTICK && this.text.slice(at + length, end).includes("`")) return false;
    this.fenceCode = code;
    this.fenceLength = length;
    this.fenceLine = line;
    return true;
  }

  private closeFence(at: number, end: number): void {
    const length = this.runLength(at, end, this.fenceCode);
    if (length < this.fenceLength || this.text.slice(at + length, end).trim() !== "") return;
    this.fenceCode = 0;
    this.fenceLine = -1;
  }

  private openComment(at: number, end: number): boolean {
    let from = at;
    while (this.text.startsWith("<!--", from) && !this.noMoreClosings) {
      const closing = this.text.indexOf("-->", from + 4);
      if (closing === -1) {
        this.noMoreClosings = true;
        return false;
      }
      if (closing >= end) {
        this.commentEnd = closing + 3;
        return true;
      }
      from = closing + 3;
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
