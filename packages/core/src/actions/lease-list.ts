/** `lease list`: who may write what, until when (CMD-100). */
import { isLive } from "../domain/lease/rules.ts";
import type { LeaseListResult } from "../domain/payload/lease.ts";
import type { Host } from "../ports/host.ts";
import { chooseGoal, openGoal, requireGoals } from "./goals.ts";
import { viewOf } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";

/** The flags of `lease list` (CMD-100). */
export interface ListLeasesInput {
  readonly goal_id?: string | undefined;
  /** Released and expired ones too. */
  readonly all?: boolean | undefined;
}

export type { LeaseListResult } from "../domain/payload/lease.ts";

/** The live leases of a goal, or all it ever granted, newest state only. Errors: `goal_not_found`. */
export async function listLeases(host: Host, input: ListLeasesInput): Promise<LeaseListResult> {
  const registry = await requireGoals(host);
  const goal = openGoal(host, registry, chooseGoal(registry, input.goal_id));
  const now = momentOf(host.clock);
  const all = input.all ?? false;
  const leases = (await host.leases.list({ goal_id: goal.goal_id }))
    .filter((lease) => all || isLive(lease, now))
    .map((lease) => viewOf(goal.goal_id, lease, now));
  return { read_only: true, goal_id: goal.goal_id, all, leases, lease_count: leases.length };
}
