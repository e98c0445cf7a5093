/** Rules of the outcome floor: after a streak without outcome only recovery or a blocker is in order (DEC-54, DEC-55). */
import { some } from "../decision.ts";
import { goalRule } from "./rule.ts";

/** Rule 19: the floor is tripped and there is something to recover with. */
export const outcomeFloor = goalRule(
  "outcome_floor",
  ({ streaks, work }, goal) => ({
    gap_streak: streaks.gap,
    threshold: goal.execution_profile.outcome_floor.surface_streak_threshold,
    floor_tripped: streaks.floor_tripped,
    has_pick: work.pick !== null,
  }),
  ({ streaks, work, caller }, goal) => {
    const must_advance = some(goal.execution_profile.outcome_floor.must_advance);
    if (!streaks.floor_tripped || must_advance === null) return null;
    const free = work.executable.length === 0 && work.blockers.length === 0 && caller.role !== "side-agent";
    return work.pick !== null || free ? { rule: "outcome_floor", selected: work.pick, must_advance } : null;
  },
);

/** Rule 20: the floor is tripped and the profile names nothing to advance. */
export const outcomeFloorUnavailable = goalRule(
  "outcome_floor_unavailable",
  ({ streaks }, goal) => ({ floor_tripped: streaks.floor_tripped, must_advance: goal.execution_profile.outcome_floor.must_advance }),
  ({ streaks }, goal) =>
    streaks.floor_tripped && goal.execution_profile.outcome_floor.must_advance.length === 0 ? { rule: "outcome_floor_unavailable" } : null,
);
