/** The settings of one goal, read where `configure-goal` would change them: in the registry it comes from. Writes nothing. */
import { settingsOf, type GoalSettings } from "../domain/goal/settings.ts";
import { sourceOf } from "./configure-goal.ts";
import { namedGoal, validGoalId } from "./goals.ts";
import { observed } from "./observed.ts";

/** Which goal. */
export interface GoalSettingsInput {
  readonly goal_id: string;
}

/** The settings, defaults filled in. Errors: `goal_not_found`, `goal_unhealthy` for an entry that cannot be read. */
export const goalSettings = observed("goal_settings", async (host, { goal_id }: GoalSettingsInput): Promise<GoalSettings> => {
  const there = await sourceOf(host, validGoalId(goal_id));
  return settingsOf(namedGoal(there.host, there.registry, goal_id).entry);
});
