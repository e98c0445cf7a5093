import { LoopxError, formatInstant } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { GATE_FLAGS } from "../options/worktree.ts";
import { runGateAlone } from "../worktree/alone.ts";
import { working, type SiteCall } from "./loop-site.ts";

/** One gate, for a look: the verdict stays here (WTL-1). */
export async function run(call: Call<typeof GATE_FLAGS>): Promise<Answer> {
  const [tier = ""] = call.words;
  if (tier !== "fast" && tier !== "slow")
    throw new LoopxError("invalid_value", `TIER is fast or slow, not ${JSON.stringify(tier.slice(0, 40))}`);
  return judged(call, tier, call.input.base_sha ?? null);
}

/** The verdict of that gate about that commit; null: the main branch as it is. */
export async function judged(call: SiteCall, tier: "fast" | "slow", base_sha: string | null): Promise<Answer> {
  const { at, event } = await working(call, async ({ open, signal }) => {
    const site = await open();
    const ended = await runGateAlone(site, { tier, base_sha }, signal);
    return { at: formatInstant(site.now(), "seconds"), event: ended };
  });
  if (event.kind !== "gate")
    throw new LoopxError(
      event.kind === "held" ? "lock_timeout" : "git_failed",
      `the gate could not be run: ${"reason" in event ? event.reason : event.kind}`,
    );
  const payload = { at, ...event.verdict, failure: event.failure };
  return {
    payload,
    lines: () => [
      title(`Gate ${tier}`),
      ...fields(payload, ["passed", "flaky", "failed_step"]),
      ...(event.failure === null ? [] : fields(event.failure, ["reason", "log"])),
    ],
    exit_code: event.verdict.passed ? 0 : 1,
  };
}
