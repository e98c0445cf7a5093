/** The answer of `quota status` and `quota plan` (CMD-82). */
import * as z from "zod/mini";
import { GOAL_STATES, RULE_NAMES, WAITING_PARTIES } from "../quota/answers.ts";
import { QuotaViewSchema } from "../quota/verdict-schema.ts";
import { count, oneOf, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const QuotaPlanItemSchema = z.strictObject({
  goal_id: z.string(),
  agent_id: z.optional(text("Whose turn it would be, on a goal with registered agents.")),
  state: z.enum(GOAL_STATES),
  rule: z.enum(RULE_NAMES),
  should_run: z.boolean(),
  waiting_on: oneOf(WAITING_PARTIES, "Who has to act."),
  severity: z.enum(["high", "action", "watch"]),
  recommended_action: z.string(),
  quota: QuotaViewSchema,
});
/** One goal in its group. */
export type QuotaPlanItem = PayloadOf<typeof QuotaPlanItemSchema>;

/** One value for each state of a goal. */
const perState = <Value extends z.core.$ZodType>(value: Value) => z.record(z.enum(GOAL_STATES), value);

export const QuotaPlanSchema = z.strictObject({
  goal_count: z.int(),
  run_count: z.int(),
  summary: z.strictObject({
    registered_goals: z.int(),
    health_blockers: count("Goals of severity high."),
    next_automatic_turn: textOrNull("The first goal that may run."),
    states: perState(z.int()),
  }),
  next_automatic_turn: z.nullable(QuotaPlanItemSchema),
  groups: perState(z.array(QuotaPlanItemSchema)).check(
    z.describe("Goals by state, each group cut at --limit: higher compute first, then fewer spent."),
  ),
  health_items: z.array(QuotaPlanItemSchema),
});
/** All goals by state, and whose turn is next. */
export type QuotaPlan = PayloadOf<typeof QuotaPlanSchema>;

export const QuotaStatusSchema = z.strictObject({ mode: z.enum(["status", "plan"]), runtime_root: z.string(), ...QuotaPlanSchema.shape });
/** What `quota status` and `quota plan` answer. */
export type QuotaStatusResult = PayloadOf<typeof QuotaStatusSchema>;
