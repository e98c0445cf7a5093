/**
 * The reducer of a run index: one line at a time, in file order, into a bounded state (FIL-64 to FIL-66, PRF-5).
 * It neither reads files nor knows where lines come from; folding at once or in pieces gives the same history.
 * A line or overlay older than every kept run is trusted to repeat a run that was counted; nothing else is assumed.
 */
import type { Digest } from "../digest.ts";
import { sameJson } from "../goal/json-values.ts";
import type { JsonObject } from "../json.ts";
import { readSpend, readVoid } from "../quota/event.ts";
import { readReward } from "../reward/reward.ts";
import { fingerprint } from "./fingerprint.ts";
import { addBadLine, addTornLine, acceptBadLines, note } from "./fold-lines.ts";
import { GradedMarks, gradedMark, identityOf } from "./fold-grades.ts";
import { findKept, holdsInstant, keepNext, keepRun, rekeep, type Held } from "./fold-runs.ts";
import { LEDGER_EVENTS, REWARDS_PER_RUN, emptyFold, type FoldOptions, type FoldState, type KeptRow } from "./fold-state.ts";
import { deriveIds, historyOf } from "./fold-view.ts";
import { isGraded } from "./grades.ts";
import type { History, HumanReward, SpendEvent, VoidEvent } from "./history.ts";
import { instantReader } from "./instants.ts";
import type { BadLineReason } from "./line.ts";
import { lineShapes, type LineShapes } from "./line-shape.ts";
import type { ReadInstant } from "../time.ts";
import { acceptsBadLines, isApproval, isNeutral } from "./neutral.ts";
import { atSameInstant, insertOrdered, isNewer } from "./order.ts";

/** A line as a log gives it; `LogEntry` of the logs port fits. Blank lines are not given. */
export type FoldEntry =
  | {
      readonly kind: "record";
      readonly line: number | null;
      readonly record: JsonObject;
      readonly text: string;
      readonly position: string | number;
    }
  | { readonly kind: "bad"; readonly line: number | null; readonly reason: BadLineReason; readonly position: string | number }
  | { readonly kind: "torn_tail"; readonly line: number | null; readonly position: string | number };

/** A history in the making. */
export interface Fold {
  add(entry: FoldEntry): void;
  /** True when the line is written like one before it and was counted without being parsed; else nothing happened. */
  addAlike(text: string, line: number): boolean;
  /** Counts lines that carry nothing, so that later numbers stay right. */
  skipTo(line: number): void;
  /** The history so far; `head` is the log's position. `view` narrows what was kept. The fold may go on afterwards. */
  finish(head: string, view?: { keep: number; spends_since_ms: number }): History;
  /** The state to store: plain JSON, shared with this fold. */
  state(): FoldState;
}

/** A fold from the beginning, or from a stored state that {@link canContinue}; the state is taken over. */
export function createFold(options: FoldOptions & { digest: Digest }, from?: FoldState): Fold {
  const state = from ?? emptyFold(options);
  const held: Held[] = state.runs.map((run) => ({ run, record: null }));
  const graded = new GradedMarks(state.graded);
  const marks: Marks = {
    held,
    graded,
    shapes: lineShapes(state.goal_id),
    readInstant: instantReader(),
    from_line: state.line,
    is_settled: false,
  };
  const addRecord = recordFolder(state, marks);
  const settle = (): void => {
    state.graded = graded.all();
  };
  return {
    add: (entry) => {
      const line = entry.line ?? state.line + 1;
      state.line = line;
      state.record_count += 1;
      if (entry.kind === "record") addRecord(entry.record, entry.text, line, entry.position);
      else if (entry.kind === "bad") addBadLine(state, { line, offset: Number(entry.position), reason: entry.reason });
      else addTornLine(state, { line, offset: Number(entry.position) });
    },
    addAlike: (text, line) => addAlike(state, marks, text, line),
    skipTo: (line) => {
      state.line = line;
    },
    finish: (head, view = options) => {
      settle();
      return historyOf(state, held, { head, digest: options.digest, ...view });
    },
    state: () => {
      settle();
      deriveIds(state, options.digest);
      state.runs = held.map((item) => item.run);
      return state;
    },
  };
}

