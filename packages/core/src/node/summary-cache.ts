/**
 * The summary beside a long run index: `<runtime root>/cache/<goal-id>.json` (FIL-70, PRF-4). Derived: it may be deleted,
 * stale, torn or missing at any time without changing an answer. The first line is JSON; below stand the kept index lines
 * as they are, so that only what is shown gets parsed. Written by temporary file and rename, without lock or fsync.
 */
import { join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { FoldState } from "../domain/run/fold-state.ts";
import { systemClock } from "./clock.ts";
import { namesIn, PRIVATE_DIRECTORY, PRIVATE_FILE } from "./directories.ts";
import type { FsCalls } from "./fs-calls.ts";
import { ignoringFaults } from "./faults.ts";
import { readRegular } from "./open-file.ts";
import { packState, unpackState } from "./summary-format.ts";
import { ageMs, LITTER_AGE_MS, removeIfThere, writeSibling, writerOf } from "./temporary-file.ts";

const FORMAT = "loopx_summary_v1";
const SUMMARY_LIMIT = 32 * 1024 * 1024;

/** The index as it was when the summary was made. */
export interface IndexMark {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtime_ms: number;
  /** Behind the last line that was folded. */
  readonly offset: number;
  /** Fingerprint of the last bytes before `offset`. */
  readonly block: number;
}

export interface Summary {
  readonly mark: IndexMark;
  readonly state: FoldState;
  /** When the summary itself was written. */
  readonly written_ms: number;
  readonly bytes: number;
}

/** The summary of that goal, or null when there is none that can be read. */
export function readSummary(calls: FsCalls, runtimeRoot: AbsolutePath, goal_id: string): Summary | null {
  const file = readRegular(calls, summaryPath(runtimeRoot, goal_id), SUMMARY_LIMIT);
  if (file.kind !== "bytes") return null;
  const text = file.bytes.toString("utf8");
  // Nothing was fsynced: after a power cut parts of the file may be zeros.
  if (text.includes("\0")) return null;
  const lines = text.split("\n");
  try {
    const head: unknown = JSON.parse(lines[0] ?? "");
    if (!isJsonObject(head) || head["format"] !== FORMAT) return null;
    const state = unpackState(head["state"], lines.slice(1));
    const mark = head["mark"];
    if (state === null || state.goal_id !== goal_id || !isJsonObject(mark)) return null;
    return { mark: mark as unknown as IndexMark, state, written_ms: file.stat.mtimeMs, bytes: file.bytes.length };
  } catch {
    return null;
  }
}

/** Stores the summary. A failure is nobody's business: the next reader folds again. */
export function writeSummary(calls: FsCalls, runtimeRoot: AbsolutePath, summary: { mark: IndexMark; state: FoldState }): void {
  const { packed, texts } = packState(summary.state);
  const head = JSON.stringify({ format: FORMAT, mark: summary.mark, state: packed });
  const text = [head, ...texts, ""].join("\n");
  const path = summaryPath(runtimeRoot, summary.state.goal_id);
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

function summaryPath(runtimeRoot: AbsolutePath, goal_id: string): AbsolutePath {
  return join(runtimeRoot, "cache", `${goal_id}.json`);
}
