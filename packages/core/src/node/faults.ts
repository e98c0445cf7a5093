/**
 * Errors of the operating system, sorted once: what stands in the way of a read becomes a value, what makes a write
 * impossible is thrown as `write_failed` with errno and file (REL-22, REL-52). Errors that are none of its own pass.
 */
import { LoopxError } from "../domain/errors.ts";
import type { Unreadable } from "../ports/unreadable.ts";

const DENIED = new Set(["EACCES", "EPERM"]);
/** A link at the last segment, a directory, a socket, or a file where a directory should be. */
const WRONG_KIND = new Set(["ELOOP", "EISDIR", "ENOTDIR", "ENXIO", "ENODEV", "EOPNOTSUPP"]);

/** `ENOSPC` and the like, or null for an error that no system call made. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof LoopxError) return null;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // A path that no file can have, such as one with a zero byte: the call was never made.
  if (code === "ERR_INVALID_ARG_VALUE") return "EINVAL";
  return typeof code === "string" && typeof syscall === "string" ? code : null;
}

/** Why the file cannot be read. An error that no system call made is thrown on. */
export function readFault(error: unknown, path: string): Unreadable {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  const reason = DENIED.has(errno) ? "denied" : WRONG_KIND.has(errno) ? "not_a_regular_file" : "io";
  return { kind: "unreadable", reason, where: path };
}

/** `denied` as a value; every other failed system call throws `write_failed`. */
export function writeFault(error: unknown, path: string): Unreadable {
  const errno = errnoOf(error);
  if (errno === null) throw error;
  if (DENIED.has(errno)) return { kind: "unreadable", reason: "denied", where: path };
  throw writeFailed(errno, path, error);
}

export function writeFailed(errno: string, path: string, cause?: unknown, what = "the old content stands"): LoopxError {
  return new LoopxError("write_failed", `${path} was not written (${errno}); ${what}`, { details: { errno, file: path }, cause });
}

/** Runs a call whose failure changes nothing that was promised. Only system call errors are passed over. */
export function ignoringFaults(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}
