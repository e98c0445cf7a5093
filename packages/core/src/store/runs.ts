/**
 * Appending a run: reserve a stem, write both artifacts completely, then the index line (FIL-60 to FIL-62).
 * A crash between them leaves an unreferenced artifact, which is harmless; the line is never there without its files.
 */
import type { GoalId } from "../domain/ids.ts";
import { textAt, type JsonObject } from "../domain/json.ts";
import { artifactName, artifactStem, buildRunRecord, runMarkdown, type RunKind } from "../domain/run/record.ts";
import { formatInstant, type Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { Fence, Lease } from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { LogPosition } from "../ports/logs.ts";
import type { Unreadable } from "../ports/unreadable.ts";

export type RunsHost = Pick<Host, "documents" | "logs" | "ids" | "places">;

/** Index lines are short; detail belongs into the artifact (FIL-102). */
export const LINE_LIMIT = 64 * 1024;
/** Records of one goal and millisecond; more is no accident. */
const STEM_ATTEMPTS = 1000;

export interface NewRun {
  readonly goal_id: GoalId;
  readonly kind: RunKind;
  readonly now: Moment;
  readonly classification: string;
  readonly recommended_action: string;
  readonly health_check: string;
  /** Kind fields of the index line, in their order. */
  readonly fields: JsonObject;
  /** What the JSON artifact says beside the line; its keys win over the line's. */
  readonly artifact?: JsonObject;
  /** The Markdown artifact; a plain list of the record when left out. */
  readonly markdown?: (record: JsonObject) => string;
  /** Given by a caller that wants to repeat safely; with `once` (REL-45). */
  readonly run_id?: string;
  readonly once?: boolean;
  /** The log position the caller decided from (REL-46). */
  readonly expected_head?: LogPosition;
  readonly fence?: Fence;
}

export type RunOutcome =
  | {
      readonly kind: "appended";
      readonly record: JsonObject;
      readonly run_id: string;
      readonly generated_at: string;
      readonly json_path: string;
      readonly markdown_path: string;
      readonly position: LogPosition;
      readonly head: LogPosition;
      readonly repaired_tail: boolean;
    }
  /** A record with this id is there already; nothing was appended. */
  | { readonly kind: "duplicate"; readonly record: JsonObject; readonly position: LogPosition }
  /** The log grew since `expected_head`: read, decide and try again. */
  | { readonly kind: "conflict"; readonly head: LogPosition | null }
  | { readonly kind: "fenced"; readonly current: Lease | null }
  | Busy
  | Unreadable;

/** Writes the run; the outcome is a value, `expectWritten` makes an error of it. */
export async function appendRun(host: RunsHost, run: NewRun): Promise<RunOutcome> {
  const run_id = run.run_id ?? host.ids.next("run_");
  const tooLong = oversize(host, run, recordFor(host, run, run_id, STEM_ATTEMPTS));
  if (tooLong !== null) return tooLong;
  // An index that takes no line is refused before its artifacts are written.
  const index = await host.logs.tail({ kind: "runs", goal_id: run.goal_id }, { limit: 1 });
  if (index.kind === "unreadable") return index;
  for (let attempt = 1; attempt <= STEM_ATTEMPTS; attempt += 1) {
    const record = recordFor(host, run, run_id, attempt);
    const reserved = await writeArtifacts(host, run, record);
    if (reserved.kind === "conflict") continue;
    return reserved.kind === "written" ? appendLine(host, run, record, run_id) : reserved;
  }
  return { kind: "conflict", head: null };
}

/** What the run would say, with the paths it would most likely get; nothing is reserved (dry runs). */
export function previewRun(host: Pick<Host, "places">, run: NewRun, run_id: string): JsonObject {
  return recordFor(host, run, run_id, 1);
}

/** Ids of the runs whose two artifact files both exist in the goal's own directory (DEC-62). */
export async function artifactsPresent(
  host: Pick<Host, "documents" | "places">,
  goal_id: GoalId,
  runs: readonly { readonly run_id: string; readonly json_path: string | null; readonly markdown_path: string | null }[],
): Promise<Set<string>> {
  const present = new Set<string>();
  for (const run of runs) {
    const both = (await artifactExists(host, goal_id, run.json_path)) && (await artifactExists(host, goal_id, run.markdown_path));
    if (both) present.add(run.run_id);
  }
  return present;
}

async function artifactExists(host: Pick<Host, "documents" | "places">, goal_id: GoalId, path: string | null): Promise<boolean> {
  const name = path === null ? null : artifactName(path, host.places.runsDirectory(goal_id)).name;
  return name !== null && (await host.documents.exists({ kind: "artifact", goal_id, name }));
}

function recordFor(host: Pick<Host, "places">, run: NewRun, run_id: string, attempt: number): JsonObject {
  const generated_at = formatInstant(run.now, "milliseconds");
  const artifact_stem = artifactStem(generated_at, run.kind, attempt);
  const path = `${host.places.runsDirectory(run.goal_id)}/${artifact_stem}`;
  const { goal_id, classification, recommended_action, health_check } = run;
  const head = {
    generated_at,
    goal_id,
    classification,
    recommended_action,
    health_check,
    json_path: `${path}.json`,
    markdown_path: `${path}.md`,
  };
  return buildRunRecord(head, run.fields, { run_id, artifact_stem });
}

/** The index refuses such a line later; here nothing was written for it yet. */
function oversize(host: Pick<Host, "places">, run: NewRun, record: JsonObject): Unreadable | null {
  const size = new TextEncoder().encode(JSON.stringify(record)).length + 1;
  const where = `${host.places.runsDirectory(run.goal_id)}/index.jsonl`;
  return size <= LINE_LIMIT
    ? null
    : { kind: "unreadable", reason: "too_large", where: `the new line of ${where}`, size, limit: LINE_LIMIT };
}

type Written = { readonly kind: "written" } | Exclude<RunOutcome, { kind: "appended" | "duplicate" }>;

/** Creating the JSON file is the reservation; `conflict` says that the stem is taken. */
async function writeArtifacts(host: RunsHost, run: NewRun, record: JsonObject): Promise<Written> {
  const stem = textAt(record, "artifact_stem");
  const json = `${JSON.stringify({ ...record, ...run.artifact }, null, 2)}\n`;
  const markdown = (run.markdown ?? runMarkdown)(record);
  for (const [name, text] of [[`${stem}.json`, json] as const, [`${stem}.md`, markdown] as const]) {
    const outcome = await host.documents.update({ kind: "artifact", goal_id: run.goal_id, name }, () => ({ write: text, value: null }), {
      expected: null,
      ...(run.fence === undefined ? {} : { fence: run.fence }),
    });
    if (outcome.kind === "conflict") return { kind: "conflict", head: null };
    // Something unusable stands under that name, such as a directory: it is taken too.
    if (outcome.kind === "unreadable" && outcome.reason !== "denied" && outcome.reason !== "io") return { kind: "conflict", head: null };
    if (outcome.kind !== "written" && outcome.kind !== "unchanged") return outcome;
  }
  return { kind: "written" };
}

async function appendLine(host: RunsHost, run: NewRun, record: JsonObject, run_id: string): Promise<RunOutcome> {
  const outcome = await host.logs.append({ kind: "runs", goal_id: run.goal_id }, record, {
    ...(run.once === undefined ? {} : { once: run.once }),
    ...(run.expected_head === undefined ? {} : { expected_head: run.expected_head }),
    ...(run.fence === undefined ? {} : { fence: run.fence }),
  });
  if (outcome.kind !== "appended") return outcome;
  const { position, head, repaired_tail } = outcome;
  const [generated_at, json_path, markdown_path] = [
    textAt(record, "generated_at"),
    textAt(record, "json_path"),
    textAt(record, "markdown_path"),
  ];
  return { kind: "appended", record, run_id, generated_at, json_path, markdown_path, position, head, repaired_tail };
}
