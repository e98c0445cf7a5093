/**
 * Logs in memory: JSONL bytes on the memory disk, with the outcomes of the file store. A position is the byte offset
 * of a line, so it stays valid for ever; torn and bad lines are what their bytes make them (FIL-60, FIL-64).
 */
import { LoopxError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import { readLine, recordId } from "../domain/run/line.ts";
import { callOrder } from "../node/call-order.ts";
import { LINE_READ_LIMIT, LINE_WRITE_LIMIT, ONCE_RECORDS } from "../node/limits.ts";
import type { AppendOptions, AppendOutcome, LogEntry, LogKey, LogPage, LogPosition, Logs } from "../ports/logs.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { logPlace, type MemoryGround } from "./memory-ground.ts";
import { fencedBy } from "./memory-leases.ts";

const LF = 0x0a;

export function memoryLogs(ground: MemoryGround): Logs {
  const inOrder = callOrder();
  return {
    append: async (key, record, options = {}) => {
      const place = logPlace(ground, key);
      return place.kind === "unreadable" ? place : inOrder(place.path, async () => appendRecord(ground, key, place.path, record, options));
    },
    tail: async (key, options) => tailPage(ground, key, options),
    scan: (key, options = {}) => scanLog(ground, key, options),
  };
}

function appendRecord(ground: MemoryGround, key: LogKey, path: string, record: JsonObject, options: AppendOptions): AppendOutcome {
  const line = new TextEncoder().encode(JSON.stringify(record));
  if (line.length > LINE_WRITE_LIMIT)
    return { kind: "unreadable", reason: "too_large", where: `the new line of ${path}`, size: line.length, limit: LINE_WRITE_LIMIT };
  const obstacle = ground.disk.obstacle(path);
  if (obstacle !== null) return obstacle;
  const bytes = logBytes(ground, path);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const fenced = fencedBy(ground, options.fence);
  if (fenced !== null) return fenced;
  const stored = options.once === true ? storedRecord(bytes, key, recordId(record)) : null;
  if (stored !== null) return { kind: "duplicate", ...stored };
  const head = headOf(bytes);
  if (options.expected_head !== undefined && options.expected_head !== head) return { kind: "conflict", head };
  const start = Number(head);
  const written = new Uint8Array(start + line.length + 1);
  written.set(bytes);
  if (start > bytes.length) written[start - 1] = LF;
  written.set(line, start);
  written[written.length - 1] = LF;
  ground.disk.plant(path, written);
  return { kind: "appended", position: head, head: headOf(written), repaired_tail: start > bytes.length };
}

function logBytes(ground: MemoryGround, path: string): Uint8Array | Unreadable {
  const opened = ground.disk.open(path, Number.POSITIVE_INFINITY);
  if (opened.kind === "absent") return new Uint8Array();
  return opened.kind === "bytes" ? opened.bytes : opened;
}

/** Where the next line begins: behind the last line feed, or behind the one that will isolate a torn tail. */
function headOf(bytes: Uint8Array): LogPosition {
  const open = bytes.length > 0 && bytes[bytes.length - 1] !== LF;
  return String(bytes.length + (open ? 1 : 0)) as LogPosition;
}

function storedRecord(bytes: Uint8Array, key: LogKey, id: string | null): { position: LogPosition; record: JsonObject } | null {
  if (id === null) return null;
  let seen = 0;
  for (const line of linesBackwards(bytes, bytes.length)) {
    const entry = entryOf(line, key, null);
    if (entry?.kind !== "record") continue;
    if (recordId(entry.record) === id) return { position: entry.position, record: entry.record };
    seen += 1;
    if (seen === ONCE_RECORDS) return null;
  }
  return null;
}

function tailPage(ground: MemoryGround, key: LogKey, options: { limit: number; before?: LogPosition }): LogPage | Unreadable {
  const place = logPlace(ground, key);
  if (place.kind === "unreadable") return place;
  const bytes = logBytes(ground, place.path);
  if (!(bytes instanceof Uint8Array)) return bytes;
  const head = headOf(bytes);
  const entries: LogEntry[] = [];
  const end = options.before === undefined ? bytes.length : Math.min(Number(options.before), bytes.length);
  for (const line of linesBackwards(bytes, end)) {
    const entry = entryOf(line, key, null);
    if (entry === null) continue;
    if (entries.length === options.limit) return { kind: "page", entries, head, more: true };
    entries.push(entry);
  }
  return { kind: "page", entries, head, more: false };
}

async function* scanLog(
  ground: MemoryGround,
  key: LogKey,
  options: { after?: LogPosition; signal?: AbortSignal },
): AsyncGenerator<LogEntry> {
  const place = logPlace(ground, key);
  const bytes = place.kind === "unreadable" ? place : logBytes(ground, place.path);
  if (!(bytes instanceof Uint8Array)) throw new LoopxError("history_unreadable", `${bytes.where} cannot be read (${bytes.reason})`);
  const after = options.after === undefined ? -1 : Number(options.after);
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    options.signal?.throwIfAborted();
    const feed = bytes.indexOf(LF, start);
    const end = feed === -1 ? bytes.length : feed;
    number += 1;
    const entry = start > after ? entryOf({ start, bytes: bytes.subarray(start, end) }, key, number) : null;
    if (entry !== null) yield entry;
    start = end + 1;
  }
}

interface Line {
  readonly start: number;
  readonly bytes: Uint8Array;
}

function* linesBackwards(bytes: Uint8Array, from: number): Generator<Line> {
  if (from === 0) return;
  let end = bytes[from - 1] === LF ? from - 1 : from;
  while (end >= 0) {
    const feed = end === 0 ? -1 : bytes.lastIndexOf(LF, end - 1);
    yield { start: feed + 1, bytes: bytes.subarray(feed + 1, end) };
    end = feed;
  }
}

/** Blank lines are no entries. */
function entryOf(line: Line, key: LogKey, number: number | null): LogEntry | null {
  const content = readLine(line.bytes, key.kind === "runs" ? { limit: LINE_READ_LIMIT, goal_id: key.goal_id } : { limit: LINE_READ_LIMIT });
  const place = { position: String(line.start) as LogPosition, line: number };
  switch (content.kind) {
    case "blank":
      return null;
    case "record":
      return { kind: "record", ...place, record: content.record, text: content.text };
    case "bad":
      return { kind: "bad", ...place, reason: content.reason };
    case "torn":
      return { kind: "torn_tail", ...place };
  }
}
