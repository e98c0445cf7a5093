/**
 * One cycle in this process: asked, locked, an earlier one of a killed loop finished first, then carried out to its end. Nothing
 * is written about a cycle before the lock is ours, and the lock is given back whatever happens (WTL-37).
 */
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { recordedRuns } from "../drivers/agents/run.ts";
import { LoopxError, formatInstant, instantMs } from "@loopx/core/domain";
import { resumeMachine, runMachine, type Ground } from "../machine.ts";
import { peekProgress, storedProgress, type StoredProgress } from "../progress.ts";
import { newCycle, type Cycle, type CycleEffect, type CycleEvent, type CycleStart } from "./cycle.ts";
import { cycleEffects } from "./effects.ts";
import { cycleMachine } from "./machine.ts";
import { readMemory, renewMemory } from "./memory.ts";
import { memoryGround } from "./repair.ts";
import { groundIn } from "./release.ts";
import { FINAL } from "./schedule.ts";
import { agentGround, cyclePlace, type Site } from "./site.ts";

const LOCK_MS = 500;

/** Which commit, and whether a candidate that was tested before may skip the gates. */
export interface CycleWish {
  /** Null: the main branch as it is now. */
  readonly base_sha: string | null;
  readonly go_on: boolean;
}

/** The cycle at its end. */
export async function runCycle(site: Site, wish: CycleWish, signal: AbortSignal): Promise<Cycle> {
  const start = await startOf(site, wish);
  const lock = new CycleLock(site);
  const ground = groundOf(site, lock, signal, async (own) => {
    const taken = await lock.take();
    if (taken.kind !== "got") return taken;
    await tidyMemory(site);
    const earlier = await finishEarlier(own, site);
    const isWanted = earlier !== null && earlier.base_sha === start.base_sha && earlier.result !== null && FINAL.has(earlier.result);
    if (!isWanted || earlier.result === null) return taken;
    return { kind: "finished", result: earlier.result, candidate_sha: earlier.candidate_sha, reason: earlier.reason };
  });
  try {
    return await runMachine(ground, newCycle(start), { kind: "begin" });
  } finally {
    await lock.release();
  }
}

interface CycleGround extends Ground<Cycle, CycleEvent, CycleEffect> {
  readonly progress: StoredProgress<Cycle, CycleEvent, CycleEffect>;
}

/** What a cycle stands on. A cycle that is not ours to run leaves no byte behind. */
function groundOf(
  site: Site,
  lock: CycleLock,
  signal: AbortSignal,
  takeLock: (own: CycleGround) => Promise<CycleEvent> = () => lock.take(),
): CycleGround {
  const stored = storedProgress(site.host, cyclePlace(site), cycleMachine, site.now);
  const ground: CycleGround = {
    machine: cycleMachine,
    progress: {
      load: () => stored.load(),
      save: async (snapshot) => (lock.isOurs() ? stored.save(snapshot) : undefined),
      begin: async (snapshot, effect) => (lock.isOurs() ? stored.begin(snapshot, effect) : undefined),
      end: async (snapshot, event) => (lock.isOurs() ? stored.end(snapshot, event) : undefined),
    },
    carryOut: cycleEffects(site, () => takeLock(ground)),
    now: site.now,
    signal,
  };
  return ground;
}

/** A memory that cannot be read makes place for another, which knows at least how often agents ran today (WTL-60). */
async function tidyMemory(site: Site): Promise<void> {
  const agent_runs_ms = (await recordedRuns(agentGround(site))).map(({ started_at }) => instantMs(started_at) ?? 0);
  const kept = await renewMemory(memoryGround(site), { agent_runs_ms }, site.now());
  if (kept !== null) await site.notify(`watch.json cannot be read; it is kept as ${kept}, and what was done before is forgotten`);
}

