/**
 * Whole lines of a growing file, forward, in blocks (PRF-5, REL-63, REL-66). Memory is one block and one line,
 * however long the file or a hostile line is. Lines are split at LF bytes; nothing is decoded across a line.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { FsCalls } from "./fs-calls.ts";
import { LINE_READ_LIMIT } from "./limits.ts";

const BLOCK_BYTES = 1024 * 1024;
const LF = 0x0a;

/** `text` is null when the line is no UTF-8; `bytes` is null when the line is over its limit. */
export interface RawLine {
  readonly offset: number;
  readonly bytes: Buffer | null;
  readonly text: string | null;
}

export interface Unfinished {
  /** Where the text after the last line feed begins; reading goes on from here when the file has grown. */
  readonly offset: number;
  /** That text, or null when the file ends with a line feed. */
  readonly rest: RawLine | null;
}

/** A block between two readings: one that is new to the process costs more than what is read into it. */
let spare: Buffer | null = null;

/**
 * Calls back for every line that ends with a line feed, with one object that says each line in its turn. `to` is a size taken before; what is appended
 * later is left alone.
 */
export function eachLine(calls: FsCalls, fd: number, range: { from: number; to: number }, onLine: (line: RawLine) => void): Unfinished {
  const wanted = Math.min(range.to - range.from, BLOCK_BYTES + LINE_READ_LIMIT + 1);
  const buffer = spare !== null && spare.length >= wanted ? spare : Buffer.allocUnsafeSlow(wanted);
  spare = null;
  try {
    return linesOf(calls, fd, range, buffer, onLine);
  } finally {
    spare = buffer;
  }
}

function linesOf(
  calls: FsCalls,
  fd: number,
  range: { from: number; to: number },
  buffer: Buffer,
  onLine: (line: RawLine) => void,
): Unfinished {
  let position = range.from;
  let lineStart = range.from;
  let have = 0;
  let tooLong = false;
  while (position < range.to) {
    const read = calls.read(fd, buffer, have, Math.min(BLOCK_BYTES, range.to - position, buffer.length - have), position);
    // The file was cut while it was read.
    if (read === 0) break;
    position += read;
    have += read;
    const view = buffer.subarray(0, have);
    const end = view.lastIndexOf(LF) + 1;
    if (end > 0) {
      const regionStart = position - have;
      emitLines(view.subarray(0, end), { regionStart, lineStart, tooLong }, onLine);
      lineStart = regionStart + end;
      tooLong = false;
      view.copyWithin(0, end);
      have -= end;
    }
    if (have > LINE_READ_LIMIT) {
      tooLong = true;
      have = 0;
    }
  }
  if (position === lineStart) return { offset: lineStart, rest: null };
  const bytes = tooLong ? null : Buffer.from(buffer.subarray(0, have));
  return { offset: lineStart, rest: { offset: lineStart, bytes, text: bytes === null ? null : textOf(bytes, encodingOf(bytes)) } };
}

/** Lines of a region that ends with a line feed. The first one may have begun, and grown too long, in an earlier block. */
function emitLines(
  region: Buffer,
  at: { regionStart: number; lineStart: number; tooLong: boolean },
  onLine: (line: RawLine) => void,
): void {
  const encoding = encodingOf(region);
  const line = new LineOfRegion(region);
  for (let end = region.indexOf(LF); end !== -1; end = region.indexOf(LF, line.start)) {
    const isFirst = line.start === 0;
    line.end = end;
    line.offset = isFirst ? at.lineStart : at.regionStart + line.start;
    line.tooLong = (isFirst && at.tooLong) || end - line.start > LINE_READ_LIMIT;
    line.text = line.tooLong ? null : textOf(region, encoding, line.start, end);
    onLine(line);
    line.start = end + 1;
  }
}

/** Bytes are asked for only where the text is no record: a view of each line would cost more than reading it. */
class LineOfRegion implements RawLine {
  offset = 0;
  text: string | null = null;
  start = 0;
  end = 0;
  tooLong = false;
  private readonly region: Buffer;

  constructor(region: Buffer) {
    this.region = region;
  }

  get bytes(): Buffer | null {
    return this.tooLong ? null : this.region.subarray(this.start, this.end);
  }
}

type Encoding = "latin1" | "utf8" | "mixed";

/** One look at a whole region is cheaper than one per line. */
function encodingOf(bytes: Buffer): Encoding {
  if (isAscii(bytes)) return "latin1";
  return isUtf8(bytes) ? "utf8" : "mixed";
}

function textOf(bytes: Buffer, encoding: Encoding, start = 0, end = bytes.length): string | null {
  if (encoding !== "mixed") return bytes.toString(encoding, start, end);
  return isUtf8(bytes.subarray(start, end)) ? bytes.toString("utf8", start, end) : null;
}
