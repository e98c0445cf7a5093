/**
 * A log file with a limit. `cut` keeps its head and its tail, with a line between them that says how much is missing
 * (AGT-21, WTL-42); `rotate` starts a new file and keeps one older (components, which live long). A failed write drops what
 * follows and never throws: no log stops what it is about (AGT-20).
 */
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, unlinkSync, writeSync } from "node:fs";

export const LOG_LIMIT = 64 * 1024 * 1024;
const HEAD = 1024 * 1024;
const CHUNK = 1024 * 1024;

export interface LogTarget {
  readonly path: string;
  readonly limit: number;
  readonly policy: "cut" | "rotate";
}

export interface BoundedLog {
  write(bytes: Uint8Array): void;
  close(): void;
  /** Why bytes are missing; null when all are there. */
  truncated(): "limit" | "write_error" | null;
}

/** Appends to the file, which is made private when it is new. */
export function boundedLog(target: LogTarget): BoundedLog {
  let fd: number | null = null;
  let size = 0;
  let dropped = 0;
  let marker = 0;
  let failed = false;

  const open = (): number => {
    const opened = openSync(target.path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const rotate = (): void => {
    if (fd !== null) closeSync(fd);
    fd = null;
    renameSync(target.path, `${target.path}.1`);
    fd = open();
  };
  const cut = (): void => {
    if (fd === null) return;
    const head = Math.min(HEAD, Math.floor(target.limit / 4));
    const tail = Math.floor((target.limit - head) / 2);
    dropped += size - head - marker - tail;
    fd = shortened(target.path, fd, { head, tail, size, dropped });
    size = fstatSync(fd).size;
    marker = size - head - tail;
  };

  /** Pieces are small against the limit, so that one cut makes room for any of them. */
  const writePiece = (piece: Uint8Array): void => {
    fd ??= open();
    if (size + piece.length > target.limit && size > 0) {
      if (target.policy === "rotate") rotate();
      else cut();
    }
    for (let at = 0; at < piece.length;) at += writeSync(fd, piece, at);
    size += piece.length;
  };

  return {
    write: (bytes) => {
      if (failed) return;
      try {
        const most = Math.max(1, Math.floor(target.limit / 8));
        for (let at = 0; at < bytes.length; at += most) writePiece(bytes.subarray(at, at + most));
      } catch {
        failed = true;
      }
    },
    close: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
    truncated: () => (failed ? "write_error" : dropped > 0 ? "limit" : null),
  };
}

/** A sibling with head, marker and tail takes the file's place; who reads by name sees the old or the new one. */
function shortened(path: string, fd: number, of: { head: number; tail: number; size: number; dropped: number }): number {
  const sibling = `${path}.cut`;
  const next = openSync(
    sibling,
    constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    copy(fd, next, 0, of.head);
    writeSync(next, `\n# … ${of.dropped} bytes dropped …\n`);
    copy(fd, next, of.size - of.tail, of.tail);
    renameSync(sibling, path);
  } catch (error) {
    closeSync(next);
    unlinkSync(sibling);
    throw error;
  }
  closeSync(fd);
  return next;
}

function copy(from: number, to: number, position: number, length: number): void {
  const buffer = Buffer.alloc(Math.min(CHUNK, length));
  for (let done = 0; done < length;) {
    const read = readSync(from, buffer, 0, Math.min(buffer.length, length - done), position + done);
    if (read === 0) return;
    for (let at = 0; at < read;) at += writeSync(to, buffer, at, read - at);
    done += read;
  }
}
