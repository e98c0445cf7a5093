/**
 * One launch of the primary bot in this process, under its lock. A launch of a killed process is gone on with, so its repairs
 * count on; nobody gets more of them by killing it.
 */
import { formatInstant } from "@loopx/core/domain";
import { resumeMachine, runMachine, type Ground } from "../machine.ts";
import { storedProgress, type LoopPlace } from "../progress.ts";
import type { Site } from "../worktree/site.ts";
import { launchEffects } from "./effects.ts";
import { newLaunch, type Launch, type LaunchEffect, type LaunchEvent } from "./launch.ts";
import { launchMachine } from "./machine.ts";

const LOCK_MS = 500;

/** Where a launch keeps itself. */
export function launchPlace({ executor }: Pick<Site, "executor">): LoopPlace {
  return { executor, state: "launch.json", journal: "launch-journal" };
}

/** The launch at its end. `keep_running`: a bot that is well is left alone. */
export async function launchPrimary(site: Site, wish: { readonly keep_running: boolean }, signal: AbortSignal): Promise<Launch> {
  const fresh = freshLaunch(site, wish.keep_running);
  const lock = await site.host.lock.acquire(`${site.state_dir}/launch`, { wait_ms: LOCK_MS, command: "loopx-loop lark primary" });
  if (lock.kind === "busy")
    return { ...fresh, phase: "done", result: "busy", reason: `it is being started already (pid ${lock.owner?.pid ?? "unknown"})` };
  try {
    const progress = storedProgress(site.host, launchPlace(site), launchMachine, site.now);
    const ground: Ground<Launch, LaunchEvent, LaunchEffect> = {
      machine: launchMachine,
      progress,
      carryOut: launchEffects(site),
      now: site.now,
      signal,
    };
    const earlier = await progress.load();
    if (earlier.kind === "damaged") await site.notify(`the state of the last launch cannot be read; it is kept as ${earlier.kept}`);
    if (earlier.kind === "found" && earlier.snapshot.state.phase !== "done")
      return await resumeMachine(ground, earlier.snapshot, earlier.begun);
    return await runMachine(ground, fresh, { kind: "begin" });
  } finally {
    await lock.release();
  }
}

function freshLaunch(site: Site, keep_running: boolean): Launch {
  const { max_retries, fix } = site.config.profile;
  return newLaunch({
    launch_id: site.host.ids.next("launch_"),
    keep_running,
    started_at: formatInstant(site.now(), "milliseconds"),
    limits: { max_retries },
    fix_enabled: fix.enabled,
  });
}