/** The cycle of a killed loop, brought to its end under our lock. */
async function finishEarlier({ progress, ...ground }: CycleGround, site: Site): Promise<Cycle | null> {
  const earlier = await progress.load();
  if (earlier.kind === "damaged") await site.notify(`the state of the last cycle cannot be read; it is kept as ${earlier.kept}`);
  if (earlier.kind !== "found" || earlier.snapshot.state.phase === "done") return null;
  // It has its lock already: ours.
  const carryOut = cycleEffects(site, async () => ({ kind: "got" }));
  return resumeMachine({ ...ground, progress, carryOut }, earlier.snapshot, earlier.begun);
}

/**
 * Finishes or gives up the cycle of a killed loop without beginning another (WTL-34, WTL-81); null when there is none, or when
 * its process lives.
 */
export async function recoverCycle(site: Site, signal: AbortSignal): Promise<Cycle | null> {
  const lock = new CycleLock(site);
  if ((await lock.take()).kind !== "got") return null;
  try {
    await tidyMemory(site);
    return await finishEarlier(groundOf(site, lock, signal), site);
  } finally {
    await lock.release();
  }
}

/** The cycle that has not ended: one that runs, or one of a killed loop; "damaged" when its state cannot be read. Nothing is written. */
export async function unfinishedCycle(site: Site): Promise<Cycle | "damaged" | null> {
  const found = await peekProgress(site.host, cyclePlace(site), cycleMachine);
  if (found.kind !== "found") return found.kind === "damaged" ? "damaged" : null;
  return found.snapshot.state.phase === "done" ? null : found.snapshot.state;
}

async function startOf(site: Site, wish: CycleWish): Promise<CycleStart> {
  const place = placeOf(site.root);
  const base = await commitOf(site.git, place, wish.base_sha ?? `refs/heads/${site.config.main_branch}`);
  if (base === null)
    throw new LoopxError("invalid_value", `${wish.base_sha ?? site.config.main_branch} is no commit of ${site.root.dir}`, {
      details: { base_sha: wish.base_sha },
    });
  const { tested } = await readMemory(memoryGround(site));
  const goesOn =
    wish.go_on &&
    tested !== null &&
    tested.base_sha === base &&
    tested.config_sha256 === site.config_sha256 &&
    tested.ground_sha256 === groundIn(site, site.root.dir);
  const { profile, name } = site.config;
  return {
    cycle_id: site.host.ids.next("cycle_"),
    profile: name,
    base_sha: base,
    started_at: formatInstant(site.now(), "milliseconds"),
    limits: { max_cycles: profile.max_cycles, max_retries: profile.max_retries, max_slow_fixes: profile.max_slow_fixes },
    fix_enabled: profile.fix.enabled,
    starts_test: name === "lark" && profile.components.test !== undefined,
    has_slow_gate: profile.slow_gate.length > 0,
    tested_candidate: goesOn ? tested.candidate_sha : null,
  };
}

class CycleLock {
  readonly #site: Site;
  #held: { isOurs(): boolean; release(): Promise<void> } | null = null;

  constructor(site: Site) {
    this.#site = site;
  }

  /** A held lock is busy, never success; its owner is not evicted for its age. */
  async take(): Promise<CycleEvent> {
    if (this.#held !== null) return { kind: "got" };
    const taken = await this.#site.host.lock.acquire(`${this.#site.state_dir}/cycle`, {
      wait_ms: LOCK_MS,
      command: "loopx-loop cycle",
    });
    if (taken.kind === "busy")
      return { kind: "held", by: taken.owner === null ? "another process" : `pid ${taken.owner.pid} since ${taken.owner.at}` };
    this.#held = taken;
    return { kind: "got" };
  }

  isOurs(): boolean {
    if (this.#held === null) return false;
    if (this.#held.isOurs()) return true;
    throw new LoopxError("conflict", "another process took the lock of the cycle", { hint: "loopx-loop worktree status" });
  }

  async release(): Promise<void> {
    await this.#held?.release();
    this.#held = null;
  }
}
