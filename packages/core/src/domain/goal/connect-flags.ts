/**
 * The flags of `connect` that shape an entry: which of them are wrong, and which a rerun ignores (CMD-30, CMD-33).
 * Every property is named as its flag, in snake_case.
 */
import { isStrayScope } from "../lease/scopes.ts";
import { ADAPTER_STATUSES, type GoalEntry } from "./entry.ts";
import { type ExecutionFlags, executionFlagFault } from "./execution-profile.ts";
import { CLAIM_TTL_MINUTES, firstFault, flagName, type InvalidValue, invalidValue, MAX_CHILDREN, rangeFault } from "./limits.ts";

export const GOAL_ROLES = ["controller", "subagent"] as const;

/** Absent means not given. */
export interface ConnectFlags extends ExecutionFlags {
  readonly objective?: string;
  readonly domain?: string;
  readonly role?: (typeof GOAL_ROLES)[number];
  readonly parent_goal_id?: string;
  readonly state_file?: string;
  readonly goal_doc?: string;
  readonly adapter_kind?: string;
  readonly adapter_status?: string;
  readonly next_probe?: string;
  readonly spawn_allowed?: boolean;
  readonly max_children?: number;
  readonly allowed_domain?: readonly string[];
  readonly write_scope?: readonly string[];
  readonly claim_ttl_minutes?: number;
}

/** The first flag whose value may not be written, or null. Goal ids and paths are checked elsewhere. */
export function connectFlagFault(flags: ConnectFlags): InvalidValue | null {
  return firstFault([
    blankFault("objective", flags.objective),
    blankFault("domain", flags.domain),
    oneOfFault("role", flags.role, GOAL_ROLES),
    blankFault("state_file", flags.state_file),
    placeFault("state_file", flags.state_file),
    blankFault("goal_doc", flags.goal_doc),
    blankFault("adapter_kind", flags.adapter_kind),
    oneOfFault("adapter_status", flags.adapter_status, ADAPTER_STATUSES),
    blankFault("next_probe", flags.next_probe),
    rangeFault("max_children", flags.max_children, MAX_CHILDREN),
    blankFault("allowed_domain", ...(flags.allowed_domain ?? [])),
    blankFault("write_scope", ...(flags.write_scope ?? [])),
    strayFault("write_scope", flags.write_scope),
    rangeFault("claim_ttl_minutes", flags.claim_ttl_minutes, CLAIM_TTL_MINUTES),
    executionFlagFault(flags),
  ]);
}

/** The fault of a path no goal state may have: it must be printable on one line, and git's own folder is not ours. */
function placeFault(key: string, path: string | undefined): InvalidValue | null {
  if (path === undefined) return null;
  if (/[\x00-\x1f\x7f]/.test(path)) return invalidValue(key, "may hold no control character");
  return path.split("/").includes(".git") ? invalidValue(key, "may not lie in .git") : null;
}

/** The fault of a given text that is none of the choices, or null. */
export function oneOfFault(key: string, value: string | undefined, choices: readonly string[]): InvalidValue | null {
  if (value === undefined || choices.includes(value)) return null;
  return invalidValue(key, `has to be one of ${choices.join(", ")}`);
}

/** The fault of a blank text among those given, or null. */
export function blankFault(key: string, ...values: readonly (string | undefined)[]): InvalidValue | null {
  return values.some((value) => value !== undefined && value.trim() === "") ? invalidValue(key, "may not be blank") : null;
}

/** The fault of a write scope among those given that leads out of the project, or null. */
export function strayFault(key: string, scopes: readonly string[] = []): InvalidValue | null {
  const stray = scopes.find(isStrayScope);
  return stray === undefined
    ? null
    : invalidValue(key, `has to be a relative path or pattern inside the project, not ${JSON.stringify(stray)}`);
}

/**
 * The flags, as typed, that differ from what a kept goal says and so have no effect (CMD-33).
 * `kept` is null when the kept entry cannot be read: then every given flag is ignored.
 * `keptObjective` is the objective of the kept goal state; null when there is none.
 */
export function ignoredFlags(kept: GoalEntry | null, given: ConnectFlags, keptObjective: string | null): string[] {
  const standing = kept === null ? {} : standingFlags(kept, keptObjective);
  return (Object.keys(given) as (keyof ConnectFlags)[])
    .filter((key) => given[key] !== undefined && !sameFlag(given[key], standing[key]))
    .map(flagName);
}

function standingFlags(kept: GoalEntry, keptObjective: string | null): { [key in keyof ConnectFlags]: unknown } {
  const { execution_profile: profile, coordination, spawn_policy: spawn } = kept;
  return {
    objective: keptObjective,
    domain: kept.domain,
    role: kept.role,
    parent_goal_id: kept.parent_goal_id,
    state_file: kept.state_file,
    goal_doc: kept.authority_sources.find((source) => source.kind === "goal_doc")?.path ?? null,
    adapter_kind: kept.adapter.kind,
    adapter_status: kept.adapter.status,
    next_probe: kept.next_probe,
    spawn_allowed: spawn.allowed,
    max_children: spawn.max_children,
    allowed_domain: spawn.allowed_domains,
    write_scope: coordination.write_scope,
    claim_ttl_minutes: coordination.claim_ttl_minutes,
    execution_minimum_scale: profile.minimum_scale,
    execution_must_include: profile.must_include,
    execution_small_streak_threshold: profile.degradation_policy.small_scale_streak_threshold,
    execution_outcome_marker: profile.outcome_floor.outcome_markers,
    execution_surface_only_hint: profile.outcome_floor.surface_only_hints,
    execution_surface_streak_threshold: profile.outcome_floor.surface_streak_threshold,
    execution_outcome_must_advance: profile.outcome_floor.must_advance,
  };
}

function sameFlag(given: unknown, standing: unknown): boolean {
  if (!Array.isArray(given) || !Array.isArray(standing)) return given === standing;
  return given.length === standing.length && given.every((item, index) => item === standing[index]);
}
