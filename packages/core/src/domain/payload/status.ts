/** The answer of `status` (CMD-63, CMD-66). */
import * as z from "zod/mini";
import { LOCALES } from "../locale/locale.ts";
import { DECISION_KINDS, GOAL_STATES } from "../quota/answers.ts";
import { AttentionQueueSchema } from "./attention.ts";
import { count, flag, oneOf, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { GlobalFindingSchema } from "./global-finding.ts";
import { ShownRunSchema } from "./history.ts";

export const StatusFindingSchema = z.strictObject({
  code: text("A finding of docs/errors.md."),
  message: z.string(),
  goal_id: z.optional(z.string()),
});
export type StatusFinding = PayloadOf<typeof StatusFindingSchema>;

const ContractSchema = z
  .strictObject({
    ok: flag("False when there is an error."),
    summary: z.strictObject({ errors: z.int(), warnings: z.int(), checks: count("Registry and goals that were looked at.") }),
    errors: z.array(StatusFindingSchema).check(z.describe("At most 50; the summary counts all.")),
    warnings: z.array(StatusFindingSchema).check(z.describe("At most 50.")),
  })
  .check(z.describe("The health of the registry, its goals and what was scanned."));

export const StatusSchema = z.strictObject({
  runtime_root: z.string(),
  goal_count: count("Goals shown."),
  run_count: count("All their runs."),
  status_contract: z.strictObject({
    schema_version: z.literal(2),
    minimum_dashboard_schema_version: z.literal(2),
    producer: z.literal("loopx"),
    reload_hint: z.string(),
  }),
  contract: ContractSchema,
  global_registry: z.strictObject({
    available: flag("False when there is none, or it cannot be read."),
    path: z.string(),
    goal_count: z.int(),
    findings: z.array(GlobalFindingSchema),
  }),
  attention_queue: AttentionQueueSchema,
  run_history: z.strictObject({
    available: z.boolean(),
    goals: z.array(
      z.strictObject({
        goal_id: z.string(),
        decision: z.enum(DECISION_KINDS),
        state: z.enum(GOAL_STATES),
        next_command: text("What to type next about this goal, as pasted."),
        run_count: z.int(),
        latest_generated_at: z.nullable(z.string()),
      }),
    ),
    runs: z.array(ShownRunSchema).check(z.describe("Newest first, at most --limit.")),
  }),
  locale: oneOf(LOCALES, "The language of the generated sentences."),
});
/** Where every goal stands, who has to act, and what is wrong. */
export type StatusResult = PayloadOf<typeof StatusSchema>;
