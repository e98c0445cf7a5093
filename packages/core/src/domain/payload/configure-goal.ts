/** What `configure-goal` and `register-agent` changed, or would change (CMD-46, CMD-47). */
import * as z from "zod/mini";
import { effect, flag, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { GlobalSyncSchema } from "./sync-global.ts";

const fields = z.record(z.string(), z.unknown());

export const ConfigureGoalSchema = z.strictObject({
  ...effect,
  goal_id: text("The goal."),
  registry: text("The registry that is changed: of a goal of the global view, the one it comes from."),
  changed: flag("False when the entry says all of it already."),
  changed_fields: texts("Dotted names, such as `quota.compute`."),
  before: fields.check(z.describe("By dotted name; null where there was nothing.")),
  after: fields.check(z.describe("By dotted name; null where nothing is left.")),
  global_sync: z.nullable(GlobalSyncSchema),
});
/** A changed entry. */
export type ConfigureGoalResult = PayloadOf<typeof ConfigureGoalSchema>;

export const RegisterAgentSchema = z.strictObject({
  ...ConfigureGoalSchema.shape,
  registered_agents: texts("Every agent of the goal."),
  added: texts("Those that are new."),
  primary_agent: textOrNull("Who reviews, merges and publishes."),
});
/** A goal's agents. */
export type RegisterAgentResult = PayloadOf<typeof RegisterAgentSchema>;
