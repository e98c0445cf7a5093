/** An attention item, and the queue of them (DEC-70 to DEC-74, CMD-66): decisions as the operator's list shows them. */
import * as z from "zod/mini";
import { GOAL_STATES, RULE_NAMES, WAITING_PARTIES } from "../quota/answers.ts";
import { DeliveryContractSchema } from "../quota/contract.ts";
import { HandoffReadinessSchema, OrchestrationSchema, QuotaViewSchema, TodoHolderSchema, TodoListSchema } from "../quota/verdict-schema.ts";
import { LIFECYCLE_PHASES } from "../status/lifecycle.ts";
import { count, flag, oneOf, text } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";
import { HangingFindingSchema } from "./global-finding.ts";

const SEVERITIES = ["high", "action", "watch"] as const;
const SOURCES = ["contract", "run_history", "registry", "latest_run", "active_state"] as const;
const GATES = ["none", "user_todo", "registry", "read_only_map_opt_in", "operator_gate", "adapter", "health", "identity"] as const;

export type AttentionSource = (typeof SOURCES)[number];
export type AssetGate = (typeof GATES)[number];

export const ProjectAssetSchema = z
  .strictObject({
    owner: oneOf(WAITING_PARTIES, "Who has to act."),
    gate: oneOf(GATES, "What holds the goal."),
    next_action: z.string(),
    stop_condition: z.string(),
    execution_profile: text("The execution profile on one line."),
    orchestration: z.nullable(OrchestrationSchema),
    user_todos: TodoListSchema,
    agent_todos: TodoListSchema,
    quota: QuotaViewSchema,
  })
  .check(z.describe("The goal as an asset; values are the verdict's."));
/** A goal as an asset. */
export type ProjectAsset = PayloadOf<typeof ProjectAssetSchema>;

export const AgentViewSchema = z.strictObject({ agent_id: z.string(), rule: z.enum(RULE_NAMES), should_run: z.boolean() });
export type AgentView = PayloadOf<typeof AgentViewSchema>;

export const AttentionItemSchema = z.strictObject({
  goal_id: text("`loopx-contract` and `loopx-global` are about no single goal."),
  status: text("Where the goal stands."),
  waiting_on: oneOf(WAITING_PARTIES, "Who has to act."),
  severity: z.enum(SEVERITIES),
  recommended_action: text("What the named actor may do now."),
  rule: z.nullable(z.enum(RULE_NAMES)).check(z.describe("The rule that answered; null on items about no registered goal.")),
  state: z.nullable(z.enum(GOAL_STATES)),
  should_run: z.boolean(),
  requires_user_action: z.boolean(),
  next_command: z.optional(text("What whoever has to act types next, as pasted; absent on items about no registered goal.")),
  source: oneOf(SOURCES, "The file or record the item rests on."),
  lifecycle_phase: z.nullable(z.enum(LIFECYCLE_PHASES)),
  lifecycle_flags: z.array(z.enum(LIFECYCLE_PHASES)),
  quota: z.nullable(QuotaViewSchema),
  project_asset: z.nullable(ProjectAssetSchema),
  handoff_readiness: z.nullable(HandoffReadinessSchema),
  handoff_delivery_contract: z.optional(DeliveryContractSchema),
  operator_question: z.optional(text("What to ask the person.")),
  agent_command: z.optional(text("The command exactly as an operator approved it.")),
  next_handoff_condition: z.optional(z.string()),
  agents: z.optional(z.array(AgentViewSchema).check(z.describe("What each registered agent would be told, workspaces aside."))),
  holders: z.optional(z.array(TodoHolderSchema).check(z.describe("Who holds which open todo, by rank; at most 20."))),
  global_findings: z.optional(z.array(HangingFindingSchema).check(z.describe("What the global registry says of this goal."))),
});
/** One goal that somebody should look at. */
export type AttentionItem = PayloadOf<typeof AttentionItemSchema>;

export const AttentionQueueSchema = z.strictObject({
  available: flag("Always true here; readers of older answers look for it."),
  item_count: count("All items."),
  needs_user_or_controller: count("Items that wait for a person."),
  needs_controller: count("Of these, the ones that wait for the controller."),
  needs_codex: count("Items that wait for an agent."),
  watching_external_evidence: z.int(),
  watching_monitor: z.int(),
  items: z.array(AttentionItemSchema).check(z.describe("`loopx-contract` first, then by severity, then in the registry's order.")),
});
/** Everything that waits for somebody, with counts. */
export type AttentionQueue = PayloadOf<typeof AttentionQueueSchema>;
