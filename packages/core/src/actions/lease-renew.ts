/** `lease renew`: the holder goes on for as long again (CMD-100, REL-50). */
import { renewLease as renewed } from "../domain/lease/rules.ts";
import type { LeaseChangeResult } from "../domain/payload/lease.ts";
import { openGoal, requireGoals } from "./goals.ts";
import { grantOf, lostLease, troubleError, viewOf, type LeaseGrantInput } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `lease renew` (CMD-100). */
export interface RenewLeaseInput extends LeaseGrantInput {
  readonly dry_run?: boolean | undefined;
}

/** The lease with a new expiry, its time to live unchanged. Errors: `lease_fenced`, `lease_not_active`, `lease_version_mismatch`. */
export const renewLease = observed("renew_lease", async (host, input: RenewLeaseInput): Promise<LeaseChangeResult> => {
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const ref = grantOf(goal.goal_id, input);
  const now = momentOf(host.clock);
  const read = await host.leases.read(ref);
  if (read.kind === "unreadable") throw troubleError(read, ref);
  const current = read.kind === "found" ? read.lease : null;
  const options = {
    ttl_minutes: current?.ttl_minutes ?? 1,
    ...(input.lease_version === undefined ? {} : { version: input.lease_version }),
  };
  const dryRun = input.dry_run ?? false;
  // Without a lease the store has nothing to lock; the pure rule gives the same answer.
  const outcome = dryRun || current === null ? renewed(current, ref, options, now) : await host.leases.renew(ref, options);
  if (outcome.kind === "busy" || outcome.kind === "unreadable") throw troubleError(outcome, ref);
  if (outcome.kind !== "renewed") throw lostLease(outcome, ref);
  return { dry_run: dryRun, applied: !dryRun, changed: true, ...viewOf(goal.goal_id, outcome.lease, now) };
});