/** What a fold holds beside its state while lines come in. */
interface Marks {
  readonly held: Held[];
  readonly graded: GradedMarks;
  readonly shapes: LineShapes;
  readonly readInstant: ReturnType<typeof instantReader>;
  /** Where this fold began: shapes are worth their making in long logs only. */
  readonly from_line: number;
  /** No run that is kept was judged since all of them were looked at. */
  is_settled: boolean;
}

/** After so many lines of one fold, shapes are made. */
const LINES_BEFORE_SHAPES = 64;

type RecordFolder = (record: JsonObject, text: string, line: number, position: string | number) => void;

function recordFolder(state: FoldState, marks: Marks): RecordFolder {
  const { readInstant } = marks;
  return (record, text, line, position) => {
    const goal = record["goal_id"];
    if (goal !== undefined && goal !== state.goal_id) {
      addBadLine(state, { line, offset: Number(position), reason: "wrong_goal" });
      return;
    }
    const instant = typeof record["generated_at"] === "string" ? readInstant(record["generated_at"]) : null;
    const reward = readReward(record["human_reward"]);
    const entry: Line = { record, text, line, at_ms: instant?.ms ?? null, ordinal: line };
    if (reward !== null) {
      addOverlay(state, marks, entry, reward);
      return;
    }
    noteInstant(state, instant, line);
    addRun(state, marks, entry);
    if (line - marks.from_line > LINES_BEFORE_SHAPES) marks.shapes.learn(record, text);
  };
}

/** A run of a known shape and of an instant that no kept run has: it is counted, kept and graded, and nothing else. */
function addAlike(state: FoldState, marks: Marks, text: string, line: number): boolean {
  const { held, graded, shapes, readInstant } = marks;
  const alike = shapes.read(text);
  if (alike === null) return false;
  const instant = readInstant(alike.generated_at);
  const at_ms = instant?.ms ?? null;
  if (holdsInstant(held, at_ms)) return false;
  state.line = line;
  state.record_count += 1;
  state.run_count += 1;
  noteInstant(state, instant, line);
  const item: Held = { run: { at_ms, ordinal: line, as: "run", neutral: alike.neutral, rewards: [], text }, record: null };
  if (marks.is_settled) keepNext(state, held, item);
  else keepRun(state, held, item);
  marks.is_settled = true;
  if (alike.graded) graded.add({ at_ms, ordinal: line, mark: null, text });
  return true;
}

function noteInstant(state: FoldState, instant: ReadInstant | null, line: number): void {
  if (instant === null) note(state, "timestamp_invalid", line);
  else if (!instant.zoned) note(state, "timestamp_without_zone", line);
}

interface Line {
  readonly record: JsonObject;
  readonly text: string;
  readonly line: number;
  readonly at_ms: number | null;
  readonly ordinal: number;
}

function addRun(state: FoldState, { held, graded }: Marks, entry: Line): void {
  let counted = false;
  let collides = false;
  for (const same of findKept(held, entry.record, entry.at_ms)) {
    if (same.run.as === "orphan") {
      // The overlay came before its run: what stood in for the run becomes the run.
      graded.remove(same.run.ordinal);
      rekeep(held, same, entry);
      counted = true;
      break;
    }
    if (same.run.as === "copy" || sameJson(same.record, entry.record)) return;
    collides = true;
  }
  if (collides) note(state, "index_identity_collision", entry.line);
  if (!addLedgerRow(state, entry)) return;
  if (!counted) countRun(state, held, entry, "run", []);
  addMarks(state, graded, entry);
}

function countRun(state: FoldState, held: Held[], entry: Line, as: "run" | "orphan", rewards: HumanReward[]): void {
  state.run_count += 1;
  const { text, at_ms, ordinal, record } = entry;
  keepRun(state, held, { run: { at_ms, ordinal, as, neutral: isNeutral(record), rewards, text }, record });
}

