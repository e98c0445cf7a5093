/** How a loop stands, from its records alone: nothing is written and nothing is started (WTL-90). */
import { componentHealth, isUp, readComponent } from "../drivers/component.ts";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { readRequests } from "../drivers/requests.ts";
import { undeliveredOf } from "../notify/undelivered.ts";
import { componentOf, type ComponentName } from "./components.ts";
import type { Cycle } from "./cycle.ts";
import { readMemory, runsOfDay } from "./memory.ts";
import { memoryGround } from "./repair.ts";
import { unfinishedCycle } from "./run-cycle.ts";
import { componentGround, type Site } from "./site.ts";
import { warningsOf } from "./status-warnings.ts";
import { readSupervised } from "./supervise.ts";
import { recentOf } from "./supervisor.ts";
import { liveWatcher } from "./watcher-record.ts";

export type StatusOfLoop = Awaited<ReturnType<typeof statusOf>>;

/** The status of one profile. */
export async function statusOf(site: Site) {
  const memory = await readMemory(memoryGround(site));
  const watcher = await liveWatcher(site);
  const running = watcher !== null;
  const unfinished = await unfinishedCycle(site);
  const cycle = shownCycle(unfinished);
  const components = (await Promise.all((["main", "test"] as const).map((name) => componentNow(site, name, running)))).filter(
    (each) => each !== null,
  );
  const cooling = components.some(({ state }) => state === "cooldown");
  const unwell = components.some(({ state, wanted }) => wanted === "up" && state !== "healthy");
  const refs = await site.git.run(placeOf(site.root), ["for-each-ref", "--format=%(refname)", "refs/loopx/rescue/"]);
  return {
    root: site.root.dir,
    profile: site.config.name,
    goal_id: site.config.goal_id,
    watcher: {
      state: running ? ("running" as const) : ("stopped" as const),
      pid: running ? watcher.process.pid : null,
      since: running ? watcher.since : null,
    },
    mode: modeOf({ validating: cycle !== null, cooling, unwell, running }),
    cycle,
    last: memory.last,
    main_sha: await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`),
    last_processed_sha: memory.ended.at(-1)?.sha ?? null,
    last_validated_sha: memory.last_validated_sha,
    components,
    deployed: {
      main: components.find(({ name }) => name === "main")?.sha ?? null,
      test: components.find(({ name }) => name === "test")?.sha ?? null,
    },
    requests: readRequests(`${site.state_dir}/requests`),
    fix: {
      enabled: site.config.profile.fix.enabled,
      runs_24h: runsOfDay(memory, site.now().ms),
      max: site.config.profile.fix.max_runs_per_day,
    },
    undelivered: await undeliveredOf({ documents: site.host.documents, executor: site.executor }),
    rescue_refs: refs.split("\n").filter((ref) => ref !== ""),
    warnings: await warningsOf(site, unfinished === "damaged"),
  };
}

function modeOf(is: {
  readonly validating: boolean;
  readonly cooling: boolean;
  readonly unwell: boolean;
  readonly running: boolean;
}): "healthy" | "degraded" | "validating" | "cooldown" | "stopped" {
  if (is.validating) return "validating";
  if (is.cooling) return "cooldown";
  if (is.unwell) return "degraded";
  return is.running ? "healthy" : "stopped";
}

/** One of a killed loop is among them until the next one takes it up. */
function shownCycle(cycle: Cycle | "damaged" | null) {
  if (cycle === null || cycle === "damaged") return null;
  const { cycle_id, phase, base_sha, candidate_sha, attempt, limits, started_at } = cycle;
  return { cycle_id, phase, base_sha, candidate_sha, attempt, max_cycles: limits.max_cycles, since: started_at };
}

async function componentNow(site: Site, name: ComponentName, watched: boolean) {
  const config = componentOf(site, name);
  if (config === null) return null;
  const ground = componentGround(site);
  const record = await readComponent(ground, name);
  const supervised = await readSupervised(site, name);
  const common = {
    name,
    port: config.port ?? null,
    sha: record?.sha ?? null,
    wanted: record?.wanted ?? ("down" as const),
    restarts_10m: recentOf(supervised, site.now().ms).length,
  };
  if (record === null || !isUp(record, ground)) {
    const wanted = record?.wanted === "up";
    const waits = supervised.state === "backoff" || supervised.state === "cooldown";
    const state = !wanted ? ("stopped" as const) : watched && waits ? supervised.state : ("unhealthy" as const);
    return { ...common, state, pid: null, health: wanted ? "gone" : "stopped" };
  }
  const health = await componentHealth(record, config, ground);
  return {
    ...common,
    state: health.kind === "well" ? ("healthy" as const) : ("unhealthy" as const),
    pid: record.process?.pid ?? null,
    health: health.kind,
  };
}
