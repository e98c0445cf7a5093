/**
 * The heartbeat prompt: one generator for four forms, from one set of inputs, so that they cannot contradict each other.
 * It reads nothing, writes nothing and knows no clock; the same request gives the same bytes (HBT-10).
 */
import { VISIBLE_GOAL_TEXT } from "../locale/heartbeat.ts";
import type { HeartbeatPayload, InterfaceBudget } from "../payload/heartbeat-prompt.ts";
import { bodyOf, interfaceBudget } from "./budget.ts";
import { heartbeatCommands, siblingCommand, tellPersonCommand, zeroTokenCommand } from "./commands.ts";
import { heartbeatInputs } from "./inputs.ts";
import type { HeartbeatInputs, HeartbeatRequest, Refused } from "./inputs.ts";
import { preflightLines } from "./preflight.ts";

export type { HeartbeatPayload } from "../payload/heartbeat-prompt.ts";

/** A prompt within its budget, with the checked inputs it was made from. */
export interface HeartbeatPrompt {
  readonly kind: "prompt";
  readonly inputs: HeartbeatInputs;
  readonly payload: HeartbeatPayload;
  readonly body: string;
  /** The second line of the form without a model (HBT-43); shown in Markdown only. */
  readonly tell_person_command: string;
}

/** The prompt, or why there is none. A body over its budget is refused, never cut (HBT-31). */
export function heartbeatPrompt(request: HeartbeatRequest): HeartbeatPrompt | Refused {
  const checked = heartbeatInputs(request);
  if (checked.kind === "refused") return checked;
  const { inputs } = checked;
  const body = bodyOf(inputs);
  const budget = interfaceBudget(inputs, body);
  if (!budget.within_budget) {
    return {
      kind: "refused",
      code: "too_large",
      message: `The ${inputs.form} body has ${budget.budget_char_count} characters; its limit is ${budget.max_chars}.`,
      hint: "shorten the scopes or the rules, or take a longer form",
    };
  }
  return { kind: "prompt", inputs, body, payload: payloadOf(inputs, body, budget), tell_person_command: tellPersonCommand(inputs) };
}

function payloadOf(inputs: HeartbeatInputs, body: string, budget: InterfaceBudget): HeartbeatPayload {
  const commands = heartbeatCommands(inputs);
  return {
    goal_id: inputs.goal_id,
    active_state: inputs.active_state,
    active_state_source: inputs.active_state_source,
    thin: inputs.form === "thin",
    brief: inputs.form === "brief",
    compact: inputs.form === "compact",
    cli_bin: inputs.invocation.cli_bin,
    agent_id: inputs.agent?.agent_id ?? null,
    agent_role: inputs.agent?.agent_role ?? null,
    agent_scopes: inputs.agent_scopes,
    full_prompt_command: siblingCommand(inputs, "full"),
    compact_prompt_command: siblingCommand(inputs, "compact"),
    brief_prompt_command: siblingCommand(inputs, "brief"),
    thin_prompt_command: siblingCommand(inputs, "thin"),
    quota_guard_command: commands.guard,
    quota_spend_command: commands.spend,
    refresh_state_command: commands.refresh,
    progress_refresh_state_command: commands.progress,
    cli_preflight: preflightLines(inputs.invocation.cli_bin).join("\n"),
    material_rule: inputs.material_rule,
    permission_rule: inputs.permission_rule,
    interface_budget: budget,
    task_body: body,
    zero_token_command: zeroTokenCommand(inputs),
    visible_goal_text: VISIBLE_GOAL_TEXT[inputs.locale](),
  };
}
