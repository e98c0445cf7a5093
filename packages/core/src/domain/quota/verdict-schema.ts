/**
 * The shape of a verdict (DEC-50): the contract with agents, dashboards and scripts, from which the JSON Schema is
 * made. Verdicts are built, not parsed, so nothing that answers `should-run` loads this file.
 */
import * as z from "zod/mini";
import { PRIORITIES, TASK_CLASSES } from "../goal-state/todo.ts";
import { ExecutionProfileSchema } from "../goal/entry.ts";
import { DECISION_KINDS, EFFECTIVE_ACTIONS, GOAL_STATES, RECOMMENDED_MODES, RULE_NAMES, WAITING_PARTIES } from "./answers.ts";
import { DeliveryContractSchema } from "./contract.ts";
import { FindingSchema, QUOTA_STATES } from "./facts.ts";

export const VERDICT_SCHEMA_VERSION = "loopx_quota_should_run_v1";

const text = (limit: number, says: string) => z.string().check(z.maxLength(limit), z.describe(says));
const texts = (says: string) => z.array(z.string()).check(z.describe(says));
const count = (says: string) => z.number().check(z.describe(says));
const flag = (says: string) => z.boolean().check(z.describe(says));

export const SelectedTodoSchema = z.strictObject({
  todo_id: z.string(),
  text: text(200, "The todo's text, priority prefix included."),
  priority: z.nullable(z.enum(PRIORITIES)),
  task_class: z.enum(TASK_CLASSES),
  selected_by: z.enum(["current_agent_claimed_todo", "unclaimed_todo", "stale_claim_takeover", "priority", "due_monitor"]),
  claimed_by: z.nullable(z.string()),
  claim_required_before_work: flag("A registered agent without its own claim claims before it works."),
  required_write_scopes: z.optional(texts("Write scopes the todo needs; all are granted.")),
});

export const TodoHolderSchema = z.strictObject({
  todo_id: z.string(),
  holder: z.string(),
  by: z.enum(["claim", "lease"]),
  until: z.nullable(z.string()).check(z.describe("When the lease expires or the claim goes stale; null for a claim without a time.")),
  live: flag("False for a stale claim and for one of a name that is not registered: it holds nothing."),
});
/** Who holds a todo, until when. */
export type TodoHolder = z.infer<typeof TodoHolderSchema>;

export const TodoListSchema = z.strictObject({
  open_count: count("Todos with status open or blocked."),
  next: z
    .array(
      z.strictObject({
        todo_id: z.string(),
        text: text(120, "The todo's text."),
        task_class: z.enum(TASK_CLASSES),
        gates: z.optional(flag("True for a user todo that gates.")),
        held_by: z.optional(text(80, "The agent that holds it by a live claim or lease.")),
        held_until: z.optional(z.string().check(z.describe("When that ends."))),
      }),
    )
    .check(z.maxLength(3), z.describe("Gating ones first, then by rank.")),
});

/** A goal's quota as every projection prints it. */
export const QuotaViewSchema = z.strictObject({
  compute: z.number(),
  window_hours: z.number(),
  slot_minutes: z.number(),
  allowed_slots: z.number(),
  spent_slots: z.number(),
  remaining_slots: z.number(),
  state: z.enum(QUOTA_STATES),
});

export const OrchestrationSchema = z.strictObject({
  mode: z.string(),
  allowed: z.boolean(),
  max_children: z.number(),
  allowed_domains: z.array(z.string()),
});

export const GoalBoundarySchema = z.strictObject({
  adapter: z.strictObject({ kind: z.string(), status: z.string() }),
  write_scope: texts("Granted write scopes, those of an unexpired boundary authority included."),
  requires_parent_approval: texts("Actions that the parent has to approve."),
  guards: texts("Sentences that always hold."),
  stop_condition: z.string(),
  orchestration: z.nullable(OrchestrationSchema),
  minimum_scale: z.string(),
});

export const WarningSchema = z.strictObject({
  code: z.string(),
  message: text(160, "What to know; a warning never changes the verdict."),
  todo_id: z.optional(z.string()),
  agent_id: z.optional(z.string()),
  count: z.optional(count("How many of this kind there are, when more than one.")),
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  key: z.optional(z.string()),
  match_count: z.optional(z.number()),
  matches: z.optional(
    z
      .array(z.strictObject({ run_generated_at: z.string(), kind: z.string(), avoid: z.string(), prefer: z.array(z.string()) }))
      .check(z.maxLength(3)),
  ),
});

const HeartbeatSchema = z.strictObject({
  recommended_mode: z.enum(RECOMMENDED_MODES),
  notify: z.enum(["NOTIFY", "DONT_NOTIFY"]),
  reason: text(160, "What this wake-up is for."),
  spend_policy: z.enum(["spend_once_after_writeback", "spend_only_for_validated_new_evidence", "no_spend"]),
  command: z.optional(z.string().check(z.describe("The one command to run, for first_map and approved_command."))),
});

const ObligationSchema = z.strictObject({
  must_attempt_work: flag("One bounded attempt is owed, also with DONT_NOTIFY."),
  kind: z.enum([...EFFECTIVE_ACTIONS, "attempt_due_monitor", "run_agent_command", "run_first_read_only_map", "none"]),
  delivery_allowed: flag("False: only the named work."),
  notify_is_execution_gate: z.literal(false),
});

