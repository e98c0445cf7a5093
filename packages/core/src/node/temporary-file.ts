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

const LITTER_AGE_MS = 3_600_000;
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
    if (options.mode !== null && options.mode !== 0o600) calls.fchmod(fd, options.mode);
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

/** Removes siblings of the file that a dead process left over an hour ago, or that the named dead process left. */
export function removeLitter(calls: FsCalls, path: AbsolutePath, identity: ProcessIdentity, now_ms: number, dead_pid: number | null): void {
  const directory = dirname(path);
  for (const name of namesIn(calls, directory)) {
    const pid = writerOf(name, basename(path));
    if (pid === null) continue;
    const sibling = join(directory, name);
    if (pid === dead_pid || (ageMs(calls, sibling, now_ms) >= LITTER_AGE_MS && identity.look(pid).kind === "gone"))
      removeIfThere(calls, sibling);
  }
}

/** The pid of the process that made the sibling, or null when the name is no sibling of that file. */
export function writerOf(name: string, file: string): number | null {
  const prefix = `.${file}.`;
  if (!name.startsWith(prefix)) return null;
  const match = /^(\d{1,10})\.[0-9a-f]+\.loopx-tmp$/.exec(name.slice(prefix.length));
  return match === null ? null : Number(match[1]);
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
