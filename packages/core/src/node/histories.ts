/**
 * Histories over files: each goal's `runs/index.jsonl`, folded line by line and remembered in a summary (FIL-64, FIL-70).
 * It reads; the summary is the only thing it writes, and no answer depends on it.
 */
import { constants, type Stats } from "node:fs";
import { join } from "node:path";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import { isJsonObject, nestsTooDeep } from "../domain/json.ts";
import { withArtifactEvents } from "../domain/run/artifact-events.ts";
import { fingerprint } from "../domain/run/fingerprint.ts";
import { createFold, type Fold } from "../domain/run/fold.ts";
import { canContinue, forgetBefore, keptFor } from "../domain/run/fold-state.ts";
import type { History } from "../domain/run/history.ts";
import { readLine } from "../domain/run/line.ts";
import { artifactName } from "../domain/run/record.ts";
import type { Histories } from "../ports/histories.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { confine } from "./confine.ts";
import { nodeDigest } from "./digest.ts";
import { namesIn } from "./directories.ts";
import { ignoringFaults, readFault } from "./faults.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";
import { ARTIFACT_LIMIT, LINE_READ_LIMIT } from "./limits.ts";
import { eachLine, type RawLine } from "./line-reader.ts";
import { openRegular, readRegular } from "./open-file.ts";
import { readSummary, type IndexMark, type Summary, writeSummary } from "./summary-cache.ts";

/** Bytes read from indexes by this process; told behind `LOOPX_TRACE_IO` (PRF-18). */
export const bytesRead = { index: 0 };

/** Reading a short index costs what reading its summary would. */
const SUMMARY_FROM_BYTES = 32 * 1024;
/** A summary is written again when this much had to be folded beside it. */
const RESAVE_BYTES = 16 * 1024;
const BLOCK_BYTES = 4096;
/** Rows this much older than asked for stay in a summary, so that slightly earlier questions need no new one. */
const SLACK_MS = 3_600_000;
/** A summary this young may have missed a change within one tick of the file's clock. */
const RACY_MS = 50;
/** A window that asks for more artifacts than this counts the rest as one slot each. */
const ARTIFACTS_OPENED = 2000;

export interface FileHistoriesOptions {
  readonly runtimeRoot: AbsolutePath;
  readonly calls?: FsCalls;
}

interface View {
  readonly spends_since_ms: number;
  readonly keep: number;
}

/** The file implementation of the port. Its calls are synchronous inside; a missing index is an empty history. */
export function fileHistories(options: FileHistoriesOptions): Histories {
  const calls = options.calls ?? nodeFs;
  return {
    read: async (goal_id, view) => {
      const reading = { calls, runtimeRoot: options.runtimeRoot, goal_id, view };
      const index = readIndex(reading);
      if ("kind" in index) return index;
      const history = withArtifactEvents(index, artifactReader(reading));
      return { kind: "history", history, from_artifacts: history !== index };
    },
    goalDirectories: () => {
      const root = join(options.runtimeRoot, "goals");
      const names: string[] = [];
      // They are only listed: what cannot be looked at is not.
      ignoringFaults(() => {
        for (const name of namesIn(calls, root)) if (calls.lstat(join(root, name))?.isDirectory() === true) names.push(name);
      });
      return names.sort();
    },
  };
}

interface Reading {
  readonly calls: FsCalls;
  readonly runtimeRoot: AbsolutePath;
  readonly goal_id: GoalId;
  readonly view: View;
}

function runsOf({ runtimeRoot, goal_id }: Reading): AbsolutePath {
  return join(runtimeRoot, "goals", goal_id, "runs");
}

function readIndex(reading: Reading): History | Unreadable {
  const place = locate(reading, runsOf(reading));
  if (place.kind === "unreadable") return place;
  if (place.kind === "absent") return newFold(reading).finish("0", reading.view);
  try {
    return place.stat.size < SUMMARY_FROM_BYTES ? foldWhole(reading, place.path) : foldRemembered(reading, place.path, place.stat);
  } catch (error) {
    return readFault(error, place.path);
  }
}

