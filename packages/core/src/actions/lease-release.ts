/** `lease release`: the holder gives the todo back before the time is over (CMD-100, REL-50). */
import { releaseLease as released } from "../domain/lease/rules.ts";
import type { LeaseChangeResult } from "../domain/payload/lease.ts";
import { openGoal, requireGoals } from "./goals.ts";
import { grantOf, lostLease, troubleError, viewOf, type LeaseGrantInput } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `lease release` (CMD-100). */
export interface ReleaseLeaseInput extends LeaseGrantInput {
  readonly dry_run?: boolean | undefined;
}

/** The lease as released; again `changed:false`. Errors: `lease_fenced`, `lease_not_active`, `lease_version_mismatch`. */
export const releaseLease = observed("release_lease", async (host, input: ReleaseLeaseInput): Promise<LeaseChangeResult> => {
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const ref = grantOf(goal.goal_id, input);
  const now = momentOf(host.clock);
  const read = await host.leases.read(ref);
  if (read.kind === "unreadable") throw troubleError(read, ref);
  const current = read.kind === "found" ? read.lease : null;
  const options = input.lease_version === undefined ? {} : { version: input.lease_version };
  const dryRun = input.dry_run ?? false;
  // Without a lease the store has nothing to lock; the pure rule gives the same answer.
  const outcome = dryRun || current === null ? released(current, ref, options, now) : await host.leases.release(ref, options);
  if (outcome.kind === "busy" || outcome.kind === "unreadable") throw troubleError(outcome, ref);
  if (outcome.kind !== "released") throw lostLease(outcome, ref);
  return { dry_run: dryRun, applied: !dryRun && outcome.changed, changed: outcome.changed, ...viewOf(goal.goal_id, outcome.lease, now) };
});
