/** How a loop stands, from its records alone: nothing is written and nothing is started (WTL-90). */
import { componentHealth, isUp, readComponent } from "../drivers/component.ts";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { isAlive } from "../drivers/process/identity.ts";
import { readRequests } from "../drivers/requests.ts";
import { below, exists } from "../drivers/loop-files.ts";
import { undeliveredOf } from "../notify/undelivered.ts";
import { storedProgress } from "../progress.ts";
import { componentOf } from "./components.ts";
import { cycleMachine } from "./machine.ts";
import { readMemory, runsOfDay } from "./memory.ts";
import { memoryGround } from "./repair.ts";
import { componentGround, cyclePlace, type Site } from "./site.ts";
import { readWatcher } from "./watcher.ts";

export type StatusOfLoop = Awaited<ReturnType<typeof statusOf>>;

/** The status of one profile. */
export async function statusOf(site: Site) {
  const memory = await readMemory(memoryGround(site));
  const watcher = await readWatcher(site);
  const running = watcher !== null && isAlive(watcher.process, site.launch.table);
  const cycle = await cycleNow(site);
  const components = (await Promise.all((["main", "test"] as const).map((name) => componentNow(site, name)))).filter(
    (each) => each !== null,
  );
  const unwell = components.some(({ state }) => state === "unhealthy");
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
    mode: cycle !== null ? ("validating" as const) : unwell ? ("degraded" as const) : running ? ("healthy" as const) : ("stopped" as const),
    cycle,
    last: memory.last,
    main_sha: await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`),
    last_processed_sha: memory.ended.at(-1)?.sha ?? null,
    last_validated_sha: memory.last_validated_sha,
    components,
    requests: readRequests(`${site.state_dir}/requests`),
    fix: {
      enabled: site.config.profile.fix.enabled,
      runs_24h: runsOfDay(memory, site.now().ms),
      max: site.config.profile.fix.max_runs_per_day,
    },
    undelivered: await undeliveredOf({ documents: site.host.documents, executor: site.executor }),
    rescue_refs: refs.split("\n").filter((ref) => ref !== ""),
    warnings: exists(below(site.root.dir, "tmp/lark-loop.lock")) ? ["tmp/lark-loop.lock is left of an older script; nothing reads it"] : [],
  };
}

/** The cycle that has not ended; one of a killed loop is among them until the next one takes it up. */
async function cycleNow(site: Site) {
  const found = await site.host.documents.read({ kind: "executor_state", executor: site.executor, name: "cycle.json" });
  if (found.kind !== "found") return null;
  const stored = await storedProgress(readOnly(site), cyclePlace(site), cycleMachine, site.now).load();
  if (stored.kind !== "found" || stored.snapshot.state.phase === "done") return null;
  const { cycle_id, phase, base_sha, candidate_sha, attempt, limits, started_at } = stored.snapshot.state;
  return { cycle_id, phase, base_sha, candidate_sha, attempt, max_cycles: limits.max_cycles, since: started_at };
}

/** A damaged state is kept aside by the next cycle, not by a look. */
function readOnly(site: Site): Pick<Site["host"], "documents" | "logs"> {
  const { documents, logs } = site.host;
  return { logs, documents: { ...documents, update: async () => ({ kind: "unreadable", reason: "denied", where: "a query" }) } };
}

async function componentNow(site: Site, name: "main" | "test") {
  const config = componentOf(site, name);
  if (config === null) return null;
  const ground = componentGround(site);
  const record = await readComponent(ground, name);
  const common = { name, port: config.port ?? null, sha: record?.sha ?? null, wanted: record?.wanted ?? ("down" as const) };
  if (record === null || !isUp(record, ground)) {
    const state = record?.wanted === "up" ? ("unhealthy" as const) : ("stopped" as const);
    return { ...common, state, pid: null, health: record?.wanted === "up" ? "gone" : "stopped" };
  }
  const health = await componentHealth(record, config, ground);
  return {
    ...common,
    state: health.kind === "well" ? ("healthy" as const) : ("unhealthy" as const),
    pid: record.process.pid,
    health: health.kind,
  };
}
