/** Directories of the store: made one by one, each made durable in its parent, private where the runtime root is ours. */
import { constants } from "node:fs";
import { dirname } from "node:path";
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import { errnoOf, ignoringFaults } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";

export const PRIVATE_DIRECTORY = 0o700;
export const PRIVATE_FILE = 0o600;

/** Makes the directory and its missing parents. `mode` null follows the umask (FIL-7). */
export function ensureDirectory(calls: FsCalls, directory: AbsolutePath, mode: number | null): void {
  if (calls.stat(directory) !== null) return;
  const parent = dirname(directory);
  ensureDirectory(calls, parent, mode);
  try {
    calls.mkdir(directory, mode ?? undefined);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  syncDirectory(calls, parent);
}

/** Makes names in the directory durable: a renamed or new file is there after a power cut. */
export function syncDirectory(calls: FsCalls, directory: AbsolutePath): void {
  const fd = calls.open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    calls.fsync(fd);
  } finally {
    ignoringFaults(() => calls.close(fd));
  }
}

/** Removes the directory and its parents while they are empty and lie below `top`. An empty directory that stays does no harm. */
export function removeEmptyBelow(calls: FsCalls, top: AbsolutePath, directory: AbsolutePath): void {
  ignoringFaults(() => {
    for (let at = directory; at.startsWith(`${top}/`); at = dirname(at)) {
      calls.rmdir(at);
      syncDirectory(calls, dirname(at));
    }
  });
}

/** The names in it; none when it is not there. */
export function namesIn(calls: FsCalls, directory: AbsolutePath): string[] {
  try {
    return calls.readdir(directory);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return [];
    throw error;
  }
}

/** The same for a directory of leases: one that cannot be read may hold any lease, so nothing goes on beside it (FIL-83). */
export function namesOfLeases(calls: FsCalls, directory: AbsolutePath): string[] {
  try {
    return namesIn(calls, directory);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    throw new LoopxError("lease_unreadable", `the leases in ${directory} cannot be read (${errno})`, {
      details: { file: directory, errno },
    });
  }
}
