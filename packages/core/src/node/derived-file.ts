/**
 * Files of `<runtime root>/cache` (FIL-70): they may be deleted, stale, torn or missing at any time without changing an
 * answer. Written by temporary file and rename, without lock or fsync; a failure to write is nobody's business.
 */
import { join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { systemClock } from "./clock.ts";
import { namesIn, PRIVATE_DIRECTORY, PRIVATE_FILE } from "./directories.ts";
import { ignoringFaults } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";
import { readRegular } from "./open-file.ts";
import { ageMs, LITTER_AGE_MS, removeIfThere, writeSibling, writerOf } from "./temporary-file.ts";

const DERIVED_LIMIT = 32 * 1024 * 1024;

export interface DerivedText {
  readonly text: string;
  /** When it was written. */
  readonly written_ms: number;
}

/** The text, or null when there is none that can be read. */
export function readDerived(calls: FsCalls, runtimeRoot: AbsolutePath, name: string): DerivedText | null {
  const file = readRegular(calls, join(runtimeRoot, "cache", name), DERIVED_LIMIT);
  if (file.kind !== "bytes") return null;
  // Nothing was fsynced: after a power cut parts of the file may be zeros.
  if (file.bytes.includes(0)) return null;
  return { text: file.bytes.toString("utf8"), written_ms: file.stat.mtimeMs };
}

/** Stores the text. */
export function writeDerived(calls: FsCalls, runtimeRoot: AbsolutePath, name: string, text: string): void {
  const path = join(runtimeRoot, "cache", name);
  ignoringFaults(() => {
    const directory = join(runtimeRoot, "cache");
    const found = calls.lstat(directory);
    if (found === null) calls.mkdir(directory, PRIVATE_DIRECTORY);
    // A link would lead the write out of the runtime root.
    else if (!found.isDirectory()) return;
    sweepOnce(calls, directory);
    const sibling = writeSibling(calls, path, Buffer.from(text, "utf8"), { pid: process.pid, mode: PRIVATE_FILE, sync: false });
    try {
      calls.rename(sibling, path);
    } catch (error) {
      calls.unlink(sibling);
      throw error;
    }
  });
}

const swept = new Set<AbsolutePath>();

/** What killed readers left. A whole directory is looked through, so a process does it once. */
function sweepOnce(calls: FsCalls, directory: AbsolutePath): void {
  if (swept.has(directory)) return;
  swept.add(directory);
  const now = systemClock.now().getTime();
  for (const name of namesIn(calls, directory)) {
    const sibling = join(directory, name);
    if (writerOf(name) !== null && ageMs(calls, sibling, now) >= LITTER_AGE_MS) removeIfThere(calls, sibling);
  }
}
