/** One stage without a cycle: under the cycle's lock, because all use the one test worktree. Nothing is recorded or promoted. */
import { LoopxError, formatInstant } from "@loopx/core/domain";
import { completeArtifact } from "../drivers/artifacts.ts";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { exists } from "../drivers/loop-files.ts";
import { newCycle, type Cycle, type CycleEvent } from "./cycle.ts";
import { runGate } from "./gates.ts";
import type { Site } from "./site.ts";
import { build, ensure, prepare, reset } from "./stages.ts";

/** The gate's event; `held` when a cycle is going on. */
export async function runGateAlone(
  site: Site,
  wish: { readonly tier: "fast" | "slow"; readonly base_sha: string | null },
  signal: AbortSignal,
): Promise<CycleEvent> {
  if (wish.tier === "slow" && site.config.profile.slow_gate.length === 0)
    throw new LoopxError("config_invalid", `${site.config_path} has no slow_gate`, { hint: "add slow_gate: […], or run the fast one" });
  const base = await commitOf(site.git, placeOf(site.root), wish.base_sha ?? `refs/heads/${site.config.main_branch}`);
  if (base === null) throw new LoopxError("invalid_value", `${wish.base_sha ?? ""} is no commit of ${site.root.dir}`);
  return alone(site, base, (cycle) => runGate(site, cycle, wish.tier, signal), signal);
}

/**
 * How a build went; `unneeded`: the artifact was complete, or nothing has to be built; `busy` and `fault`: it was not tried, or
 * not to its end, so nothing is known about the commit.
 */
export interface BuildAlone {
  readonly kind: "built" | "unneeded" | "failed" | "busy" | "fault";
  readonly artifact_dir: string | null;
  /** Of what did not lead to an artifact. */
  readonly reason: string;
  readonly log: string | null;
}

/** Builds that commit once, as a cycle would (WTL-74). Without a build step there is only the test worktree to make. */
export async function buildAlone(site: Site, sha: string, signal: AbortSignal): Promise<BuildAlone> {
  const folder = `${site.state_dir}/artifacts`;
  const wanted = site.config.profile.build !== undefined;
  const found = completeArtifact(folder, sha);
  if (wanted ? found !== null : exists(site.worktree)) return { ...NOTHING, artifact_dir: found };
  const event = await alone(site, sha, async (cycle) => (wanted ? build(site, cycle, signal) : { kind: "ok" }), signal);
  if (event.kind === "ok") return { ...NOTHING, kind: wanted ? "built" : "unneeded", artifact_dir: completeArtifact(folder, sha) };
  if (event.kind === "failed") return { ...NOTHING, kind: "failed", reason: event.failure.reason, log: event.failure.log };
  if (event.kind === "held") return { ...NOTHING, kind: "busy", reason: `a cycle is going on (${event.by})` };
  return { ...NOTHING, kind: "fault", reason: "reason" in event ? event.reason : event.kind };
}

const NOTHING: BuildAlone = { kind: "unneeded", artifact_dir: null, reason: "", log: null };

async function alone(site: Site, base: string, last: (cycle: Cycle) => Promise<CycleEvent>, signal: AbortSignal): Promise<CycleEvent> {
  const lock = await site.host.lock.acquire(`${site.state_dir}/cycle`, { wait_ms: 500, command: "loopx-loop gate" });
  if (lock.kind === "busy") return { kind: "held", by: `pid ${lock.owner?.pid ?? "unknown"}` };
  try {
    const cycle = cycleFor(site, base);
    for (const stage of [ensure, reset, prepare]) {
      const event = await stage(site, cycle, signal);
      if (event.kind !== "ok") return event;
    }
    return await last(cycle);
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
