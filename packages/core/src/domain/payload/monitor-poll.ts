/** The answer of `quota monitor-poll` (CMD-85). */
import * as z from "zod/mini";
import { RULE_NAMES } from "../quota/answers.ts";
import { QuotaPollEventSchema } from "../quota/event-schema.ts";
import { appendedRun, count, effect, flag, oneOf, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { SuccessorSchema } from "./todo.ts";

export const MonitorPollSchema = z.strictObject({
  ...effect,
  appended: flag("True when a line was appended to the run index."),
  goal_id: z.string(),
  rule: oneOf(RULE_NAMES, "The rule that let the poll be recorded."),
  todo_id: textOrNull("The monitor; null when no todo watches the key."),
  target_key: textOrNull("What was looked at."),
  material_change: flag("Whether the look found something new."),
  delivery_outcome: oneOf(["surface_only", "outcome_progress"], "What the look counts as; it is never paid."),
  last_checked_at: textOrNull("As the monitor says it now; null without a monitor, like the rest."),
  next_due_at: textOrNull("When the next look is due."),
  consecutive_no_change: z.nullable(count("Looks in a row that found nothing new.")),
  successors: z.array(SuccessorSchema).check(z.describe("What follows, from --next-agent-todo and --next-user-todo.")),
  state_file: text("Absolute path of the goal state."),
  registry_mutated: z.literal(false),
  quota_event: QuotaPollEventSchema,
  ...appendedRun,
});
/** A recorded look at a monitor. */
export type MonitorPollResult = PayloadOf<typeof MonitorPollSchema>;
