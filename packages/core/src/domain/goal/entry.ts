/**
 * One goal of a registry, read once into values that everything inside may trust (FIL-11 to FIL-15).
 * Types only; `read-entry.ts` makes them from JSON and says what was wrong.
 */
import * as z from "zod/mini";

/** The adapter statuses LoopX knows; any other text counts as not connected. */
export const ADAPTER_STATUSES = [
  "connected",
  "connected-read-only",
  "pre-tick-runnable",
  "connected-delivery",
  "read-only-map-ready",
  "planned",
] as const;
/** Whom a registry entry may name as the one who has to act. */
export const WAITING_ON = ["codex", "user_or_controller", "controller", "external_evidence"] as const;
export const GENERIC_ADAPTER_KIND = "generic_project_goal_v0";

const texts = z.array(z.string());

export const OutcomeFloorSchema = z.object({
  required_when: z.string(),
  surface_streak_threshold: z.number(),
  outcome_markers: texts,
  surface_only_hints: texts,
  must_advance: texts,
  avoid: texts,
  if_unavailable: z.string(),
});
/** The delivery contract of a goal; defaults are those printed in the source document (FIL-14). */
export const ExecutionProfileSchema = z.object({
  cadence: z.string(),
  minimum_scale: z.string(),
  must_include: texts,
  spend_rule: z.string(),
  outcome_floor: OutcomeFloorSchema,
  degradation_policy: z.object({ small_scale_streak_threshold: z.number(), on_degradation: z.string() }),
});
/** What a run has to deliver before it may spend. */
export type ExecutionProfile = z.infer<typeof ExecutionProfileSchema>;

export const AgentProfileSchema = z.object({ agent_id: z.string(), scope: z.nullable(z.string()) });

export const CoordinationSchema = z.object({
  write_scope: texts,
  claim_ttl_minutes: z.number(),
  requires_parent_approval: texts,
  /** Normalised ids; empty when the goal knows no agents. */
  registered_agents: texts,
  primary_agent: z.nullable(z.string()),
  side_agent_handoff_agent: z.nullable(z.string()),
  agent_profiles: z.array(AgentProfileSchema),
});
export type Coordination = z.infer<typeof CoordinationSchema>;

export const SpawnPolicySchema = z.object({
  mode: z.string(),
  allowed: z.boolean(),
  max_children: z.number(),
  allowed_domains: texts,
});
export type SpawnPolicy = z.infer<typeof SpawnPolicySchema>;

/** The registry's quota after defaults and clamping (DEC-20 to DEC-22); nothing in it was spent or measured. */
export const QuotaPolicySchema = z.object({
  compute: z.number(),
  window_hours: z.number(),
  slot_minutes: z.number(),
  allowed_slots: z.number(),
});
export type QuotaPolicy = z.infer<typeof QuotaPolicySchema>;

export const AttentionOverrideSchema = z.object({
  /** Null when the registry names nobody (or `clear_attention_override` is set). */
  waiting_on: z.nullable(z.enum(WAITING_ON)),
  attention_status: z.nullable(z.string()),
  operator_question: z.nullable(z.string()),
  recommended_action: z.nullable(z.string()),
  next_handoff_condition: z.nullable(z.string()),
});

/** A registry entry after reading, every default filled in. */
export const GoalEntrySchema = z.object({
  id: z.string(),
  domain: z.string(),
  /** `paused` in any case pauses; other text is display. */
  status: z.string(),
  role: z.string(),
  parent_goal_id: z.nullable(z.string()),
  repo: z.string(),
  state_file: z.string(),
  authority_sources: z.array(z.looseObject({ kind: z.optional(z.string()), path: z.optional(z.string()), role: z.optional(z.string()) })),
  adapter: z.object({ kind: z.string(), status: z.string() }),
  spawn_policy: SpawnPolicySchema,
  coordination: CoordinationSchema,
  execution_profile: ExecutionProfileSchema,
  quota: QuotaPolicySchema,
  attention: AttentionOverrideSchema,
  boundary_authority: z.nullable(
    z.object({
      scopes: texts,
      source: z.nullable(z.string()),
      decision_id: z.nullable(z.string()),
      recorded_at: z.nullable(z.string()),
      expires_at: z.nullable(z.string()),
    }),
  ),
  guards: texts,
  next_probe: z.nullable(z.string()),
  source_registry: z.nullable(z.string()),
  synced_at: z.nullable(z.string()),
  authority_source_count: z.number(),
});
/** A registry entry that may be trusted. */
export type GoalEntry = z.infer<typeof GoalEntrySchema>;

/** True for a kind that maps a project without writing to it (FIL-13). */
export function isReadOnlyMapKind(kind: string): boolean {
  return kind === "read_only_project_map_v0" || kind.endsWith("_read_only_map_v0");
}

const CONNECTED = new Set<string>(["connected", "connected-read-only", "pre-tick-runnable", "connected-delivery"]);

/** True for the connected family of adapter statuses; `planned`, `read-only-map-ready` and unknown ones are not (FIL-13). */
export function isConnectedAdapter(status: string): boolean {
  return CONNECTED.has(status);
}
