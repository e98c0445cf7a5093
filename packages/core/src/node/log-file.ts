/**
 * One open log file under its lock: where the next line begins, what is already there, and the write of one line
 * (REL-60, REL-61). A line goes out in one write or is cut back; nothing that stands is ever changed.
 */
import { constants } from "node:fs";
import { dirname } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { type LineContent, readLine, recordId } from "../domain/run/line.ts";
import type { LogPosition } from "../ports/logs.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { ensureDirectory, syncDirectory } from "./directories.ts";
import { ignoringFaults, writeFailed } from "./faults.ts";
import { directoryMode, type FileGround, type LogPlace, newFileMode } from "./file-ground.ts";
import { LINE_READ_LIMIT, ONCE_RECORDS } from "./limits.ts";
import { linesBackwards } from "./log-lines.ts";
import { isReadOnly, openRegular } from "./open-file.ts";

const LF = 0x0a;
const LINE_FEED = Buffer.from("\n");

/** A line's bytes as what they say in that log. */
export function readLogLine(bytes: Uint8Array, place: Pick<LogPlace, "goal_id">): LineContent {
  return readLine(bytes, place.goal_id === null ? { limit: LINE_READ_LIMIT } : { limit: LINE_READ_LIMIT, goal_id: place.goal_id });
}

/** Where the next line begins: at the end, or behind the LF that will isolate a torn tail. */
export function headOf(size: number, endsWithFeed: boolean): number {
  return size === 0 || endsWithFeed ? size : size + 1;
}

export function position(offset: number): LogPosition {
  return String(offset) as LogPosition;
}

/** True when the file is empty up to there, or its last byte is a LF. */
export function endsWithFeed(calls: FileGround["calls"], fd: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  return calls.read(fd, last, 0, 1, size - 1) === 1 && last[0] === LF;
}

export class LogFile {
  readonly #ground: FileGround;
  readonly #place: LogPlace;
  readonly #path: AbsolutePath;
  /** Null until the first line of a new log is written. */
  #fd: number | null = null;
  #size = 0;
  #whole = true;
  #created = false;
  #unsynced = false;
  /** Where the file ends is no longer known. */
  #lost = false;

  private constructor(ground: FileGround, place: LogPlace, path: AbsolutePath) {
    this.#ground = ground;
    this.#place = place;
    this.#path = path;
  }

  /** The log, which need not exist yet. The caller holds its lock until `close`. */
  static open(ground: FileGround, place: LogPlace, path: AbsolutePath): LogFile | Unreadable {
    const opened = openRegular(ground.calls, path, constants.O_RDWR | constants.O_APPEND);
    if (opened.kind === "unreadable") return opened;
    const file = new LogFile(ground, place, path);
    if (opened.kind === "absent") return file;
    file.#fd = opened.fd;
    try {
      if (isReadOnly(ground.calls, path, opened.stat)) {
        file.close();
        return { kind: "unreadable", reason: "denied", where: path };
      }
      file.#look(opened.stat.size);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get head(): LogPosition {
    return position(headOf(this.#size, this.#whole));
  }

  /** The stored record of that id among the newest, or null (REL-44). */
  find(id: string): { position: LogPosition; record: JsonObject } | null {
    if (this.#fd === null) return null;
    const plain = /^[\x20-\x7e]*$/.test(id) && !/["\\]/.test(id) ? id : null;
    let records = 0;
    for (const line of linesBackwards(this.#ground.calls, this.#fd, this.#size)) {
      // Most lines need no parsing: they do not hold the id, and their frame says that they are records.
      if (plain !== null && !line.bytes.includes(plain) && isFramed(line.bytes)) records += 1;
      else {
        const content = readLogLine(line.bytes, this.#place);
        if (content.kind !== "record") continue;
        if (recordId(content.record) === id) {
          // The process that wrote it may have died before its sync, and it will be answered as stored.
          this.#unsynced = true;
          return { position: position(line.start), record: content.record };
        }
        records += 1;
      }
      if (records >= ONCE_RECORDS) return null;
    }
    return null;
  }

  /** Appends one line (without its LF) and answers where it begins. Throws when it is not there as a whole. */
  write(line: Uint8Array): { position: LogPosition; repaired_tail: boolean } {
    const { calls } = this.#ground;
    if (this.#lost) throw writeFailed("EIO", this.#path);
    const fd = this.#fd ?? this.#create();
    const repaired = !this.#whole;
    if (repaired) {
      if (calls.write(fd, LINE_FEED, 0, 1) !== 1) throw writeFailed("ENOSPC", this.#path);
      this.#unsynced = true;
      this.#size += 1;
      this.#whole = true;
    }
    const start = this.#size;
    const bytes = Buffer.concat([line, LINE_FEED]);
    const written = calls.write(fd, bytes, 0, bytes.length);
    this.#unsynced = true;
    if (written !== bytes.length) {
      this.#cutBack(fd, start, written);
      throw writeFailed(
        "ENOSPC",
        this.#path,
        undefined,
        `only ${written} of ${bytes.length} bytes of the line went out, and no record was added`,
      );
    }
    this.#size += bytes.length;
    return { position: position(start), repaired_tail: repaired };
  }

  /** Makes everything durable that was written or found. After a failure it may or may not be there (REL-65). */
  sync(): void {
    if (!this.#unsynced || this.#fd === null) return;
    this.#ground.calls.fdatasync(this.#fd);
    if (this.#created) syncDirectory(this.#ground.calls, dirname(this.#path));
    this.#unsynced = false;
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) ignoringFaults(() => this.#ground.calls.close(fd));
  }

  #create(): number {
    const { calls } = this.#ground;
    ensureDirectory(calls, dirname(this.#path), directoryMode(this.#place));
    const mode = newFileMode(this.#place);
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#fd = calls.open(this.#path, flags, mode ?? 0o666);
    this.#created = true;
    if (mode !== null) calls.fchmod(this.#fd, mode);
    return this.#fd;
  }

  /** Only our own bytes are cut: after a lock that was taken from us another line may stand behind them. */
  #cutBack(fd: number, start: number, written: number): void {
    const { calls } = this.#ground;
    ignoringFaults(() => {
      if (calls.fstat(fd).size !== start + written) return;
      calls.ftruncate(fd, start);
      calls.fsync(fd);
    });
    // If that failed too, the torn tail stays and the next line isolates it.
    this.#lost = true;
    this.#look(calls.fstat(fd).size);
    this.#lost = false;
  }

  #look(size: number): void {
    this.#size = size;
    this.#whole = this.#fd === null || endsWithFeed(this.#ground.calls, this.#fd, size);
  }
}

/** `{…}` from end to end: a record, as far as a look can tell. In doubt the line is parsed. */
function isFramed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b && bytes.at(-1) === 0x7d;
}
