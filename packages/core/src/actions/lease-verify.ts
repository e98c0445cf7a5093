/** `lease verify`: may this holder still act under this token? For loops, by the exit code (CMD-102). */
import { isLive } from "../domain/lease/rules.ts";
import type { LeaseVerifyResult } from "../domain/payload/lease.ts";
import { openGoal, requireGoals } from "./goals.ts";
import { grantOf, lostLease, troubleError, viewOf, type LeaseGrantInput } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

export type { LeaseVerifyResult } from "../domain/payload/lease.ts";

/** The lease, live with that token. Anything else throws `lease_fenced`, `lease_not_active` or `lease_version_mismatch`: exit 3. */
export const verifyLease = observed("verify_lease", async (host, input: LeaseGrantInput): Promise<LeaseVerifyResult> => {
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const ref = grantOf(goal.goal_id, input);
  const now = momentOf(host.clock);
  const read = await host.leases.read(ref);
  if (read.kind === "unreadable") throw troubleError(read, ref);
  const lease = read.kind === "found" ? read.lease : null;
  if (lease === null || lease.holder !== ref.holder || lease.token !== ref.token) throw lostLease({ kind: "fenced", current: lease }, ref);
  if (!isLive(lease, now)) throw lostLease({ kind: "not_active", lease }, ref);
  if (input.lease_version !== undefined && input.lease_version !== lease.version) throw lostLease({ kind: "version_mismatch", lease }, ref);
  return { read_only: true, ...viewOf(goal.goal_id, lease, now), changed: false };
});
