/**
 * What `configure-goal` may change, each property named as its flag in snake_case, and which values are refused (CMD-46).
 * Absent means not given; a list replaces the old list.
 */
import { instantMs } from "../time.ts";
import { blankFault, oneOfFault, strayFault } from "./connect-flags.ts";
import { ADAPTER_STATUSES, WAITING_ON } from "./entry.ts";
import * as limits from "./limits.ts";
import { firstFault, flagName, type InvalidValue, invalidValue } from "./limits.ts";

/** What `configure-goal` may change; a key left out stays as it is. */
export interface ConfigureChange {
  readonly status?: "active" | "paused";
  /** 0 pauses the goal. */
  readonly quota_compute?: number;
  readonly quota_window_hours?: number;
  readonly quota_slot_minutes?: number;
  readonly quota_allowed_slots?: number;
  readonly self_repair_enabled?: boolean;
  readonly self_repair_health?: boolean;
  readonly self_repair_waiting_projection?: boolean;
  readonly orchestration_mode?: "default" | "multi_subagent";
  readonly spawn_allowed?: boolean;
  readonly max_children?: number;
  readonly allowed_domain?: readonly string[];
  readonly clear_allowed_domains?: boolean;
  readonly write_scope?: readonly string[];
  readonly clear_write_scopes?: boolean;
  readonly claim_ttl_minutes?: number;
  readonly adapter_kind?: string;
  readonly adapter_status?: string;
  readonly registered_agent?: readonly string[];
  readonly clear_registered_agents?: boolean;
  readonly primary_agent?: string;
  readonly clear_primary_agent?: boolean;
  readonly waiting_on?: (typeof WAITING_ON)[number];
  readonly clear_waiting_on?: boolean;
  readonly boundary_authority_scope?: readonly string[];
  readonly boundary_authority_source?: string;
  readonly boundary_authority_decision_id?: string;
  readonly boundary_authority_recorded_at?: string;
  readonly boundary_authority_expires_at?: string;
  readonly clear_boundary_authority?: boolean;
}

/** Two changes that exclude each other; nothing is changed. */
export interface ConflictingFlags {
  readonly kind: "conflicting_flags";
  readonly keys: readonly string[];
  readonly message: string;
}

/** The first pair of flags that exclude each other, or the first value out of range, or null. */
export function configureFault(change: ConfigureChange): InvalidValue | ConflictingFlags | null {
  return conflictOf(change) ?? quotaFault(change) ?? textFault(change);
}

const BOUNDARY_KEYS = [
  "boundary_authority_scope",
  "boundary_authority_source",
  "boundary_authority_decision_id",
  "boundary_authority_recorded_at",
  "boundary_authority_expires_at",
] as const;

const EXCLUDES: readonly (readonly [clear: keyof ConfigureChange, others: readonly (keyof ConfigureChange)[]])[] = [
  ["clear_allowed_domains", ["allowed_domain"]],
  ["clear_write_scopes", ["write_scope"]],
  ["clear_registered_agents", ["registered_agent", "primary_agent"]],
  ["clear_primary_agent", ["primary_agent"]],
  ["clear_waiting_on", ["waiting_on"]],
  ["clear_boundary_authority", BOUNDARY_KEYS],
];

function conflictOf(change: ConfigureChange): ConflictingFlags | null {
  for (const [clear, others] of EXCLUDES) {
    const other = others.find((key) => change[key] !== undefined);
    if (change[clear] !== true || other === undefined) continue;
    return { kind: "conflicting_flags", keys: [clear, other], message: `${flagName(clear)} and ${flagName(other)} exclude each other` };
  }
  return null;
}

function quotaFault(change: ConfigureChange): InvalidValue | null {
  return firstFault([
    limits.rangeFault("quota_compute", change.quota_compute, limits.COMPUTE),
    computePrecisionFault(change.quota_compute),
    limits.rangeFault("quota_window_hours", change.quota_window_hours, limits.WINDOW_HOURS),
    limits.rangeFault("quota_slot_minutes", change.quota_slot_minutes, limits.SLOT_MINUTES),
    limits.rangeFault("quota_allowed_slots", change.quota_allowed_slots, limits.ALLOWED_SLOTS),
    limits.rangeFault("max_children", change.max_children, limits.MAX_CHILDREN),
    limits.rangeFault("claim_ttl_minutes", change.claim_ttl_minutes, limits.CLAIM_TTL_MINUTES),
  ]);
}

/** Readers round to two decimals (DEC-20), and 0.004 would become a pause that nobody asked for. */
function computePrecisionFault(compute: number | undefined): InvalidValue | null {
  if (compute === undefined || Number(compute.toFixed(2)) === compute) return null;
  return invalidValue("quota_compute", `has to have at most two decimals, not ${compute}`);
}

function textFault(change: ConfigureChange): InvalidValue | null {
  return firstFault([
    oneOfFault("status", change.status, ["active", "paused"]),
    oneOfFault("orchestration_mode", change.orchestration_mode, ["default", "multi_subagent"]),
    oneOfFault("adapter_status", change.adapter_status, ADAPTER_STATUSES),
    oneOfFault("waiting_on", change.waiting_on, WAITING_ON),
    blankFault("adapter_kind", change.adapter_kind),
    blankFault("allowed_domain", ...(change.allowed_domain ?? [])),
    blankFault("write_scope", ...(change.write_scope ?? [])),
    strayFault("write_scope", change.write_scope),
    blankFault("boundary_authority_scope", ...(change.boundary_authority_scope ?? [])),
    strayFault("boundary_authority_scope", change.boundary_authority_scope),
    blankFault("boundary_authority_source", change.boundary_authority_source),
    blankFault("boundary_authority_decision_id", change.boundary_authority_decision_id),
    instantFault("boundary_authority_recorded_at", change.boundary_authority_recorded_at),
    instantFault("boundary_authority_expires_at", change.boundary_authority_expires_at),
  ]);
}

function instantFault(key: string, value: string | undefined): InvalidValue | null {
  return value === undefined || instantMs(value) !== null
    ? null
    : invalidValue(key, "has to be an instant such as 2026-11-21T08:00:00+08:00");
}
