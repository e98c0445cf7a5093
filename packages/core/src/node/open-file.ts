/**
 * Opening and reading of regular files at confined real paths (REL-20, REL-81). A FIFO, device, socket, directory or
 * link never blocks or leads away: it is `not_a_regular_file`. Sizes are checked before bytes are read.
 */
import { isUtf8 } from "node:buffer";
import { constants, type Stats } from "node:fs";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { errnoOf, ignoringFaults, readFault } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";

export type Opened = { kind: "open"; fd: number; stat: Stats } | { kind: "absent" } | Unreadable;
export type FileBytes = { kind: "bytes"; bytes: Buffer; stat: Stats };

/** Writers replace files by rename while we open them; more replacements than this in a row are no accident. */
const REPLACEMENTS = 16;

/** A descriptor of the regular file itself. `flags` are an access mode, and `O_APPEND` for a log. */
export function openRegular(calls: FsCalls, path: AbsolutePath, flags: number): Opened {
  for (let round = 0; round < REPLACEMENTS; round += 1) {
    let fd: number;
    try {
      fd = calls.open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      return errnoOf(error) === "ENOENT" ? { kind: "absent" } : readFault(error, path);
    }
    const opened = sameFile(calls, path, fd);
    if (opened !== null) return opened;
  }
  return { kind: "unreadable", reason: "io", where: path };
}

/** Null when another file stands at the path by now. The descriptor is closed unless it is answered. */
function sameFile(calls: FsCalls, path: AbsolutePath, fd: number): Opened | null {
  let keep = false;
  try {
    const stat = calls.fstat(fd);
    if (!stat.isFile()) return { kind: "unreadable", reason: "not_a_regular_file", where: path };
    const there = calls.lstat(path);
    if (there === null || there.ino !== stat.ino || there.dev !== stat.dev) return null;
    keep = true;
    return { kind: "open", fd, stat };
  } catch (error) {
    return readFault(error, path);
  } finally {
    if (!keep) ignoringFaults(() => calls.close(fd));
  }
}

/** All bytes of the regular file at a confined real path. */
export function readRegular(calls: FsCalls, path: AbsolutePath, limit: number): FileBytes | { kind: "absent" } | Unreadable {
  const opened = openRegular(calls, path, constants.O_RDONLY);
  if (opened.kind !== "open") return opened;
  try {
    const { fd, stat } = opened;
    if (stat.size > limit) return { kind: "unreadable", reason: "too_large", where: path, size: stat.size, limit };
    const bytes = readToEnd(calls, fd, stat.size, limit);
    // The file grew while it was read.
    if (bytes.length > limit) return { kind: "unreadable", reason: "too_large", where: path, size: bytes.length, limit };
    return { kind: "bytes", bytes, stat };
  } catch (error) {
    return readFault(error, path);
  } finally {
    ignoringFaults(() => calls.close(opened.fd));
  }
}

/** Reads past the size that was announced, but never more than one byte past the limit. */
function readToEnd(calls: FsCalls, fd: number, size: number, limit: number): Buffer {
  let buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const read = calls.read(fd, buffer, length, buffer.length - length, length);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > limit) return buffer.subarray(0, length);
    if (length < buffer.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(buffer.length * 2, limit + 1));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }
}

/** The text with its byte order mark, or null when the bytes are no UTF-8. */
export function decodeUtf8(bytes: Buffer): string | null {
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** A file without any write bit is meant to stay as it is, also for root, whom the system would let through. */
export function isReadOnly(calls: FsCalls, path: AbsolutePath, stat: Stats): boolean {
  if ((stat.mode & 0o222) === 0) return true;
  try {
    calls.writable(path);
    return false;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    return errno === "EACCES" || errno === "EPERM";
  }
}
