/** One gate without a cycle: under the cycle's lock, because both use the one test worktree. Nothing is recorded or promoted. */
import { LoopxError, formatInstant } from "@loopx/core/domain";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { newCycle, type Cycle, type CycleEvent } from "./cycle.ts";
import { runGate } from "./gates.ts";
import type { Site } from "./site.ts";
import { ensure, prepare, reset } from "./stages.ts";

/** The gate's event; `held` when a cycle is going on. */
export async function runGateAlone(
  site: Site,
  wish: { readonly tier: "fast" | "slow"; readonly base_sha: string | null },
  signal: AbortSignal,
): Promise<CycleEvent> {
  const base = await commitOf(site.git, placeOf(site.root), wish.base_sha ?? `refs/heads/${site.config.main_branch}`);
  if (base === null) throw new LoopxError("invalid_value", `${wish.base_sha ?? ""} is no commit of ${site.root.dir}`);
  const lock = await site.host.lock.acquire(`${site.state_dir}/cycle`, { wait_ms: 500, command: "loopx-loop gate" });
  if (lock.kind === "busy") return { kind: "held", by: `pid ${lock.owner?.pid ?? "unknown"}` };
  try {
    const cycle = cycleFor(site, base);
    for (const stage of [ensure, reset, prepare]) {
      const event = await stage(site, cycle, signal);
      if (event.kind !== "ok") return event;
    }
    return await runGate(site, cycle, wish.tier, signal);
  } finally {
    await lock.release();
  }
}

function cycleFor(site: Site, base_sha: string): Cycle {
  const limits = { max_cycles: 1, max_retries: 0, max_slow_fixes: 0 };
  const started_at = formatInstant(site.now(), "milliseconds");
  const start = { cycle_id: site.host.ids.next("gate_"), profile: site.config.name, base_sha, started_at, limits };
  return { ...newCycle({ ...start, fix_enabled: false, starts_test: false, has_slow_gate: false, tested_candidate: null }), attempt: 1 };
}
