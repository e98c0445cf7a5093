/** The two gates: their steps run on exactly the candidate, and the tree is still that afterwards (WTL-40 to WTL-44). */
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import type { Cycle, CycleEvent, Failure } from "./cycle.ts";
import type { Site } from "./site.ts";
import { failedStep, runSteps } from "./steps.ts";
import { changesIn, testCheckout } from "./tree.ts";

const SHOWN_FILES = 20;

/** The verdict about the candidate, or that there is none. */
export async function runGate(site: Site, cycle: Cycle, tier: "fast" | "slow", signal: AbortSignal): Promise<CycleEvent> {
  const { fast_gate, slow_gate } = site.config.profile;
  const outcome = await runSteps(site, cycle, tier, tier === "fast" ? fast_gate : slow_gate, signal);
  if (outcome.kind === "stopped") return { kind: "aborted", reason: outcome.reason };
  if (outcome.kind === "fault") return { kind: "fault", reason: outcome.reason };
  const flaky = outcome.steps.some((step) => step.flaky);
  const failed = failedStep(outcome.steps);
  const failure: Failure | null =
    failed === null
      ? await mutation(site, cycle, tier)
      : { tier, step: failed.id, exit_code: failed.exit_code, reason: failed.reason, log: failed.log };
  return { kind: "gate", verdict: { tier, passed: failure === null, flaky, failed_step: failure?.step ?? null }, failure };
}

/** A gate that changes what it tests has tested something else (WTL-43). */
async function mutation(site: Site, cycle: Cycle, tier: "fast" | "slow"): Promise<Failure | null> {
  const checkout = await testCheckout(site);
  const head = await commitOf(site.git, placeOf(checkout), "HEAD");
  const changed = (await changesIn(site, checkout)).map(({ path }) => path);
  if (head === cycle.candidate_sha && changed.length === 0) return null;
  const what = head === cycle.candidate_sha ? changed.slice(0, SHOWN_FILES).join(", ") : `HEAD is ${head ?? "nothing"}`;
  return { tier, step: "gate_mutated_tree", exit_code: null, reason: `the gate changed the tree: ${what}`, log: null };
}
