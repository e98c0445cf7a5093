/** The facts of every goal of a registry, read once for `status` and the quota groups; each goal by itself (design D7). */
import { attentionFacts } from "../domain/status/attention.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { Facts } from "../domain/quota/facts.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { gatherFrom } from "./gather.ts";
import { unknownGoal } from "./goals.ts";
import type { GoalReading } from "./read-goal.ts";

export interface GoalFacts {
  /** As `attentionFacts` sees them: the primary agent's, wherever that agent stands. */
  readonly facts: Facts;
  readonly reading: GoalReading | null;
}

/** In registry order; a goal id that stands twice is told once. `only` narrows to one goal, which must exist. */
export async function everyGoal(
  host: Host,
  registry: Registry,
  options: { only?: string | undefined; agent_id?: string | undefined; keep: number; cwd: string },
  now: Moment,
): Promise<readonly GoalFacts[]> {
  const ids = [...new Set(registry.items.map((item) => item.id ?? `goals[${item.position}]`))];
  if (options.only !== undefined && !ids.includes(options.only)) throw unknownGoal(host, registry, options.only);
  const goals: GoalFacts[] = [];
  for (const goal_id of options.only === undefined ? ids : [options.only]) {
    const { facts, reading } = await gatherFrom(host, registry, { goal_id, cwd: options.cwd, keep: options.keep }, now);
    goals.push({ facts: attentionFacts(withEntryFaults(facts, registry), options.agent_id ?? null), reading });
  }
  return goals;
}

/** An entry without an id is nobody's goal, but its fault is somebody's: it is told under its place in the file. */
function withEntryFaults(facts: Facts, registry: Registry): Facts {
  if (facts.registered) return facts;
  const item = registry.items.find((each) => each.id === null && facts.goal_id === `goals[${each.position}]`);
  return item === undefined ? facts : { ...facts, registered: true, health: [...item.findings] };
}
