/** A recorded answer to an operator gate (CMD-112). */
import * as z from "zod/mini";
import { appendedRun, effect, flag, openObject, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { GlobalSyncSchema } from "./sync-global.ts";

export const OperatorGateAnswerSchema = z.strictObject({
  ...effect,
  appended: flag("True when the answer stands in the run index."),
  goal_id: text("The goal."),
  generated_at: text("When it was recorded."),
  run_id: appendedRun.run_id,
  classification: z.enum(["operator_gate_approved", "operator_gate_rejected", "operator_gate_deferred"]),
  operator_gate: openObject("Gate, decision, question, reason and what is handed on."),
  operator_gate_resume_contract: openObject("What an agent checks before it resumes."),
  recommended_action: text("What follows from the answer."),
  json_path: appendedRun.json_path,
  markdown_path: appendedRun.markdown_path,
  global_sync: z.nullable(GlobalSyncSchema),
});
/** A recorded answer. */
export type OperatorGateResult = PayloadOf<typeof OperatorGateAnswerSchema>;
