/** From a fold's state to the `History` that decisions and queries read. Ids that lines lack are derived here, for kept runs only (FIL-61). */
import type { Digest } from "../digest.ts";
import type { JsonObject } from "../json.ts";
import { recordOf, type Held } from "./fold-runs.ts";
import { JUDGED_KEPT, type FoldState, type GradedMark, type KeptRow } from "./fold-state.ts";
import type { History, Run, SpendEvent, VoidEvent } from "./history.ts";
import { isNewer } from "./order.ts";
import { derivedRunId } from "./record.ts";

export interface View {
  readonly head: string;
  readonly keep: number;
  readonly spends_since_ms: number;
  readonly digest: Digest;
}

/** The history a state stands for, narrowed to the view. */
export function historyOf(state: FoldState, held: readonly Held[], view: View): History {
  const runs = new Map<Held, Run>();
  const show = (item: Held): Run => {
    const known = runs.get(item) ?? runOf(item, view.digest);
    runs.set(item, known);
    return known;
  };
  deriveIds(state, view.digest);
  const statusRun = held.findLast((item) => !item.run.neutral);
  const approval = state.approval;
  return {
    record_count: state.record_count,
    run_count: state.run_count,
    head: view.head,
    newest: newestFirst(held, view.keep, (item) => item.run.as !== "copy").map(show),
    status_run: statusRun === undefined ? null : show(statusRun),
    graded: state.graded
      .filter((mark) => approval === null || isNewer(mark, approval))
      .reverse()
      .map(gradedRun),
    judged: newestFirst(held, JUDGED_KEPT, (item) => item.run.rewards.length > 0).map(show),
    spends: eventsSince(state.spends, view.spends_since_ms),
    voids: eventsSince(state.voids, view.spends_since_ms),
    bad_lines: state.bad_lines.map((line) => ({ ...line })),
    bad_line_count: state.bad_line_count,
    unaccepted_bad_line_count: state.unaccepted_bad_line_count,
    torn_lines: state.torn_lines.map((line) => ({ ...line })),
    notes: state.notes.map((item) => ({ ...item })),
  };
}

/** Gives ids to ledger rows and graded runs whose lines carry none; done once, since the state keeps them. */
export function deriveIds(state: FoldState, digest: Digest): void {
  for (const mark of state.graded) {
    if (mark.identity === undefined) continue;
    mark.run_id = derivedRunId(digest, mark.identity);
    delete mark.identity;
  }
  deriveEventIds(state.spends, digest);
  deriveEventIds(state.voids, digest);
}

function deriveEventIds<Event extends SpendEvent | VoidEvent>(rows: readonly KeptRow<Event>[], digest: Digest): void {
  for (const row of rows) {
    if (row.identity === undefined) continue;
    row.event = { ...row.event, run_id: derivedRunId(digest, row.identity) };
    delete row.identity;
  }
}

function eventsSince<Event extends SpendEvent | VoidEvent>(rows: readonly KeptRow<Event>[], since_ms: number): Event[] {
  return rows.filter((row) => row.at_ms !== null && row.at_ms >= since_ms).map((row) => row.event);
}

function newestFirst(held: readonly Held[], limit: number, wanted: (item: Held) => boolean): Held[] {
  const found: Held[] = [];
  for (let index = held.length - 1; index >= 0 && found.length < limit; index -= 1) {
    const item = held[index];
    if (item !== undefined && wanted(item)) found.push(item);
  }
  return found;
}

function runOf(item: Held, digest: Digest): Run {
  const record = withoutReward(recordOf(item).record);
  const identity = {
    generated_at: text(record["generated_at"]),
    json_path: textOrNull(record["json_path"]),
    markdown_path: textOrNull(record["markdown_path"]),
  };
  return {
    run_id: textOrNull(record["run_id"]) ?? derivedRunId(digest, identity),
    ...identity,
    at_ms: item.run.at_ms,
    ordinal: item.run.ordinal,
    classification: text(record["classification"]),
    recommended_action: text(record["recommended_action"]),
    health_check: text(record["health_check"]),
    agent_id: textOrNull(record["agent_id"]),
    record: { ...record },
    human_rewards: [...item.run.rewards],
  };
}

/** A graded run carries what grading and its listing read; the whole record stands in `newest`, while it is new. */
function gradedRun(mark: GradedMark): Run {
  const { at_ms, ordinal, run_id, generated_at, classification, agent_id, ...grades } = mark;
  const said = {
    ...("scale" in grades ? { delivery_batch_scale: grades.scale } : {}),
    ...("outcome" in grades ? { delivery_outcome: grades.outcome } : {}),
  };
  return {
    run_id,
    generated_at,
    at_ms,
    ordinal,
    classification,
    recommended_action: "",
    health_check: "",
    json_path: null,
    markdown_path: null,
    agent_id,
    record: { generated_at, classification, ...said, run_id },
    human_rewards: [],
  };
}

function withoutReward(record: JsonObject): JsonObject {
  if (record["human_reward"] === undefined) return record;
  const { human_reward: _reward, ...rest } = record;
  return rest;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
