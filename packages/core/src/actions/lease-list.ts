/** `lease list`: who may write what, until when (CMD-100). */
import { parseTodoId, type TodoId } from "../domain/ids.ts";
import { isLive } from "../domain/lease/rules.ts";
import type { LeaseListResult } from "../domain/payload/lease.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { chooseGoal, openGoal, requireGoals } from "./goals.ts";
import { viewOf } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `lease list` (CMD-100). */
export interface ListLeasesInput {
  readonly goal_id?: string | undefined;
  /** Released and expired ones too. */
  readonly all?: boolean | undefined;
}

export type { LeaseListResult } from "../domain/payload/lease.ts";

/** The live leases of a goal, or all it ever granted, newest state only; and the files that cannot be read. Errors: `goal_not_found`. */
export const listLeases = observed("list_leases", async (host, input: ListLeasesInput): Promise<LeaseListResult> => {
  const registry = await requireGoals(host);
  const goal = openGoal(host, registry, chooseGoal(registry, input.goal_id));
  const now = momentOf(host.clock);
  const all = input.all ?? false;
  const listing = await host.leases.list({ goal_id: goal.goal_id });
  const leases = listing.leases.filter((lease) => all || isLive(lease, now)).map((lease) => viewOf(goal.goal_id, lease, now));
  const unreadable = listing.unreadable.map(({ where, reason }) => ({ todo_id: todoOf(where), file: where, reason: REASONS[reason] }));
  return { read_only: true, goal_id: goal.goal_id, all, leases, lease_count: leases.length, unreadable };
});

/** The todo a lease file is named after; null for a name that no todo has. */
function todoOf(file: string): TodoId | null {
  return parseTodoId(file.slice(file.lastIndexOf("/") + 1).replace(/\.json$/, ""));
}

const REASONS: Readonly<Record<Unreadable["reason"], string>> = {
  not_utf8: "no valid UTF-8",
  not_a_regular_file: "no regular file",
  too_large: "over its limit of 16 KiB",
  denied: "permission denied",
  path_outside_root: "leads out of the runtime root",
  io: "no lease of this todo",
};
