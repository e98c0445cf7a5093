/** The facts of every goal of a registry, read once for `status` and the quota groups; each goal by itself (design D7). */
import { attentionFacts } from "../domain/status/attention.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { Facts } from "../domain/quota/facts.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { gatherFrom } from "./gather.ts";
import { unknownGoal } from "./goals.ts";
import type { GoalReading } from "./read-goal.ts";

/** One goal as it was gathered. */
export interface GoalFacts {
  /** As `attentionFacts` sees them: the primary agent's, wherever that agent stands. */
  readonly facts: Facts;
  readonly reading: GoalReading | null;
}

/** In registry order; a goal id that stands twice is told once, an entry without one under its place in the file. */
export function goalIdsOf(registry: Registry): readonly string[] {
  return [...new Set(registry.items.map((item) => item.id ?? `goals[${item.position}]`))];
}

/** The facts of every goal, or of the `only` one, which must exist. */
export async function everyGoal(
  host: Host,
  registry: Registry,
  options: GoalRequest & { readonly only?: string | undefined },
  now: Moment,
): Promise<readonly GoalFacts[]> {
  const goals: GoalFacts[] = [];
  for (const goal_id of wantedGoals(host, registry, options.only)) goals.push(await factsOfGoal(host, registry, goal_id, options, now));
  return goals;
}

/** All goal ids, or the only one, which must exist. */
export function wantedGoals(host: Host, registry: Registry, only: string | undefined): readonly string[] {
  const ids = goalIdsOf(registry);
  if (only === undefined) return ids;
  if (!ids.includes(only)) throw unknownGoal(host, registry, only);
  return [only];
}

/** How the goals are looked at. */
export interface GoalRequest {
  readonly agent_id?: string | undefined;
  readonly keep: number;
  readonly cwd: string;
}

export async function factsOfGoal(
  host: Host,
  registry: Registry,
  goal_id: string,
  { agent_id, keep, cwd }: GoalRequest,
  now: Moment,
): Promise<GoalFacts> {
  const { facts, reading } = await gatherFrom(host, registry, { goal_id, cwd, keep }, now);
  return { facts: attentionFacts(withEntryFaults(facts, registry), agent_id ?? null), reading };
}

/** An entry without an id is nobody's goal, but its fault is somebody's: it is told under its place in the file. */
function withEntryFaults(facts: Facts, registry: Registry): Facts {
  if (facts.registered) return facts;
  const item = registry.items.find((each) => each.id === null && facts.goal_id === `goals[${each.position}]`);
  return item === undefined ? facts : { ...facts, registered: true, health: [...item.findings] };
}
