/**
 * Quota rows of the index: read into ledger events, and built for writing (FIL-68, table below FIL-66).
 * Nothing here judges; `ledger.ts` counts, `spend.ts` and `void.ts` decide.
 */
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Locale } from "../locale/locale.ts";
import { QUOTA_ROW_ACTION } from "../locale/quota-event.ts";
import type { SpendEvent, VoidEvent } from "../run/history.ts";
import type { RunKind } from "../run/record.ts";
import type { QuotaFacts } from "./facts.ts";

export type SpendSource = "heartbeat" | "controller" | "adapter";
export type QuotaMark = Pick<QuotaFacts, "spent_slots" | "remaining_slots" | "state">;

/** A ledger row's place; `run_id` is null where the line carries none. */
type RowHead = Pick<SpendEvent, "generated_at" | "at_ms" | "ordinal"> & { run_id: string };

/** A `quota_slot_spent` row as an event. What neither line nor `event` says is null. */
export function readSpend(head: RowHead, record: JsonObject, event: unknown = record["quota_event"]): SpendEvent {
  const said = isJsonObject(event) ? event : {};
  const slots = slotCount(said["slots"]);
  return {
    ...head,
    key: text(said["run_generated_at"]) ?? head.generated_at,
    slots,
    json_path: slots === null ? text(record["json_path"]) : null,
    source: text(said["source"]),
    agent_id: text(record["agent_id"]) ?? text(said["agent_id"]),
    delivery_run_id: text(said["delivery_run_id"]),
    delivery_run_generated_at: text(said["delivery_run_generated_at"]),
  };
}

/** A `quota_slot_voided` row as an event; its key is empty when it names no spend. */
export function readVoid(head: RowHead, record: JsonObject, event: unknown = record["quota_event"]): VoidEvent {
  const said = isJsonObject(event) ? event : {};
  const slots = slotCount(said["slots"]);
  return {
    ...head,
    key: text(said["voided_run_generated_at"]) ?? "",
    voided_run_id: text(said["voided_run_id"]),
    slots,
    json_path: slots === null ? text(record["json_path"]) : null,
  };
}

/** The parts of a row that `appendRun` wants; the rest it adds itself. */
export interface QuotaRow {
  readonly kind: RunKind;
  readonly classification: string;
  readonly recommended_action: string;
  readonly health_check: string;
  readonly fields: JsonObject;
}

const LEDGER_CHECK = "quota_ledger_row";

/** The row of an accepted spend. `cited` is null only under an override. */
export function spentRow(input: {
  source: SpendSource;
  slots: number;
  reason_summary: string;
  cited: { run_id: string; generated_at: string; classification: string } | null;
  override_reason: string | null;
  before: QuotaMark;
  after: QuotaMark;
  agent_id: string | null;
  locale: Locale;
}): QuotaRow {
  const quota_event: JsonObject = {
    event_type: "quota_slot_spent",
    source: input.source,
    slots: input.slots,
    reason_summary: input.reason_summary,
    delivery_run_id: input.cited?.run_id ?? null,
    delivery_run_generated_at: input.cited?.generated_at ?? null,
    delivery_run_classification: input.cited?.classification ?? null,
    ...(input.override_reason === null ? {} : { override_reason: input.override_reason }),
    before: mark(input.before),
    after: mark(input.after),
  };
  return row("quota_slot_spent", input.locale, { quota_event, ...agent(input.agent_id) });
}

/** The row that undoes one spend; it names the spend by id and by key, so that the older reader knows it too. */
export function voidedRow(input: {
  source: SpendSource;
  slots: number;
  reason_summary: string;
  voided: { run_id: string; key: string };
  before: QuotaMark;
  after: QuotaMark;
  agent_id: string | null;
  locale: Locale;
}): QuotaRow {
  const quota_event: JsonObject = {
    event_type: "quota_slot_voided",
    source: input.source,
    slots: input.slots,
    reason_summary: input.reason_summary,
    voided_run_id: input.voided.run_id,
    voided_run_generated_at: input.voided.key,
    before: mark(input.before),
    after: mark(input.after),
  };
  return row("quota_slot_voided", input.locale, { quota_event, ...agent(input.agent_id) });
}

/** The row of a monitor poll: it spends nothing, and its outcome follows from `material_change` (DEC-65). */
export function monitorPollRow(input: {
  source: SpendSource;
  target_key: string | null;
  todo_id: string | null;
  result_hash: string | null;
  material_change: boolean;
  reason_summary: string;
  agent_id: string | null;
  locale: Locale;
}): QuotaRow {
  const quota_event: JsonObject = {
    event_type: "quota_monitor_poll",
    source: input.source,
    slots: 0,
    ...(input.target_key === null ? {} : { target_key: input.target_key }),
    ...(input.todo_id === null ? {} : { todo_id: input.todo_id }),
    ...(input.result_hash === null ? {} : { result_hash: input.result_hash }),
    material_change: input.material_change,
    reason_summary: input.reason_summary,
  };
  const delivery_outcome = input.material_change ? "outcome_progress" : "surface_only";
  return row("quota_monitor_poll", input.locale, { delivery_outcome, quota_event, ...agent(input.agent_id) });
}

function row(kind: "quota_slot_spent" | "quota_slot_voided" | "quota_monitor_poll", locale: Locale, fields: JsonObject): QuotaRow {
  return { kind, classification: kind, recommended_action: QUOTA_ROW_ACTION[kind][locale](), health_check: LEDGER_CHECK, fields };
}

function mark(quota: QuotaMark): JsonObject {
  return { spent_slots: quota.spent_slots, remaining_slots: quota.remaining_slots, state: quota.state };
}

function agent(agent_id: string | null): JsonObject {
  return agent_id === null ? {} : { agent_id };
}

/** A count of slots, also as the numeric text the older LoopX accepted; null when it is none. */
function slotCount(value: unknown): number | null {
  const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof count === "number" && Number.isFinite(count) && count >= 0 ? count : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
