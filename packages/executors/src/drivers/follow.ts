/**
 * A log as a person follows it: its last lines, then what is added, by its name, so that a rotated file is followed into the
 * new one (WTL-90). It reads and never writes; a file that is not there yet is waited for.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { lastLines } from "./agents/run-files.ts";
import { realTiming } from "./timing.ts";

const LOOK_MS = 250;
const CHUNK = 256 * 1024;

/** Hands the text on until it is told to end. */
export async function follow(path: string, lines: number, take: (text: string) => Promise<void>, signal: AbortSignal): Promise<void> {
  let at = markOf(path);
  if (at !== null) await take(lastLines(path, lines));
  let decoder = new StringDecoder("utf8");
  while (!signal.aborted) {
    await realTiming.pause(LOOK_MS, signal);
    const now = markOf(path);
    if (now === null) continue;
    // Another file under the name, or one that was cut: from its beginning.
    if (at === null || now.inode !== at.inode || now.size < at.size) {
      at = { inode: now.inode, size: 0 };
      decoder = new StringDecoder("utf8");
    }
    while (at.size < now.size) {
      const bytes = readFrom(path, at.size);
      if (bytes.length === 0) break;
      at = { ...at, size: at.size + bytes.length };
      await take(decoder.write(bytes));
    }
  }
}

interface Mark {
  readonly inode: number;
  readonly size: number;
}

function markOf(path: string): Mark | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? { inode: found.ino, size: found.size } : null;
}

function readFrom(path: string, at: number): Buffer {
  try {
    const fd = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(Math.min(CHUNK, Math.max(0, fstatSync(fd).size - at)));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, at));
    } finally {
      closeSync(fd);
    }
  } catch {
    return Buffer.alloc(0);
  }
}
