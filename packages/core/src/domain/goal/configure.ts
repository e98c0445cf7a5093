/**
 * Changes of one entry by `configure-goal` and `register-agent` (CMD-46, CMD-47). Pure: the old entry goes in,
 * the new one comes out, with what changed. A value out of range is an outcome, never clamped; keys nobody named stay.
 */
import type { JsonObject } from "../json.ts";
import { agentListChange } from "./agents.ts";
import { type ConfigureChange, type ConflictingFlags, configureFault } from "./configure-change.ts";
import { readSpawnPolicy, spawnMode } from "./coordination.ts";
import { applyWrites, type ConfiguredEntry, type FieldWrite } from "./entry-writes.ts";
import { objectOf } from "./fields.ts";
import { type InvalidValue, invalidValue } from "./limits.ts";

/** The configured entry, or why nothing may change. */
export function configureEntry(raw: JsonObject, change: ConfigureChange): ConfiguredEntry | InvalidValue | ConflictingFlags {
  const fault = configureFault(change);
  if (fault !== null) return fault;
  const spawn = spawnWrites(raw, change);
  if (!Array.isArray(spawn)) return spawn;
  const agents = agentListChange(raw, change);
  if (agents.kind === "invalid_value") return agents;
  return applyWrites(raw, [...plainWrites(change), ...spawn, ...agents.writes, ...boundaryWrites(raw, change)]);
}

const PLAIN_FIELDS = {
  status: "status",
  quota_compute: "quota.compute",
  quota_window_hours: "quota.window_hours",
  quota_slot_minutes: "quota.slot_minutes",
  quota_allowed_slots: "quota.allowed_slots",
  self_repair_enabled: "control_plane.self_repair.enabled",
  self_repair_health: "control_plane.self_repair.allow_health_blocker_repair",
  self_repair_waiting_projection: "control_plane.self_repair.allow_waiting_projection_repair",
  write_scope: "coordination.write_scope",
  claim_ttl_minutes: "coordination.claim_ttl_minutes",
  adapter_kind: "adapter.kind",
  adapter_status: "adapter.status",
  waiting_on: "waiting_on",
} as const satisfies { [key in keyof ConfigureChange]: string };

function plainWrites(change: ConfigureChange): FieldWrite[] {
  const writes: FieldWrite[] = [];
  for (const [key, field] of Object.entries(PLAIN_FIELDS) as [keyof typeof PLAIN_FIELDS, string][]) {
    const value = change[key];
    if (value !== undefined) writes.push([field, value]);
  }
  if (change.clear_write_scopes === true) writes.push(["coordination.write_scope", []]);
  if (change.clear_waiting_on === true) writes.push(["waiting_on", undefined]);
  return writes;
}

/** The mode follows from permission and number unless it is named; it may not claim more than they allow (FIL-11). */
function spawnWrites(raw: JsonObject, change: ConfigureChange): FieldWrite[] | InvalidValue {
  const old = readSpawnPolicy(raw.spawn_policy);
  const allowed = change.spawn_allowed ?? old.allowed;
  const max_children = change.max_children ?? old.max_children;
  const derived = spawnMode(allowed, max_children);
  if (change.orchestration_mode === "multi_subagent" && derived !== "multi_subagent") {
    return invalidValue("orchestration_mode", "multi_subagent needs --spawn-allowed and --max-children above 0");
  }
  const writes: FieldWrite[] = [];
  const follows = change.spawn_allowed !== undefined || change.max_children !== undefined;
  if (change.orchestration_mode !== undefined) writes.push(["spawn_policy.mode", change.orchestration_mode]);
  else if (follows) writes.push(["spawn_policy.mode", derived]);
  if (change.spawn_allowed !== undefined) writes.push(["spawn_policy.allowed", allowed]);
  if (change.max_children !== undefined) writes.push(["spawn_policy.max_children", max_children]);
  if (change.allowed_domain !== undefined) writes.push(["spawn_policy.allowed_domains", change.allowed_domain]);
  if (change.clear_allowed_domains === true) writes.push(["spawn_policy.allowed_domains", []]);
  return writes;
}

const BOUNDARY_FIELDS = {
  boundary_authority_scope: "scopes",
  boundary_authority_source: "source",
  boundary_authority_decision_id: "decision_id",
  boundary_authority_recorded_at: "recorded_at",
  boundary_authority_expires_at: "expires_at",
} as const satisfies { [key in keyof ConfigureChange]: string };

/** Details without scopes would be a grant of nothing, so a first grant gets an empty list beside them. */
function boundaryWrites(raw: JsonObject, change: ConfigureChange): FieldWrite[] {
  if (change.clear_boundary_authority === true) return [["boundary_authority", undefined]];
  const writes: FieldWrite[] = [];
  for (const [key, field] of Object.entries(BOUNDARY_FIELDS) as [keyof typeof BOUNDARY_FIELDS, string][]) {
    const value = change[key];
    if (value !== undefined) writes.push([`boundary_authority.${field}`, value]);
  }
  const bare = writes.length > 0 && change.boundary_authority_scope === undefined && objectOf(raw.boundary_authority).scopes === undefined;
  return bare ? [["boundary_authority.scopes", []], ...writes] : writes;
}
