/**
 * A goal's log as spend and void see it (DEC-61): every run and ledger row, reduced to what they decide from.
 * Bounded: a record beyond the newest 20,000 cannot be cited any more. Rows later than now are ignored.
 */
import type { Digest } from "../digest.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { fingerprint } from "../run/fingerprint.ts";
import type { FoldEntry } from "../run/fold.ts";
import { isGraded } from "../run/grades.ts";
import type { VoidEvent } from "../run/history.ts";
import { isApproval, isGateRecord, isQuotaRow } from "../run/neutral.ts";
import { atSameInstant, insertOrdered, type Placed } from "../run/order.ts";
import { derivedRunId } from "../run/record.ts";
import { instantMs } from "../time.ts";
import type { CitableRecord, CitationLedger } from "./citation-ledger.ts";
import { settle, type SpendRow } from "./citation-settle.ts";
import { readSpend, readVoid } from "./event.ts";

export const LEDGER_RECORDS = 20_000;

export interface CitationReader {
  add(entry: FoldEntry): void;
  finish(): CitationLedger;
}

interface ReaderOptions {
  readonly goal_id: string;
  readonly now_ms: number;
  readonly digest: Digest;
}

/** A reader for one goal's log; entries come oldest first. */
export function createCitationReader(options: ReaderOptions): CitationReader {
  const records: Printed<CitableRecord>[] = [];
  const spends: Printed<SpendRow>[] = [];
  const voids: Printed<VoidEvent>[] = [];
  let ordinal = 0;
  return {
    add: (entry) => {
      ordinal = entry.line ?? ordinal + 1;
      // An overlay repeats a run's fields, a quota row's among them; it is no second one.
      if (entry.kind !== "record" || isJsonObject(entry.record["human_reward"])) return;
      const head = headOf(entry.record, ordinal, options);
      if (head === null) return;
      const print = fingerprint(entry.text);
      if (entry.record["classification"] === "quota_slot_spent") addOnce(spends, { ...spendRow(head, entry.record), print });
      else if (entry.record["classification"] === "quota_slot_voided") addOnce(voids, { ...readVoid(head, entry.record), print });
      else if (!isQuotaRow(entry.record)) addOnce(records, { ...recordRow(head, entry.record), print });
    },
    finish: () => settle(records, spends, voids),
  };
}

type Printed<T extends Placed> = T & { readonly print: number };
type Head = Pick<CitableRecord, "run_id" | "generated_at" | "at_ms" | "ordinal">;

/** Null for a line of another goal and for a row from the future. */
function headOf(record: JsonObject, ordinal: number, options: ReaderOptions): Head | null {
  if (record["goal_id"] !== undefined && record["goal_id"] !== options.goal_id) return null;
  const generated_at = text(record["generated_at"]) ?? "";
  const at_ms = instantMs(generated_at);
  if (at_ms !== null && at_ms > options.now_ms) return null;
  const identity = { generated_at, json_path: text(record["json_path"]), markdown_path: text(record["markdown_path"]) };
  return { run_id: text(record["run_id"]) ?? derivedRunId(options.digest, identity), generated_at, at_ms, ordinal };
}

/** Equal lines are one (FIL-65). */
function addOnce<T extends Placed & { print: number }>(rows: T[], row: T): void {
  for (const known of atSameInstant(rows, row.at_ms)) if (known.print === row.print) return;
  insertOrdered(rows, row);
  if (rows.length > LEDGER_RECORDS) rows.shift();
}

function spendRow(head: Head, record: JsonObject): SpendRow {
  const event = record["quota_event"];
  return { ...readSpend(head, record), cites_nothing: isJsonObject(event) && text(event["override_reason"]) !== null };
}

function recordRow(head: Head, record: JsonObject): CitableRecord {
  const evidence = record["delivery_evidence"];
  const said = isJsonObject(evidence) ? evidence : {};
  const artifacts = said["artifacts"];
  const state = record["state"];
  return {
    ...head,
    classification: text(record["classification"]) ?? "",
    record: grades(record),
    agent_id: text(record["agent_id"]),
    health_check: text(record["health_check"]) ?? "",
    json_path: text(record["json_path"]),
    markdown_path: text(record["markdown_path"]),
    citable: !isGateRecord(record),
    graded: isGraded(record),
    approves: isApproval(record),
    has_artifacts: Array.isArray(artifacts) && artifacts.some((path) => text(path) !== null),
    has_validation: text(said["validation"]) !== null,
    state_sha256_16: isJsonObject(state) ? text(state["sha256_16"]) : null,
  };
}

function grades(record: JsonObject): JsonObject {
  const { delivery_batch_scale: scale, delivery_outcome: outcome } = record;
  return {
    ...(scale === undefined ? {} : { delivery_batch_scale: scale }),
    ...(outcome === undefined ? {} : { delivery_outcome: outcome }),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