type Place = { kind: "at"; path: AbsolutePath; stat: Stats } | { kind: "absent" } | Unreadable;

/** The index below its goal's directory (FIL-5). Real directories need no real path; links are followed only where they stay inside. */
function locate({ calls, runtimeRoot, goal_id }: Reading, runs: AbsolutePath): Place {
  const path = join(runs, "index.jsonl");
  try {
    const stat = calls.lstat(path);
    const directory = stat === null ? null : calls.lstat(runs);
    if (stat !== null && stat.isFile() && directory?.isDirectory() === true) return { kind: "at", path, stat };
    if (stat === null && calls.lstat(runs) === null) return { kind: "absent" };
    const inside = confine(join(runtimeRoot, "goals", goal_id), path, calls);
    if (inside.kind === "unreadable") return inside;
    const target = calls.lstat(inside.path);
    if (target === null) return { kind: "absent" };
    return target.isFile()
      ? { kind: "at", path: inside.path, stat: target }
      : { kind: "unreadable", reason: "not_a_regular_file", where: path };
  } catch (error) {
    return readFault(error, path);
  }
}

function newFold({ goal_id, view }: Reading, slack = 0): Fold {
  return createFold({ goal_id, keep: keptFor(view.keep), spends_since_ms: view.spends_since_ms - slack, digest: nodeDigest });
}

function foldWhole(reading: Reading, path: AbsolutePath): History | Unreadable {
  return withIndex(reading, path, (fd, stat) => {
    const fold = newFold(reading);
    const end = foldLines(reading.calls, fd, fold, { from: 0, to: stat.size, line: 0 });
    return finish(reading, fold, end);
  });
}

function foldRemembered(reading: Reading, path: AbsolutePath, stat: Stats): History | Unreadable {
  const summary = usableSummary(reading);
  if (summary !== null && isSame(summary, stat) && summary.mark.offset === stat.size) {
    return createFold({ ...summary.state, digest: nodeDigest }, summary.state).finish(String(stat.size), reading.view);
  }
  return withIndex(reading, path, (fd, opened) => {
    const known = summary !== null && (isSame(summary, opened) || isGrown(reading.calls, fd, summary.mark, opened)) ? summary : null;
    const fold = known === null ? newFold(reading, SLACK_MS) : createFold({ ...known.state, digest: nodeDigest }, known.state);
    const from = known?.mark.offset ?? 0;
    const end = foldLines(reading.calls, fd, fold, { from, to: opened.size, line: known?.state.line ?? 0 });
    // Long lists are asked for by hand; a summary of them would slow every verdict.
    const shared = reading.view.keep <= keptFor(0);
    if (shared && (known === null || end.offset - from >= RESAVE_BYTES)) save(reading, fd, fold, end.offset, opened);
    return finish(reading, fold, end);
  });
}

function usableSummary(reading: Reading): Summary | null {
  const summary = readSummary(reading.calls, reading.runtimeRoot, reading.goal_id);
  const wanted = { goal_id: reading.goal_id, keep: keptFor(reading.view.keep), spends_since_ms: reading.view.spends_since_ms };
  return summary !== null && canContinue(summary.state, wanted) ? summary : null;
}

/** True when nobody wrote to the file since. */
function isSame({ mark, written_ms }: Summary, stat: Stats): boolean {
  const same = mark.ino === stat.ino && mark.dev === stat.dev && mark.size === stat.size && mark.ctime_ms === stat.ctimeMs;
  return same && written_ms - stat.ctimeMs > RACY_MS;
}

/** True when something was added to the file: what stood before the offset still stands there. */
function isGrown(calls: FsCalls, fd: number, mark: IndexMark, stat: Stats): boolean {
  if (mark.ino !== stat.ino || mark.dev !== stat.dev || stat.size <= mark.size) return false;
  return blockBefore(calls, fd, mark.offset) === mark.block;
}

