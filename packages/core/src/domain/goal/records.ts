/**
 * The registry records as LoopX writes them, for the JSON Schemas in `schemas/`. Loose: unknown keys are legal and survive.
 * Nothing reads a registry with these; readers are tolerant (`read-entry.ts`), a schema would refuse.
 */
import * as z from "zod/mini";
import { ADAPTER_STATUSES, AttentionOverrideSchema, ExecutionProfileSchema, WAITING_ON } from "./entry.ts";

const say = (description: string) => z.describe(description);
const text = (description: string) => z.string().check(say(description));
const texts = (description: string) => z.array(z.string()).check(say(description));
const optionalNumber = (description: string) => z.optional(z.number().check(say(description)));

const AuthoritySourceSchema = z.looseObject({
  kind: z.optional(text("What the source is, `goal_doc` for the goal document.")),
  path: z.optional(text("Its path.")),
  role: z.optional(text("Its part, `primary_goal_document` for the one to read first.")),
});

const AdapterSchema = z
  .looseObject({
    kind: text("The adapter; `read_only_project_map_v0` and names ending in `_read_only_map_v0` only map the project."),
    status: text(`One of ${ADAPTER_STATUSES.join(", ")}; any other text counts as not connected.`),
  })
  .check(say("How the project is read."));

const SpawnPolicyRecordSchema = z
  .looseObject({
    mode: text("`multi_subagent` or `default`."),
    allowed: z.boolean().check(say("Whether sub-agents may be started.")),
    max_children: z.number().check(say("How many at once.")),
    allowed_domains: texts("Domains sub-agents may work in."),
  })
  .check(say("Whether and how the goal's agent may start others."));

const AgentRecordSchema = z.union([
  z.string(),
  z.looseObject({ id: z.optional(z.string()), agent_id: z.optional(z.string()), name: z.optional(z.string()) }),
]);

const CoordinationRecordSchema = z
  .looseObject({
    write_scope: texts("Path patterns agents may write."),
    claim_ttl_minutes: z.number().check(say("Minutes after which a claim is stale, 1 to 1440.")),
    requires_parent_approval: texts("Actions that need the controller's approval."),
    registered_agents: z.optional(
      z.array(AgentRecordSchema).check(say("Agents that may work on the goal; with any, every call names one.")),
    ),
    primary_agent: z.optional(text("The agent that reviews, merges and publishes.")),
    side_agent_handoff_agent: z.optional(text("The agent side agents hand their work to.")),
    agent_profiles: z.optional(z.unknown().check(say("Scopes of single agents."))),
  })
  .check(say("Who may work on the goal, and where."));

const QuotaRecordSchema = z
  .looseObject({
    compute: optionalNumber("Share of the window, 0 to 1; 0 pauses the goal."),
    window_hours: optionalNumber("Length of the quota window in hours, at least 1."),
    slot_minutes: optionalNumber("Minutes one slot stands for, at least 1."),
    allowed_slots: optionalNumber("Slots in one window; 0 means none."),
  })
  .check(say("How much the goal may spend. What was spent is counted from the run history."));

const AuthorityCountsSchema = z
  .looseObject({
    declared: z.boolean(),
    required: z.boolean(),
    path: z.nullable(z.string()),
    path_exists: z.nullable(z.boolean()),
    read_status: z.nullable(z.string()),
    default_entry_count: z.number(),
    default_entries_checked: z.number(),
    default_entries_present: z.number(),
    topic_authority_count: z.number(),
    project_material_count: z.number(),
    project_material_repository_count: z.number(),
    project_material_owner_review_required_count: z.number(),
    project_material_stale_count: z.number(),
    project_material_current_authority_count: z.number(),
    deprecated_source_count: z.number(),
    conflict_risk: z.string(),
  })
  .check(say("Counts in place of the project's authority registry, whose contents stay in the project."));

const identity = {
  id: text("The goal's id: one path segment of letters, digits, dot, dash and underscore, at most 80 long."),
  domain: text("The field the goal belongs to."),
  status: text("`active`; `paused` in any case pauses; other text is display."),
  role: text("`controller` or `subagent`."),
  parent_goal_id: z.nullable(z.string()).check(say("The controlling goal, or null.")),
  repo: text("Absolute real path of the project."),
  state_file: text("Path of the goal state, relative to `repo`."),
};

const contract = {
  adapter: AdapterSchema,
  spawn_policy: SpawnPolicyRecordSchema,
  coordination: CoordinationRecordSchema,
  execution_profile: ExecutionProfileSchema.check(say("What a run must deliver before it may spend.")),
  next_probe: text("The next cheap check of the project."),
  guards: texts("Rules for everybody who works on the goal."),
};

const overrides = z.partial(AttentionOverrideSchema).shape;
const optionals = {
  quota: z.optional(QuotaRecordSchema),
  compute_quota: optionalNumber("Stands in for a missing `quota.compute`."),
  ...overrides,
  waiting_on: z.optional(z.nullable(z.enum(WAITING_ON)).check(say("Who has to act before the goal goes on."))),
  clear_attention_override: z.optional(z.boolean().check(say("True ignores the attention overrides."))),
  control_plane: z.optional(z.looseObject({}).check(say("`self_repair` switches; they change no decision."))),
  boundary_authority: z.optional(
    z
      .looseObject({ scopes: z.optional(z.array(z.string())), expires_at: z.optional(z.nullable(z.string())) })
      .check(say("Further write scopes that a person granted, until `expires_at`.")),
  ),
};

/** An entry of a project registry (FIL-11, FIL-12). */
export const GoalEntryRecordSchema = z
  .looseObject({
    ...identity,
    authority_sources: z.array(AuthoritySourceSchema).check(say("Documents that say what the goal is.")),
    ...contract,
    ...optionals,
    authority_registry: z.optional(z.looseObject({}).check(say("The project's own register of authoritative documents."))),
  })
  .check(say("One goal."));

/** An entry of the global registry (FIL-21). */
export const SyncedGoalEntryRecordSchema = z
  .looseObject({
    ...identity,
    ...contract,
    ...optionals,
    source_registry: text("Absolute path of the project registry the entry was copied from."),
    synced_at: text("When it was copied."),
    authority_source_count: z.number().check(say("How many authority sources the project names.")),
    authority_registry: AuthorityCountsSchema,
  })
  .check(say("One goal as the global registry knows it."));

const top = {
  schema_version: z.union([z.string(), z.number()]).check(say('Written as the text "0.1"; a number is read too.')),
  common_runtime_root: text("Absolute path of the runtime root."),
  locale: z.optional(z.enum(["en", "zh"]).check(say("Language of generated sentences."))),
};

/** `.loopx/registry.json` (FIL-10). */
export const RegistryRecordSchema = z
  .looseObject({
    ...top,
    updated_at: text("Date of the last change, YYYY-MM-DD."),
    goals: z.array(GoalEntryRecordSchema).check(say("The project's goals.")),
  })
  .check(say("A project registry."));

/** `registry.global.json` (FIL-20). */
export const GlobalRegistryRecordSchema = z
  .looseObject({
    ...top,
    updated_at: text("Instant of the last change, local time with offset."),
    registry_role: z.literal("global-local").check(say("Tells the global registry from a project's.")),
    goals: z.array(SyncedGoalEntryRecordSchema).check(say("The goals of all projects of this user.")),
  })
  .check(say("The registry of all goals of one user on one machine."));
