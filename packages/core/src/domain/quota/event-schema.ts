/** The `quota_event` forms of the index (table below FIL-66), for generated schemas. Reading is `event.ts`. */
import * as z from "zod/mini";
import { QUOTA_STATES } from "./facts.ts";

export const SPEND_SOURCES = ["heartbeat", "controller", "adapter"] as const;

/** The quota before or after a ledger row (DEC-60). */
export const QuotaMarkSchema = z.object({ spent_slots: z.number(), remaining_slots: z.number(), state: z.enum(QUOTA_STATES) });

export const QuotaSpentEventSchema = z.looseObject({
  event_type: z.literal("quota_slot_spent"),
  source: z.string(),
  slots: z.number(),
  reason_summary: z.string(),
  /** The record this spend pays for; null where none is cited. */
  delivery_run_id: z.nullable(z.string()),
  delivery_run_generated_at: z.nullable(z.string()),
  delivery_run_classification: z.nullable(z.string()),
  override_reason: z.optional(z.string()),
  before: QuotaMarkSchema,
  after: QuotaMarkSchema,
});

export const QuotaVoidedEventSchema = z.looseObject({
  event_type: z.literal("quota_slot_voided"),
  source: z.string(),
  slots: z.number(),
  reason_summary: z.string(),
  voided_run_id: z.string(),
  voided_run_generated_at: z.string(),
  before: QuotaMarkSchema,
  after: QuotaMarkSchema,
});

export const QuotaPollEventSchema = z.looseObject({
  event_type: z.literal("quota_monitor_poll"),
  source: z.string(),
  slots: z.literal(0),
  target_key: z.optional(z.string()),
  todo_id: z.optional(z.string()),
  result_hash: z.optional(z.string()),
  material_change: z.boolean(),
  reason_summary: z.string(),
});

export const QuotaEventSchema = z.union([QuotaSpentEventSchema, QuotaVoidedEventSchema, QuotaPollEventSchema]);
