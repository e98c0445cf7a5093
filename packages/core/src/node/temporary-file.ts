/**
 * Temporary siblings: how whole content appears under a name at once (REL-20, steps 5 and 8). A sibling that its writer
 * left behind is litter; what a living process may still need is left alone.
 */
import { constants } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { namesIn } from "./directories.ts";
import { errnoOf, ignoringFaults } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";
import { nonce } from "./hashing.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** A sibling this old is nobody's, unless another process that made it still runs. */
export const LITTER_AGE_MS = 3_600_000;
const SUFFIX = "loopx-tmp";

/** Writes and syncs a new sibling and answers its path. After a failure nothing of it is left. */
export function writeSibling(
  calls: FsCalls,
  path: AbsolutePath,
  bytes: Uint8Array,
  options: { pid: number; mode: number | null; sync: boolean },
): AbsolutePath {
  const sibling = join(dirname(path), `.${basename(path)}.${options.pid}.${nonce()}.${SUFFIX}`);
  // Null follows the umask, which only the creating call applies.
  const fd = calls.open(
    sibling,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    options.mode === null ? 0o666 : 0o600,
  );
  let open = true;
  try {
    writeAll(calls, fd, bytes);
    // The umask may have taken bits of what was asked for.
    if (options.mode !== null) calls.fchmod(fd, options.mode);
    if (options.sync) calls.fsync(fd);
    open = false;
    calls.close(fd);
    return sibling;
  } catch (error) {
    if (open) ignoringFaults(() => calls.close(fd));
    ignoringFaults(() => calls.unlink(sibling));
    throw error;
  }
}

function writeAll(calls: FsCalls, fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const written = calls.write(fd, bytes, done, bytes.length - done);
    if (written === 0) throw Object.assign(new Error("nothing more was written"), { code: "ENOSPC", syscall: "write" });
    done += written;
  }
}

/**
 * Removes siblings beside the file that were left over an hour ago, of whatever document, and all that the named dead
 * process left. Where one died, others may have before it: of this document, whose lock is held, nothing of theirs stays.
 */
export function removeLitter(calls: FsCalls, path: AbsolutePath, identity: ProcessIdentity, now_ms: number, dead_pid: number | null): void {
  const directory = dirname(path);
  for (const name of namesIn(calls, directory)) {
    const sibling = join(directory, name);
    const pid = writerOf(name);
    if (pid === null) continue;
    const ours = writerOf(name, basename(path)) !== null;
    const named = pid === dead_pid;
    const left = dead_pid !== null && ((named && ours) || ((named || ours) && hasEnded(identity, pid)));
    if (left || (ageMs(calls, sibling, now_ms) >= LITTER_AGE_MS && isOver(identity, pid))) removeIfThere(calls, sibling);
  }
}

/** Removes what a dead process left of the document it had locked: beside it, or in it when it is a directory of records. */
export function removeRemains(calls: FsCalls, path: AbsolutePath, identity: ProcessIdentity, dead_pid: number): void {
  // Another process may have that number by now, and may need its own.
  if (!hasEnded(identity, dead_pid)) return;
  for (const directory of [dirname(path), path]) {
    for (const name of namesIn(calls, directory)) if (writerOf(name) === dead_pid) removeIfThere(calls, join(directory, name));
  }
}

/** Who made it is gone, or is this process, which writes none while it looks: its own removal failed then. */
function isOver(identity: ProcessIdentity, pid: number): boolean {
  return pid === identity.self().pid || hasEnded(identity, pid);
}

function hasEnded(identity: ProcessIdentity, pid: number): boolean {
  return identity.look(pid).kind === "gone";
}

/** The pid of the process that made the sibling, or null when the name is no sibling, or none of that file. */
export function writerOf(name: string, file?: string): number | null {
  const match = /^\.(.+)\.(\d{1,10})\.[0-9a-f]+\.loopx-tmp$/.exec(name);
  return match === null || (file !== undefined && match[1] !== file) ? null : Number(match[2]);
}

export function ageMs(calls: FsCalls, path: AbsolutePath, now_ms: number): number {
  const stat = calls.lstat(path);
  return stat === null ? 0 : now_ms - stat.mtimeMs;
}

export function removeIfThere(calls: FsCalls, path: AbsolutePath): void {
  try {
    calls.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
