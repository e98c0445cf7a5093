/**
 * A fold's state as it stands in a summary: lists of plain values in place of objects with repeated keys, since a status
 * of a thousand goals parses a thousand of them. Reading answers null for anything that is not the current form.
 */
import { isJsonObject } from "../domain/json.ts";
import { FOLD_VERSION, type FoldState, type GradedMark, type KeptAs, type KeptRow, type KeptRun } from "../domain/run/fold-state.ts";
import type { HumanReward, SpendEvent, VoidEvent } from "../domain/run/history.ts";

const KEPT_AS: readonly KeptAs[] = ["run", "orphan", "copy"];

type PackedRun = [at_ms: number | null, ordinal: number, as: number, neutral: 0 | 1, rewards: HumanReward[] | 0];
type PackedGraded = [
  at_ms: number | null,
  ordinal: number,
  generated_at: string,
  classification: string,
  run_id: string,
  agent_id: string | null,
  scale: string | null,
  outcome: string | null,
];
type PackedSpend = [
  at_ms: number | null,
  ordinal: number,
  print: number,
  run_id: string,
  generated_at: string,
  /** 0 when it is `generated_at`. */
  key: string | 0,
  slots: number | null,
  json_path: string | null,
  source: string | null,
  agent_id: string | null,
  delivery_run_id: string | null,
  delivery_run_generated_at: string | null,
];
type PackedVoid = [
  at_ms: number | null,
  ordinal: number,
  print: number,
  run_id: string,
  generated_at: string,
  key: string,
  slots: number | null,
  json_path: string | null,
  voided_run_id: string | null,
];

type PackedState = Omit<FoldState, "runs" | "graded" | "spends" | "voids"> & {
  runs: PackedRun[];
  graded: PackedGraded[];
  spends: PackedSpend[];
  voids: PackedVoid[];
};

/** The state without its lines, and the lines. Ids have to be derived before. */
export function packState(state: FoldState): { packed: PackedState; texts: string[] } {
  const packed: PackedState = {
    ...state,
    runs: state.runs.map((run) => [
      run.at_ms,
      run.ordinal,
      KEPT_AS.indexOf(run.as),
      run.neutral ? 1 : 0,
      run.rewards.length === 0 ? 0 : run.rewards,
    ]),
    graded: state.graded.map((mark) => [
      mark.at_ms,
      mark.ordinal,
      mark.generated_at,
      mark.classification,
      mark.run_id,
      mark.agent_id,
      mark.scale ?? null,
      mark.outcome ?? null,
    ]),
    spends: state.spends.map(packSpend),
    voids: state.voids.map(({ event, print }) => [
      event.at_ms,
      event.ordinal,
      print,
      event.run_id,
      event.generated_at,
      event.key,
      event.slots,
      event.json_path,
      event.voided_run_id,
    ]),
  };
  return { packed, texts: state.runs.map((run) => run.text) };
}

/** The state again; `lines` ends with one empty line. */
export function unpackState(value: unknown, lines: readonly string[]): FoldState | null {
  if (!isJsonObject(value)) return null;
  const packed = value as unknown as PackedState;
  const lists = [packed.runs, packed.graded, packed.spends, packed.voids, packed.bad_lines, packed.torn_lines, packed.notes];
  if (packed.version !== FOLD_VERSION || !Number.isInteger(packed.line) || !lists.every(Array.isArray)) return null;
  if (lines.length !== packed.runs.length + 1) return null;
  return {
    ...packed,
    runs: packed.runs.map((run, index) => unpackRun(run, lines[index] ?? "")),
    graded: packed.graded.map(unpackGraded),
    spends: packed.spends.map(unpackSpend),
    voids: packed.voids.map(unpackVoid),
  };
}

function unpackRun([at_ms, ordinal, as, neutral, rewards]: PackedRun, text: string): KeptRun {
  return { at_ms, ordinal, as: KEPT_AS[as] ?? "run", neutral: neutral === 1, rewards: rewards === 0 ? [] : rewards, text };
}

function unpackGraded([at_ms, ordinal, generated_at, classification, run_id, agent_id, scale, outcome]: PackedGraded): GradedMark {
  const mark = { at_ms, ordinal, generated_at, classification, run_id, agent_id };
  return { ...mark, ...(scale === null ? {} : { scale }), ...(outcome === null ? {} : { outcome }) };
}

function packSpend({ event, print }: KeptRow<SpendEvent>): PackedSpend {
  const { at_ms, ordinal, run_id, generated_at, key, slots, json_path, source, agent_id, delivery_run_id, delivery_run_generated_at } =
    event;
  const shortKey = key === generated_at ? 0 : key;
  return [
    at_ms,
    ordinal,
    print,
    run_id,
    generated_at,
    shortKey,
    slots,
    json_path,
    source,
    agent_id,
    delivery_run_id,
    delivery_run_generated_at,
  ];
}

function unpackSpend(row: PackedSpend): KeptRow<SpendEvent> {
  const [at_ms, ordinal, print, run_id, generated_at, key, slots, json_path, source, agent_id, delivery_run_id, delivery_run_generated_at] =
    row;
  const event = { run_id, generated_at, at_ms, ordinal, key: key === 0 ? generated_at : key, slots, json_path, source, agent_id };
  return { at_ms, ordinal, print, event: { ...event, delivery_run_id, delivery_run_generated_at } };
}

function unpackVoid([at_ms, ordinal, print, run_id, generated_at, key, slots, json_path, voided_run_id]: PackedVoid): KeptRow<VoidEvent> {
  return { at_ms, ordinal, print, event: { run_id, generated_at, at_ms, ordinal, key, voided_run_id, slots, json_path } };
}
