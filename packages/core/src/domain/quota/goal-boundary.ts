/** What a goal may touch, and the delivery it owes, as a verdict shows them (`goal_boundary`, `execution_profile`). */
import type { ExecutionProfile, GoalEntry } from "../goal/entry.ts";
import { STOP_CONDITION } from "../locale/verdict.ts";
import type { Locale } from "../locale/locale.ts";
import type { Moment } from "../time.ts";
import { writeScopes } from "./selection.ts";
import { cutText, shownText } from "./shown-text.ts";
import type { GoalBoundary } from "./verdict-schema.ts";

const GUARD_LIMIT = 160;
const PROFILE_LIMIT = 400;

/** The boundary; a goal without a readable entry may touch nothing. */
export function goalBoundary(goal: GoalEntry | null, now: Moment, locale: Locale): GoalBoundary {
  return {
    adapter:
      goal === null
        ? { kind: "unknown", status: "unknown" }
        : { kind: cutText(goal.adapter.kind, 120), status: cutText(goal.adapter.status, 120) },
    write_scope: [...writeScopes(goal, now)],
    requires_parent_approval: goal === null ? [] : [...goal.coordination.requires_parent_approval],
    guards: goal === null ? [] : goal.guards.map((guard) => shownText(guard, GUARD_LIMIT)),
    stop_condition: STOP_CONDITION[locale](),
    orchestration: orchestrationOf(goal),
    minimum_scale: goal === null ? "unknown" : goal.execution_profile.minimum_scale,
  };
}

/** Null unless the goal runs several sub-agents. */
export function orchestrationOf(goal: GoalEntry | null): GoalBoundary["orchestration"] {
  if (goal === null || goal.spawn_policy.mode !== "multi_subagent") return null;
  const { mode, allowed, max_children, allowed_domains } = goal.spawn_policy;
  return { mode, allowed, max_children, allowed_domains: [...allowed_domains] };
}

/** The profile on one line. */
export function profileLine(profile: ExecutionProfile | null): string {
  if (profile === null) return "unknown";
  const parts = [
    `cadence=${profile.cadence}`,
    `minimum_scale=${profile.minimum_scale}`,
    `include=${profile.must_include.join("+")}`,
    `spend_rule=${profile.spend_rule}`,
    `small=${String(profile.degradation_policy.small_scale_streak_threshold)}`,
    `surface=${String(profile.outcome_floor.surface_streak_threshold)}`,
  ];
  return cutText(parts.join("; "), PROFILE_LIMIT);
}
