/**
 * The run that a judgement is about, found by one pass over the log (CMD-113). Only lines that can be it are folded, so
 * an old run is found as surely as a new one and memory stays bounded.
 */
import type { Digest } from "../digest.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { createFold, type FoldEntry } from "../run/fold.ts";
import type { History, Run } from "../run/history.ts";
import { isQuotaRow } from "../run/neutral.ts";
import { instantKey } from "../run/order.ts";
import { derivedRunId } from "../run/record.ts";

/** How the caller names the run; without a name it is the newest that is no quota event. */
export type RunSelect =
  | { readonly by: "newest" }
  | { readonly by: "run_id"; readonly run_id: string }
  | { readonly by: "generated_at"; readonly generated_at: string };

export type RunChoice =
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly runs: readonly Run[] };

/**
 * The choice as the newest runs of a history tell it; null when an older one might be meant, too. `newest` may be cut short,
 * so a run counts as found only when one that is older than it is kept as well.
 */
export function targetAmong({ newest, run_count }: Pick<History, "newest" | "run_count">, select: RunSelect): RunChoice | null {
  const complete = newest.length === run_count;
  const matching = newest.filter((run) => isMeant(run, select));
  const [first] = matching;
  if (first === undefined) return complete ? { kind: "none" } : null;
  const oldest = newest.at(-1)?.at_ms ?? null;
  const surrounded = oldest !== null && first.at_ms !== null && oldest < first.at_ms;
  return complete || surrounded ? choiceOf(matching, select) : null;
}

function isMeant(run: Run, select: RunSelect): boolean {
  switch (select.by) {
    case "newest":
      return isJudged(run.record as JsonObject);
    case "run_id":
      return run.run_id === select.run_id;
    case "generated_at":
      return instantKey(run.generated_at) === instantKey(select.generated_at);
  }
}

/** A quota event is no work that a person could judge. */
function isJudged(record: JsonObject): boolean {
  return !isQuotaRow(record) && !isJsonObject(record["quota_event"]);
}

export interface TargetReader {
  /** Entries come oldest first; blank lines are not given. */
  add(entry: FoldEntry): void;
  finish(): { readonly record_count: number; readonly choice: RunChoice };
}

/** More runs of one instant than this are not told apart by name anyway. */
const RUNS_KEPT = 50;

/** A reader for one goal's log. `record_count` is the number of its non-blank lines. */
export function createTargetReader(options: { goal_id: string; select: RunSelect; digest: Digest }): TargetReader {
  const { select, digest } = options;
  const fold = createFold({ goal_id: options.goal_id, keep: RUNS_KEPT, spends_since_ms: Number.MAX_SAFE_INTEGER, digest });
  let record_count = 0;
  return {
    add: (entry) => {
      record_count += 1;
      if (entry.kind === "record" && mayBe(entry.record, select, digest)) fold.add(entry);
    },
    finish: () => ({ record_count, choice: choiceOf(fold.finish("0").newest, select) }),
  };
}

function choiceOf(newest: readonly Run[], select: RunSelect): RunChoice {
  const [run, ...others] = newest;
  if (run === undefined) return { kind: "none" };
  return select.by === "newest" || others.length === 0 ? { kind: "run", run } : { kind: "several", runs: newest };
}

/** An overlay carries its run's fields, so it is kept with its run. */
function mayBe(record: JsonObject, select: RunSelect, digest: Digest): boolean {
  switch (select.by) {
    case "newest":
      return isJudged(record);
    case "run_id":
      return idOf(record, digest) === select.run_id;
    case "generated_at":
      return instantKey(text(record["generated_at"]) ?? "") === instantKey(select.generated_at);
  }
}

function idOf(record: JsonObject, digest: Digest): string {
  const identity = {
    generated_at: text(record["generated_at"]) ?? "",
    json_path: text(record["json_path"]),
    markdown_path: text(record["markdown_path"]),
  };
  return text(record["run_id"]) ?? derivedRunId(digest, identity);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
