/** The answer of `why` (CMD-81). */
import * as z from "zod/mini";
import { DECISION_KINDS, RULE_NAMES } from "../quota/answers.ts";
import { TodoHolderSchema } from "../quota/verdict-schema.ts";
import { flag, oneOf, openObject, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const WhySchema = z.strictObject({
  goal_id: z.string(),
  decision: z.enum(DECISION_KINDS),
  rule: oneOf(RULE_NAMES, "The rule that answered."),
  trace: z
    .array(
      z.strictObject({
        rule: z.enum(RULE_NAMES),
        matched: flag("True for the last one only."),
        facts: openObject("What the rule looked at."),
      }),
    )
    .check(z.describe("Every rule asked, in order.")),
  holders: z.array(TodoHolderSchema).check(z.describe("Who holds which open todo, by rank; at most 20.")),
  to_change: z
    .array(
      z.strictObject({
        verdict: text("The rule that answers afterwards, or a state where that cannot be known."),
        next_todo: z
          .nullable(z.strictObject({ todo_id: z.string(), text: z.string() }))
          .check(z.describe("The todo it then hands out, when there is one already.")),
        actor: text("Who has to run the command."),
        command: text("Runs as printed."),
      }),
    )
    .check(z.describe("The one command that would change the verdict.")),
});
/** Every rule asked, the one that answered, and what would change the answer. */
export type Why = PayloadOf<typeof WhySchema>;
