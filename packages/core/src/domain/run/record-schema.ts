/**
 * The shape of an index record, for generated JSON Schemas and for programs that write adapters.
 * Readers inside LoopX do not use it: an index is read key by key, so that an odd record stays readable (FIL-64).
 */
import * as z from "zod/mini";
import { QuotaEventSchema } from "../quota/event-schema.ts";
import { BATCH_SCALES, DELIVERY_OUTCOMES, HumanRewardSchema } from "./history.ts";

export const DeliveryEvidenceSchema = z.looseObject({
  artifacts: z.array(z.string()),
  validation: z.string(),
});

export const OperatorGateSchema = z.looseObject({
  recorded_at: z.string(),
  gate: z.string(),
  decision: z.enum(["approve", "reject", "defer"]),
  operator_question: z.string(),
  reason_summary: z.string(),
  follow_up: z.optional(z.string()),
  agent_command: z.optional(z.string()),
});

/** One line of `index.jsonl` (FIL-61 and the table of kinds below FIL-66). Unknown keys are kept. */
export const RunRecordSchema = z.looseObject({
  generated_at: z.string(),
  goal_id: z.string(),
  classification: z.string(),
  recommended_action: z.string(),
  health_check: z.string(),
  json_path: z.string(),
  markdown_path: z.string(),
  recommended_action_source: z.optional(z.string()),
  state: z.optional(z.looseObject({ sha256_16: z.optional(z.string()) })),
  progress_scope: z.optional(z.enum(["goal", "agent_lane"])),
  delivery_batch_scale: z.optional(z.enum(BATCH_SCALES)),
  delivery_outcome: z.optional(z.enum(DELIVERY_OUTCOMES)),
  delivery_evidence: z.optional(DeliveryEvidenceSchema),
  agent_id: z.optional(z.string()),
  operator_gate: z.optional(OperatorGateSchema),
  quota_event: z.optional(QuotaEventSchema),
  human_reward: z.optional(HumanRewardSchema),
  schema_version: z.optional(z.string()),
  run_id: z.optional(z.string()),
  artifact_stem: z.optional(z.string()),
});
/** An index record as adapters write it. */
export type RunRecord = z.infer<typeof RunRecordSchema>;
