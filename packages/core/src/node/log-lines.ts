/**
 * Lines of a JSONL file as bytes, backwards by 64 KiB and forwards by 1 MiB, so that memory is bounded by a line and not
 * by the file (REL-47, REL-66). They are split at LF on bytes; what a line means is decided elsewhere.
 */
import type { FsCalls } from "./fs-calls.ts";
import { LINE_READ_LIMIT } from "./limits.ts";

const BACKWARD_BLOCK = 64 * 1024;
const FORWARD_BLOCK = 1024 * 1024;
const LF = 0x0a;

/** `bytes` without the LF; of a line over the reading limit a beginning that is itself over it. */
export interface RawLine {
  /** Byte offset in the file. */
  readonly start: number;
  readonly bytes: Buffer;
}

/** Lines before that offset, last one first, blank ones included. */
export function* linesBackwards(calls: FsCalls, fd: number, end: number): Generator<RawLine> {
  if (end <= 0) return;
  let parts = new LineParts();
  let at = end;
  let behindLastFeed = false;
  while (at > 0) {
    const from = Math.max(0, at - BACKWARD_BLOCK);
    const block = readBlock(calls, fd, from, at - from);
    // The file was cut while it was read: its end is somewhere before.
    let right = block.length;
    if (!behindLastFeed && block[right - 1] === LF) right -= 1;
    behindLastFeed = true;
    for (let feed = lastFeed(block, right); feed !== -1; feed = lastFeed(block, right)) {
      parts.addBefore(block.subarray(feed + 1, right));
      yield { start: from + feed + 1, bytes: parts.join() };
      parts = new LineParts();
      right = feed;
    }
    parts.addBefore(block.subarray(0, right));
    at = from;
  }
  yield { start: 0, bytes: parts.join() };
}

/** Lines from the beginning to that offset, with their numbers, blank ones included. */
export function* linesForward(calls: FsCalls, fd: number, end: number): Generator<RawLine & { number: number }> {
  let parts = new LineParts();
  let start = 0;
  let number = 1;
  for (let at = 0; at < end;) {
    const block = readBlock(calls, fd, at, Math.min(FORWARD_BLOCK, end - at));
    if (block.length === 0) break;
    let left = 0;
    for (let feed = block.indexOf(LF); feed !== -1; feed = block.indexOf(LF, left)) {
      parts.addAfter(block.subarray(left, feed));
      yield { start, number, bytes: parts.join() };
      parts = new LineParts();
      left = feed + 1;
      start = at + left;
      number += 1;
    }
    parts.addAfter(block.subarray(left));
    at += block.length;
  }
  if (start < end) yield { start, number, bytes: parts.join() };
}

/** The pieces of one line. Past the limit more pieces are dropped: the line is too large whatever they say. */
class LineParts {
  #parts: Buffer[] = [];
  #length = 0;

  addAfter(part: Buffer): void {
    if (this.#takes(part)) this.#parts.push(part);
  }

  addBefore(part: Buffer): void {
    if (this.#takes(part)) this.#parts.unshift(part);
  }

  join(): Buffer {
    const [only] = this.#parts;
    return this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts);
  }

  #takes(part: Buffer): boolean {
    if (this.#length > LINE_READ_LIMIT || part.length === 0) return false;
    this.#length += part.length;
    return true;
  }
}

function lastFeed(block: Buffer, before: number): number {
  return before === 0 ? -1 : block.lastIndexOf(LF, before - 1);
}

/** Fewer bytes only at the end of the file. */
function readBlock(calls: FsCalls, fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const read = calls.read(fd, buffer, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return buffer.subarray(0, done);
}
