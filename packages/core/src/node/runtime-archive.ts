/**
 * Moves a goal's runtime directory out of the way: one rename, under the locks of its index and its leases (CMD-115).
 * It copies nothing and deletes nothing; another file system is refused.
 */
import { dirname, join, resolve, sep } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { ArchiveRequest, ArchiveSight, RuntimeArchive } from "../ports/archive.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { canonicalPath } from "./confine.ts";
import { ensureDirectory, PRIVATE_DIRECTORY, syncDirectory } from "./directories.ts";
import { readFault, writeFault } from "./faults.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";
import type { FileLock, Held, LockWait } from "./lock.ts";

/** Archives of one goal and second; more is no accident. */
const NAMES = 1000;

export interface ArchiveGround {
  readonly runtime_root: AbsolutePath;
  readonly lock: FileLock;
  readonly wait: LockWait;
  readonly calls?: FsCalls;
}

export function fileArchive(ground: ArchiveGround): RuntimeArchive {
  const calls = ground.calls ?? nodeFs;
  return {
    look: async (request) => look(ground, calls, request),
    move: async (request, allowed) => {
      const seen = look(ground, calls, request);
      if (seen.kind !== "found") return seen;
      const locks: Held[] = [];
      try {
        // The order of locks: the index before the leases (FIL-92).
        for (const path of [join(seen.source, "runs", "index.jsonl"), join(seen.source, "leases")]) {
          const held = await ground.lock.take(path, ground.wait);
          if (held.kind !== "held") return held;
          locks.push(held);
        }
        if (!(await allowed()) || locks.some((held) => !held.isOurs())) return { kind: "not_allowed" };
        const again = look(ground, calls, request);
        return again.kind === "found" ? rename(calls, again) : again;
      } finally {
        for (const held of locks.reverse()) await held.release();
      }
    },
  };
}

function look(ground: ArchiveGround, calls: FsCalls, request: ArchiveRequest): ArchiveSight {
  const source = join(ground.runtime_root, "goals", request.goal_id);
  try {
    const found = calls.lstat(source);
    if (found === null) return { kind: "absent", source };
    if (found.isSymbolicLink()) return { kind: "linked", source };
    if (!found.isDirectory()) return { kind: "unreadable", reason: "not_a_regular_file", where: source };
    const root = canonicalPath(
      request.root === null ? join(ground.runtime_root, "archived-goals") : resolve(request.cwd, request.root),
      calls,
    );
    const real = canonicalPath(source, calls);
    if (root === real || root.startsWith(real + sep)) return { kind: "inside_itself", source };
    return { kind: "found", source, destination: freeName(calls, root, `${request.goal_id}-${request.stamp}`) };
  } catch (error) {
    return readFault(error, source);
  }
}

function freeName(calls: FsCalls, root: AbsolutePath, name: string): AbsolutePath {
  for (let number = 1; number <= NAMES; number += 1) {
    const path = join(root, number === 1 ? name : `${name}-${number}`);
    if (calls.lstat(path) === null) return path;
  }
  throw new Error(`${NAMES} archives are named ${name}`);
}

function rename(
  calls: FsCalls,
  { source, destination }: { source: AbsolutePath; destination: AbsolutePath },
): { kind: "moved"; source: AbsolutePath; destination: AbsolutePath } | Unreadable {
  try {
    ensureDirectory(calls, dirname(destination), PRIVATE_DIRECTORY);
    calls.rename(source, destination);
    syncDirectory(calls, dirname(destination));
    syncDirectory(calls, dirname(source));
    return { kind: "moved", source, destination };
  } catch (error) {
    return writeFault(error, destination);
  }
}