export const RunViewSchema = z.strictObject({
  run_id: z.string(),
  generated_at: z.string(),
  classification: z.string(),
  recommended_action: z.string(),
  agent_id: z.nullable(z.string()),
  scale: z.string(),
  outcome: z.string(),
});

export const HandoffReadinessSchema = z.strictObject({
  post_handoff_small_scale_streak: z.number(),
  post_handoff_outcome_gap_streak: z.number(),
  graded_runs: z.array(z.strictObject({ run_id: z.string(), scale: z.string(), outcome: z.string() })),
});

const TodoNameSchema = z.strictObject({ todo_id: z.string(), text: z.string() });
const HeldSchema = z.strictObject({ todo_id: z.string(), holder: z.string() });

/** The keys that `--detail` adds. */
const detail = {
  trace: z.optional(z.array(z.strictObject({ rule: z.enum(RULE_NAMES), matched: z.boolean() }))),
  findings: z.optional(z.array(FindingSchema)),
  source: z.optional(z.string()),
  lifecycle_phase: z.optional(z.string()),
  lifecycle_flags: z.optional(z.array(z.string())),
  latest_run: z.optional(z.nullable(RunViewSchema)),
  agent_identity: z.optional(z.strictObject({ agent_id: z.string(), role: z.nullable(z.string()), primary_agent: z.nullable(z.string()) })),
  workspace_guard: z.optional(z.strictObject({ current_workspace: z.string() })),
  scoped_user_gate_fallback: z.optional(
    z.strictObject({
      selected_executable: TodoNameSchema,
      blocked_user_gate: TodoNameSchema,
      blocked_agent_items: z.array(TodoNameSchema),
    }),
  ),
  agent_scope_frontier: z.optional(
    z.strictObject({ blocking_review_claimants: z.array(z.string()), other_agent_claims: z.array(HeldSchema) }),
  ),
  holders: z.optional(z.array(TodoHolderSchema)),
  boundary_projection_gap: z.optional(z.strictObject({ missing_write_scopes: z.array(z.string()) })),
  handoff_readiness: z.optional(HandoffReadinessSchema),
  execution_profile_object: z.optional(z.nullable(ExecutionProfileSchema)),
  quota_ledger: z.optional(
    z.strictObject({
      window_start: z.nullable(z.string()),
      spend_event_count: z.number(),
      void_event_count: z.number(),
      next_slot_at: z.nullable(z.string()),
      spend_source: z.literal("runtime_events"),
    }),
  ),
};

/** One verdict; keys stand in this order. */
export const VerdictSchema = z
  .strictObject({
    ok: flag("False when the registry, the goal's contract, a scan or the agent id is at fault; `error` then stands beside."),
    schema_version: z.literal(VERDICT_SCHEMA_VERSION),
    goal_id: z.string(),
    agent_id: z.optional(z.string()),
    should_run: flag("May the goal work now."),
    decision: z.enum(DECISION_KINDS),
    rule: z.enum(RULE_NAMES).check(z.describe("The rule that answered; `loopx why` shows the whole trace.")),
    reason: text(240, "Why, in one sentence."),
    state: z.enum(GOAL_STATES),
    effective_action: z.enum(EFFECTIVE_ACTIONS),
    waiting_on: z.enum(WAITING_PARTIES).check(z.describe("Who has to act.")),
    status: text(120, "Where the goal stands."),
    severity: z.enum(["high", "action", "watch"]),
    recommended_action: text(300, "What the named actor may do now."),
    selected_todo: z.optional(SelectedTodoSchema),
    quota: QuotaViewSchema,
    heartbeat_recommendation: HeartbeatSchema,
    execution_obligation: ObligationSchema,
    goal_boundary: GoalBoundarySchema,
    user_todos: TodoListSchema,
    agent_todos: TodoListSchema,
    execution_profile: z.string().check(z.describe("The execution profile on one line.")),
    handoff_delivery_contract: z.optional(DeliveryContractSchema),
    requires_user_action: z.boolean(),
    operator_question: z.optional(z.string().check(z.describe("What to ask the person, todos by name, and the reply form."))),
    agent_command: z.optional(z.string().check(z.describe("The command exactly as an operator approved it."))),
    warnings: z.array(WarningSchema),
    next_commands: z.strictObject({ refresh: z.nullable(z.string()), spend: z.nullable(z.string()) }),
    ...detail,
  })
  .check(z.describe("The answer to: may this goal work now, on what, within which bounds, and who has to act if not?"));

/** The printed object of `quota should-run`. */
export type Verdict = z.infer<typeof VerdictSchema>;
export type SelectedTodo = z.infer<typeof SelectedTodoSchema>;
export type TodoList = z.infer<typeof TodoListSchema>;
/** A goal's quota, printed. */
export type QuotaView = z.infer<typeof QuotaViewSchema>;
export type GoalBoundary = z.infer<typeof GoalBoundarySchema>;
export type VerdictWarning = z.infer<typeof WarningSchema>;
export type HandoffReadiness = z.infer<typeof HandoffReadinessSchema>;
export type RunView = z.infer<typeof RunViewSchema>;
