/** All goals by what their quota and gates allow, and whose turn is next (CMD-82). A projection of decisions; it allots nothing. */
import type { QuotaStatusResult } from "../domain/payload/quota-status.ts";
import { decide } from "../domain/quota/decide.ts";
import { quotaPlan } from "../domain/status/quota-plan.ts";
import { everyGoal } from "./all-goals.ts";
import { requireGoals } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `quota status` and `quota plan`. */
export interface QuotaStatusInput {
  readonly mode?: "status" | "plan" | undefined;
  /** At most so many goals of each group are listed; the counts are whole. */
  readonly limit?: number | undefined;
  readonly cwd: string;
}

export type { QuotaStatusResult } from "../domain/payload/quota-status.ts";

const DEFAULT_LIMIT = 5;

/** The plan over every goal of the registry, each by its own decision. An unreadable registry is `registry_invalid`. */
export const quotaStatus = observed("quota_status", async (host, input: QuotaStatusInput): Promise<QuotaStatusResult> => {
  const now = momentOf(host.clock);
  const registry = await requireGoals(host);
  const goals = await everyGoal(host, registry, { keep: 1, cwd: input.cwd }, now);
  const decisions = goals.map(({ facts }) => decide(facts, now));
  return {
    mode: input.mode ?? "status",
    runtime_root: host.places.runtime_root,
    ...quotaPlan(decisions, host.locale, input.limit ?? DEFAULT_LIMIT),
  };
});
