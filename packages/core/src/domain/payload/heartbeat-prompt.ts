/** The answer of `heartbeat-prompt` (CMD-50). */
import * as z from "zod/mini";
import { FORMS } from "../heartbeat/inputs.ts";
import { count, oneOf, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const InterfaceBudgetSchema = z.strictObject({
  mode: z.enum(FORMS),
  char_count: count("Characters of the body as printed."),
  line_count: z.int(),
  budget_char_count: count("Characters with a placeholder for each goal id, path and binary."),
  max_chars: count("The form's limit."),
  within_budget: z.boolean(),
});
export type InterfaceBudget = PayloadOf<typeof InterfaceBudgetSchema>;

export const HeartbeatPromptSchema = z.strictObject({
  goal_id: z.string(),
  active_state: text("The state file the prompt names."),
  active_state_source: oneOf(["registry", "override"], "`override`: named by --active-state."),
  thin: z.boolean(),
  brief: z.boolean(),
  compact: z.boolean(),
  cli_bin: text("The binary in every printed command."),
  agent_id: z.nullable(z.string()),
  agent_role: z
    .nullable(z.enum(["primary-agent", "side-agent", "label"]))
    .check(z.describe("`label`: the goal has no registered agents, so the id is only a name.")),
  agent_scopes: z.array(z.string()),
  full_prompt_command: text("Prints the full form."),
  compact_prompt_command: z.string(),
  brief_prompt_command: z.string(),
  thin_prompt_command: z.string(),
  quota_guard_command: text("Asks for the verdict."),
  quota_spend_command: text("Pays after the work is recorded."),
  refresh_state_command: text("Records a run without a delivery."),
  progress_refresh_state_command: text("Records finished work."),
  cli_preflight: text("How the agent finds the binary."),
  material_rule: z.string(),
  permission_rule: z.string(),
  interface_budget: InterfaceBudgetSchema,
  task_body: text("The prompt."),
  zero_token_command: text("Wakes no model when there is nothing to do."),
  visible_goal_text: text("The line a person sees."),
});
/** A heartbeat prompt with every command it names. */
export type HeartbeatPayload = PayloadOf<typeof HeartbeatPromptSchema>;
