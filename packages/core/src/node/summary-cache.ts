/**
 * The summary beside a long run index: `<runtime root>/cache/<goal-id>.json` (FIL-70, PRF-4). Derived: it may be deleted,
 * stale, torn or missing at any time without changing an answer. The first line is JSON; below stand the kept index lines
 * as they are, so that only what is shown gets parsed. Written by temporary file and rename, without lock or fsync.
 */
import type { AbsolutePath } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { FoldState } from "../domain/run/fold-state.ts";
import { readDerived, writeDerived } from "./derived-file.ts";
import type { FsCalls } from "./fs-calls.ts";
import { packState, unpackState } from "./summary-format.ts";

const FORMAT = "loopx_summary_v2";

/** The index as it was when the summary was made. */
export interface IndexMark {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Of all a file's times the one that nobody can set back. */
  readonly ctime_ms: number;
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
}

/** The summary of that goal, or null when there is none that can be read. */
export function readSummary(calls: FsCalls, runtimeRoot: AbsolutePath, goal_id: string): Summary | null {
  const file = readDerived(calls, runtimeRoot, nameOf(goal_id));
  if (file === null) return null;
  const lines = file.text.split("\n");
  try {
    const head: unknown = JSON.parse(lines[0] ?? "");
    if (!isJsonObject(head) || head["format"] !== FORMAT) return null;
    const state = unpackState(head["state"], lines.slice(1));
    const mark = head["mark"];
    if (state === null || state.goal_id !== goal_id || !isJsonObject(mark)) return null;
    return { mark: mark as unknown as IndexMark, state, written_ms: file.written_ms };
  } catch {
    return null;
  }
}

/** Stores the summary; a failure makes the next reader fold again. */
export function writeSummary(calls: FsCalls, runtimeRoot: AbsolutePath, summary: { mark: IndexMark; state: FoldState }): void {
  const { packed, texts } = packState(summary.state);
  const head = JSON.stringify({ format: FORMAT, mark: summary.mark, state: packed });
  writeDerived(calls, runtimeRoot, nameOf(summary.state.goal_id), [head, ...texts, ""].join("\n"));
}

function nameOf(goal_id: string): string {
  return `${goal_id}.json`;
}
