/**
 * What a person may change of a goal, as it stands: the values of `configure-goal`'s flags under their own names, and the
 * flags that lead from these values to others. It reads an entry that was parsed; nothing is written.
 */
import type { ConfigureChange } from "./configure-change.ts";
import type { GoalEntry } from "./entry.ts";

/** A goal's settings; null where nobody, or nothing, is named. */
export interface GoalSettings {
  /** `active`, `paused`, or what an older registry calls it. */
  readonly status: string;
  readonly waiting_on: GoalEntry["attention"]["waiting_on"];
  readonly quota_compute: number;
  readonly quota_window_hours: number;
  readonly quota_slot_minutes: number;
  readonly quota_allowed_slots: number;
  readonly registered_agent: readonly string[];
  readonly primary_agent: string | null;
  readonly claim_ttl_minutes: number;
  readonly write_scope: readonly string[];
  readonly spawn_allowed: boolean;
  readonly max_children: number;
  readonly allowed_domain: readonly string[];
  readonly adapter_kind: string;
  readonly adapter_status: string;
  readonly boundary_authority_scope: readonly string[];
  readonly boundary_authority_source: string | null;
  readonly boundary_authority_decision_id: string | null;
  readonly boundary_authority_expires_at: string | null;
}

/** The settings of an entry, defaults filled in. */
export function settingsOf({ status, attention, quota, coordination, spawn_policy, adapter, boundary_authority }: GoalEntry): GoalSettings {
  return {
    status,
    waiting_on: attention.waiting_on,
    quota_compute: quota.compute,
    quota_window_hours: quota.window_hours,
    quota_slot_minutes: quota.slot_minutes,
    quota_allowed_slots: quota.allowed_slots,
    registered_agent: coordination.registered_agents,
    primary_agent: coordination.primary_agent,
    claim_ttl_minutes: coordination.claim_ttl_minutes,
    write_scope: coordination.write_scope,
    spawn_allowed: spawn_policy.allowed,
    max_children: spawn_policy.max_children,
    allowed_domain: spawn_policy.allowed_domains,
    adapter_kind: adapter.kind,
    adapter_status: adapter.status,
    boundary_authority_scope: boundary_authority?.scopes ?? [],
    boundary_authority_source: boundary_authority?.source ?? null,
    boundary_authority_decision_id: boundary_authority?.decision_id ?? null,
    boundary_authority_expires_at: boundary_authority?.expires_at ?? null,
  };
}

/** The flags that make `wanted` of `now`; what is the same is not named. An emptied list or name is cleared. */
export function changeOf(now: GoalSettings, wanted: GoalSettings): ConfigureChange {
  const change: Record<string, unknown> = {};
  for (const key of Object.keys(now) as (keyof GoalSettings)[]) {
    const value = wanted[key];
    if (isSame(now[key], value)) continue;
    const clear = CLEARED_BY[key];
    if (clear !== undefined && isNothing(value)) change[clear] = true;
    else change[key] = value ?? "";
  }
  // Without agents there is none who reviews, and without a grant none who gave it: clearing the one clears the other.
  if (change["clear_registered_agents"] === true) drop(change, "primary_agent", "clear_primary_agent");
  if (change["clear_boundary_authority"] === true) drop(change, ...GRANT_DETAILS);
  return change;
}

const CLEARED_BY: Partial<Record<keyof GoalSettings, keyof ConfigureChange>> = {
  waiting_on: "clear_waiting_on",
  registered_agent: "clear_registered_agents",
  primary_agent: "clear_primary_agent",
  write_scope: "clear_write_scopes",
  allowed_domain: "clear_allowed_domains",
  boundary_authority_scope: "clear_boundary_authority",
};
const GRANT_DETAILS = ["boundary_authority_source", "boundary_authority_decision_id", "boundary_authority_expires_at"];

function isSame(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((each, at) => each === b[at]) : a === b;
}

function isNothing(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

function drop(change: Record<string, unknown>, ...keys: readonly string[]): void {
  for (const key of keys) delete change[key];
}
