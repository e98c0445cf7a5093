/**
 * Steps 5 to 7 of a document's update (REL-20): sibling, sync, second look, rename, sync of the directory. Everything
 * is synchronous; the caller holds the lock. What stands there afterwards is the whole old or the whole new content.
 */
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { ensureDirectory, syncDirectory } from "./directories.ts";
import { errnoOf, ignoringFaults } from "./faults.ts";
import { directoryMode, type FileGround, type FilePlace, newFileMode } from "./file-ground.ts";
import type { FsCalls } from "./fs-calls.ts";
import { readRegular } from "./open-file.ts";
import { removeIfThere, writeSibling } from "./temporary-file.ts";

const DIRECTORY_TRIES = 3;

/** The bytes an edit was made from; null when no file stood there. */
export type Before = { readonly bytes: Buffer; readonly stat: Stats } | null;

/** `changed`: somebody without our lock wrote in between. `not_ours`: the lock was taken from us. Neither wrote. */
export type Replacement = "written" | "changed" | "not_ours";

export function replaceFile(
  ground: FileGround,
  target: { place: Pick<FilePlace, "private_root">; path: AbsolutePath; limit: number; mode?: number | undefined },
  before: Before,
  bytes: Uint8Array,
  isOurs: () => boolean,
): Replacement {
  const { calls, identity } = ground;
  const { place, path } = target;
  const directory = dirname(path);
  const mode = before === null ? (target.mode ?? newFileMode(place)) : before.stat.mode & 0o7777;
  const write = () => writeSibling(calls, path, bytes, { pid: identity.self().pid, mode, sync: true });
  const sibling = before === null ? inMadeDirectory(calls, directory, directoryMode(place), write) : write();
  let renamed = false;
  try {
    const now = readRegular(calls, path, target.limit);
    const unchanged = before === null ? now.kind === "absent" : now.kind === "bytes" && now.bytes.equals(before.bytes);
    if (!isOurs()) return "not_ours";
    if (!unchanged) return "changed";
    calls.rename(sibling, path);
    renamed = true;
  } finally {
    if (!renamed) ignoringFaults(() => removeIfThere(calls, sibling));
  }
  syncDirectory(calls, directory);
  return "written";
}

/** Another process may remove a directory that it left empty, between the making of it here and the first file in it. */
function inMadeDirectory<T>(calls: FsCalls, directory: AbsolutePath, mode: number | null, write: () => T): T {
  for (let tries = DIRECTORY_TRIES; ; tries -= 1) {
    try {
      ensureDirectory(calls, directory, mode);
      return write();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" || tries === 1) throw error;
    }
  }
}