function blockBefore(calls: FsCalls, fd: number, offset: number): number {
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, offset));
  const read = calls.read(fd, block, 0, block.length, offset - block.length);
  bytesRead.index += read;
  return fingerprint(block.toString("latin1", 0, read));
}

function save(reading: Reading, fd: number, fold: Fold, offset: number, stat: Stats): void {
  const state = fold.state();
  forgetBefore(state, reading.view.spends_since_ms - SLACK_MS);
  const block = blockBefore(reading.calls, fd, offset);
  writeSummary(reading.calls, reading.runtimeRoot, {
    mark: { dev: stat.dev, ino: stat.ino, size: stat.size, ctime_ms: stat.ctimeMs, offset, block },
    state,
  });
}

interface FoldedTo {
  readonly offset: number;
  readonly line: number;
  readonly rest: RawLine | null;
  readonly size: number;
}

function foldLines(calls: FsCalls, fd: number, fold: Fold, range: { from: number; to: number; line: number }): FoldedTo {
  let line = range.line;
  const end = eachLine(calls, fd, range, (raw) => {
    line += 1;
    foldLine(fold, raw, line);
  });
  bytesRead.index += range.to - range.from;
  return { ...end, line, size: range.to };
}

/** The text behind the last line feed counts too, but is never remembered: its writer may go on. */
function finish(reading: Reading, fold: Fold, end: FoldedTo): History {
  if (end.rest === null) return fold.finish(String(end.size), reading.view);
  foldLine(fold, end.rest, end.line + 1);
  return fold.finish(String(end.size + 1), reading.view);
}

function foldLine(fold: Fold, raw: RawLine, line: number): void {
  if (raw.text !== null && fold.addAlike(raw.text, line)) return;
  const record = raw.text === null ? null : parseObject(raw.text);
  if (record !== null && raw.text !== null) {
    fold.add({ kind: "record", line, record, text: raw.text, position: raw.offset });
    return;
  }
  const place = { line, position: raw.offset };
  if (raw.bytes === null) {
    fold.add({ kind: "bad", ...place, reason: "too_large" });
    return;
  }
  const content = readLine(raw.bytes, { limit: LINE_READ_LIMIT });
  switch (content.kind) {
    case "blank":
      fold.skipTo(line);
      return;
    case "record":
      fold.add({ kind: "record", ...place, record: content.record, text: content.text });
      return;
    case "bad":
      fold.add({ kind: "bad", ...place, reason: content.reason });
      return;
    case "torn":
      fold.add({ kind: "torn_tail", ...place });
  }
}

/** The common case: a line that is one JSON object. Everything else is looked at more closely. */
function parseObject(text: string): ReturnType<typeof asObject> {
  try {
    return nestsTooDeep(text) ? null : asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown) {
  return isJsonObject(value) ? value : null;
}

function withIndex(reading: Reading, path: AbsolutePath, work: (fd: number, stat: Stats) => History): History | Unreadable {
  const opened = openRegular(reading.calls, path, constants.O_RDONLY);
  if (opened.kind === "unreadable") return opened;
  if (opened.kind === "absent") return newFold(reading).finish("0", reading.view);
  try {
    return work(opened.fd, opened.stat);
  } finally {
    ignoringFaults(() => reading.calls.close(opened.fd));
  }
}

/** Finds `quota_event` in artifacts of the goal's own directory. Read each time: an artifact may come back or go (FIL-127). */
function artifactReader(reading: Reading): (json_path: string) => unknown {
  const { calls } = reading;
  const runs = runsOf(reading);
  let opened = 0;
  return (json_path) => {
    const place = artifactName(json_path, runs);
    opened += 1;
    if (place.kind !== "inside" || opened > ARTIFACTS_OPENED) return null;
    const file = readRegular(calls, join(runs, place.name), ARTIFACT_LIMIT);
    if (file.kind !== "bytes") return null;
    return parseObject(file.bytes.toString("utf8"))?.["quota_event"];
  };
}
