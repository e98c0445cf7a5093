/** The answers of `quota spend-slot` and `quota void-slot` (CMD-83, CMD-84). */
import * as z from "zod/mini";
import { QuotaMarkSchema, QuotaSpentEventSchema, QuotaVoidedEventSchema, SPEND_SOURCES } from "../quota/event-schema.ts";
import { appendedRun, effect, flag, oneOf, openObject, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const head = {
  ...effect,
  appended: flag("True when a line was appended to the run index."),
  goal_id: z.string(),
  slots: z.int(),
  source: oneOf(SPEND_SOURCES, "Who pays."),
};

export const SpendSlotSchema = z.strictObject({
  ...head,
  cited_run: z
    .nullable(z.strictObject({ run_id: z.string(), generated_at: z.string(), classification: z.string() }))
    .check(z.describe("The record that is paid for; null under an override and when refused.")),
  before: QuotaMarkSchema,
  after: z.nullable(QuotaMarkSchema).check(z.describe("Null when refused.")),
  would_throttle: z.nullable(z.boolean()).check(z.describe("Whether nothing is left afterwards; null when refused.")),
  registry_mutated: z.literal(false),
  quota_event: z.nullable(QuotaSpentEventSchema),
  ...appendedRun,
});

/** Why a spend was refused, as a value beside the result. */
export const SpendRefusalSchema = z.strictObject({
  code: z.literal("spend_refused"),
  message: z.string(),
  hint: z.string(),
  details: openObject("`reason` names the rule that refused."),
});
/** A spend, or its refusal beside what it was about. */
export type SpendSlotResult = PayloadOf<typeof SpendSlotSchema> & {
  /** `spend_refused`, with `details.reason`; null when the spend was accepted. */
  readonly error: PayloadOf<typeof SpendRefusalSchema> | null;
};

export const VoidSlotSchema = z.strictObject({
  ...head,
  voided_run: z.strictObject({ run_id: text("The spend that is undone."), generated_at: z.string() }),
  before: QuotaMarkSchema,
  after: QuotaMarkSchema,
  would_throttle: z.boolean(),
  registry_mutated: z.literal(false),
  quota_event: z.nullable(QuotaVoidedEventSchema),
  ...appendedRun,
});
/** A spend that was undone. */
export type VoidSlotResult = PayloadOf<typeof VoidSlotSchema>;