/** What a run means beside itself: acceptance of bad lines, the start of new streaks, a grade. */
function addMarks(state: FoldState, graded: GradedMarks, entry: Line): void {
  const { record, at_ms, ordinal } = entry;
  if (acceptsBadLines(record)) acceptBadLines(state);
  if (isApproval(record) && (state.approval === null || isNewer(entry, state.approval))) state.approval = { at_ms, ordinal };
  if (isGraded(record)) graded.add({ at_ms, ordinal, mark: gradedMark(entry), text: entry.text });
}

/** The overlay goes to the run of its classification, else to the last of its key (FIL-65). */
function addOverlay(state: FoldState, marks: Marks, entry: Line, reward: HumanReward): void {
  const { held, graded } = marks;
  marks.is_settled = false;
  const found = findKept(held, entry.record, entry.at_ms);
  const base = found.find((item) => item.record["classification"] === entry.record["classification"]) ?? found[0];
  if (base !== undefined) {
    const { rewards } = base.run;
    if (rewards.some((known) => sameJson(known as JsonObject, reward as JsonObject))) return;
    rewards.push(reward);
    if (rewards.length > REWARDS_PER_RUN) rewards.shift();
    return;
  }
  if (isOrphan(state, held, entry)) {
    countRun(state, held, entry, "orphan", [reward]);
    addMarks(state, graded, entry);
    return;
  }
  const run = {
    at_ms: entry.at_ms,
    ordinal: 0,
    as: "copy" as const,
    neutral: isNeutral(entry.record),
    rewards: [reward],
    text: entry.text,
  };
  keepRun(state, held, { run, record: entry.record });
}

/** True when the overlay's run would still be kept, had there been one. */
function isOrphan(state: FoldState, held: readonly Held[], entry: Line): boolean {
  if (!state.evicted) return true;
  const oldest = held[held.length - state.keep];
  if (isLater(entry, oldest)) return true;
  return (
    !isNeutral(entry.record) &&
    isLater(
      entry,
      held.findLast((item) => !item.run.neutral),
    )
  );
}

function isLater(entry: Line, kept: Held | undefined): boolean {
  return kept === undefined || (entry.at_ms ?? -Infinity) > (kept.run.at_ms ?? -Infinity);
}

/** False when the row repeats one that was counted: equal rows count once (DEC-23). */
function addLedgerRow(state: FoldState, entry: Line): boolean {
  const kind = entry.record["classification"];
  if (kind !== "quota_slot_spent" && kind !== "quota_slot_voided") return true;
  const { at_ms, ordinal } = entry;
  if (at_ms === null || at_ms < state.spends_since_ms) return true;
  const identity = identityOf(entry.record);
  const run_id = text(entry.record["run_id"]) ?? "";
  const head = { run_id, generated_at: identity.generated_at, at_ms, ordinal };
  const row = { at_ms, ordinal, print: fingerprint(entry.text), ...(run_id === "" ? { identity } : {}) };
  return kind === "quota_slot_spent"
    ? addRow(state.spends, { ...row, event: readSpend(head, entry.record) }, mergeOldestSpends)
    : addRow(state.voids, { ...row, event: readVoid(head, entry.record) }, (voids) => voids.shift());
}

function addRow<Event extends SpendEvent | VoidEvent>(
  rows: KeptRow<Event>[],
  row: KeptRow<Event>,
  shorten: (rows: KeptRow<Event>[]) => void,
): boolean {
  for (const same of atSameInstant(rows, row.at_ms)) if (same.print === row.print) return false;
  insertOrdered(rows, row);
  if (rows.length > LEDGER_EVENTS) shorten(rows);
  return true;
}

/** Forgetting a spend would free slots; its slots move to the next one instead. */
function mergeOldestSpends(rows: KeptRow<SpendEvent>[]): void {
  const oldest = rows.shift();
  const next = rows[0];
  if (oldest !== undefined && next !== undefined)
    next.event = { ...next.event, slots: (next.event.slots ?? 1) + (oldest.event.slots ?? 1) };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
