/**
 * Logs as JSONL files (REL-44 to REL-47, REL-60 to REL-66). Appends that wait in one process share one lock and one
 * sync; each is answered after it. Reading takes no lock and never holds more than a page.
 */
import { constants } from "node:fs";
import { LoopxError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { AppendOptions, AppendOutcome, LogEntry, LogPage, LogPosition, Logs } from "../ports/logs.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { ignoringFaults, readFault } from "./faults.ts";
import { type Confined, confined, type FileGround, type LogPlace } from "./file-ground.ts";
import type { GuardLeases } from "./lease-guard.ts";
import { LINE_WRITE_LIMIT } from "./limits.ts";
import { endsWithFeed, headOf, position, readLogLine } from "./log-file.ts";
import { linesBackwards, linesForward, type RawLine } from "./log-lines.ts";
import { logQueue } from "./log-queue.ts";
import { openRegular } from "./open-file.ts";

/** After so many bytes a scan lets other tasks of the process run. */
const SCAN_TURN = 1024 * 1024;

export function fileLogs(ground: FileGround, guardLeases: GuardLeases): Logs {
  const queue = logQueue(ground, guardLeases);
  return {
    append: async (key, record, options = {}) => {
      const at = confined(ground, ground.places.log(key));
      return at.kind === "unreadable" ? at : append(queue, at, record, options);
    },
    tail: async (key, options) => {
      const at = confined(ground, ground.places.log(key));
      return at.kind === "unreadable" ? at : tail(ground, at, options);
    },
    scan: (key, options = {}) => scan(ground, confined(ground, ground.places.log(key)), options),
  };
}

type At = Extract<Confined<LogPlace>, { kind: "at" }>;

function append(
  queue: ReturnType<typeof logQueue>,
  at: At,
  record: JsonObject,
  options: AppendOptions,
): Promise<AppendOutcome> | Unreadable {
  const line = Buffer.from(JSON.stringify(record));
  if (line.length > LINE_WRITE_LIMIT)
    return { kind: "unreadable", reason: "too_large", where: `the new line of ${at.path}`, size: line.length, limit: LINE_WRITE_LIMIT };
  return queue(at.place, at.path, { line, record, options });
}

function tail(ground: FileGround, { place, path }: At, options: { limit: number; before?: LogPosition }): LogPage | Unreadable {
  const { calls } = ground;
  const opened = openRegular(calls, path, constants.O_RDONLY);
  if (opened.kind === "unreadable") return opened;
  if (opened.kind === "absent") return { kind: "page", entries: [], head: position(0), more: false };
  const { fd, stat } = opened;
  try {
    const head = position(headOf(stat.size, endsWithFeed(calls, fd, stat.size)));
    const end = options.before === undefined ? stat.size : Math.min(offsetOf(options.before), stat.size);
    const entries: LogEntry[] = [];
    for (const line of linesBackwards(calls, fd, end)) {
      const entry = entryOf(line, null, place);
      if (entry === null) continue;
      if (entries.length >= options.limit) return { kind: "page", entries, head, more: true };
      entries.push(entry);
    }
    return { kind: "page", entries, head, more: false };
  } catch (error) {
    return readFault(error, path);
  } finally {
    ignoringFaults(() => calls.close(fd));
  }
}

async function* scan(
  ground: FileGround,
  at: At | Unreadable,
  options: { after?: LogPosition; signal?: AbortSignal },
): AsyncGenerator<LogEntry> {
  const opened = at.kind === "unreadable" ? at : openRegular(ground.calls, at.path, constants.O_RDONLY);
  if (opened.kind === "unreadable") throw unreadableLog(opened);
  if (opened.kind === "absent" || at.kind === "unreadable") return;
  const after = options.after === undefined ? -1 : offsetOf(options.after);
  let pauseAt = SCAN_TURN;
  try {
    for (const line of linesForward(ground.calls, opened.fd, opened.stat.size)) {
      options.signal?.throwIfAborted();
      if (line.start >= pauseAt) {
        pauseAt = line.start + SCAN_TURN;
        await nextTurn();
      }
      const entry = line.start > after ? entryOf(line, line.number, at.place) : null;
      if (entry !== null) yield entry;
    }
  } catch (error) {
    throw options.signal?.aborted === true ? error : unreadableLog(readFault(error, at.path));
  } finally {
    ignoringFaults(() => ground.calls.close(opened.fd));
  }
}

/** Blank lines are no entries. */
function entryOf(line: RawLine, number: number | null, place: LogPlace): LogEntry | null {
  const content = readLogLine(line.bytes, place);
  const where = { position: position(line.start), line: number };
  switch (content.kind) {
    case "blank":
      return null;
    case "record":
      return { kind: "record", ...where, record: content.record, text: content.text };
    case "bad":
      return { kind: "bad", ...where, reason: content.reason };
    case "torn":
      return { kind: "torn_tail", ...where };
  }
}

function offsetOf(position: LogPosition): number {
  if (!/^\d{1,15}$/.test(position)) throw new LoopxError("invalid_value", `${JSON.stringify(position)} is no place in a log`);
  return Number(position);
}

function unreadableLog(why: Unreadable): LoopxError {
  return new LoopxError("history_unreadable", `${why.where} cannot be read (${why.reason})`, {
    details: { file: why.where, reason: why.reason },
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
