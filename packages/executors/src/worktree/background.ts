/**
 * The watcher in the background, and with it the test server: `test start|stop|restart` (WTL-1, WTL-82). Starting it twice
 * repairs what is dead and says how the rest is; stopping it ends its cycle too.
 */
import { LoopxError } from "@loopx/core/domain";
import { lastLines } from "../drivers/agents/run-files.ts";
import { launchInBackground } from "../drivers/process/background.ts";
import { endProcess } from "../drivers/process/end.ts";
import { realTiming } from "../drivers/timing.ts";
import { componentOf } from "./components.ts";
import { startServer, stopServer, type Served } from "./serve.ts";
import type { Site } from "./site.ts";
import { isHeld } from "./supervise.ts";
import { liveWatcher } from "./watcher-record.ts";

const START_MS = 20_000;
const LOOK_MS = 100;
/** A promotion that has begun is finished first (WTL-3). */
const STOP_MS = 95_000;

/** The command line of the watcher, without the program. */
export interface WatcherCommand {
  /** The file of this program. */
  readonly entry: string;
  readonly words: readonly string[];
}

/** What a verb led to. */
export interface Background {
  readonly watcher: { readonly state: "running" | "stopped"; readonly changed: boolean; readonly pid: number | null };
  /** Null: none is configured. */
  readonly test: Served | null;
  readonly log: string;
}

/** Starts what is not running. The server comes first: the watcher's first cycle stops it for as long as it needs. */
export async function startBackground(site: Site, command: WatcherCommand, signal: AbortSignal): Promise<Background> {
  const test = componentOf(site, "test") === null ? null : await startTest(site, signal);
  return { watcher: await ensureWatcher(site, command, signal), test, log: logOf(site) };
}

/** The watcher that runs, or the one that was just started. */
export async function ensureWatcher(site: Site, command: WatcherCommand, signal: AbortSignal): Promise<Background["watcher"]> {
  const running = await liveWatcher(site);
  if (running !== null) return { state: "running", changed: false, pid: running.process.pid };
  return { state: "running", changed: true, pid: await startWatcher(site, command, signal) };
}

/** A cycle that stopped it for its gates brings it back itself (WTL-81). */
async function startTest(site: Site, signal: AbortSignal): Promise<Served> {
  if (await isHeld(site, "test"))
    return {
      name: "test",
      state: "stopped",
      changed: false,
      pid: null,
      port: null,
      sha: null,
      reason: "a cycle is testing; it starts it again",
    };
  return startServer(site, "test", signal);
}

/** Stops the watcher with its cycle, then the test server. */
export async function stopBackground(site: Site): Promise<Background> {
  const running = await liveWatcher(site);
  if (running !== null && !(await endProcess(running.process, site.launch.table, STOP_MS)))
    throw new LoopxError("conflict", `the watcher (pid ${running.process.pid}) cannot be ended`);
  const test = componentOf(site, "test") === null ? null : await stopServer(site, "test");
  return { watcher: { state: "stopped", changed: running !== null, pid: null }, test, log: logOf(site) };
}

/** The log of the watcher's own process; the loop's lines for people are in `lark-loop.log`. */
function logOf(site: Site): string {
  return `${site.root.dir}/logs/${site.config.name === "lark" ? "lark-watch" : "watch"}.log`;
}

async function startWatcher(site: Site, { entry, words }: WatcherCommand, signal: AbortSignal): Promise<number> {
  const log = logOf(site);
  const launched = await launchInBackground(
    { entry, words, env: site.env, cwd: site.root.dir, log, redact: site.secrets.values },
    site.launch,
  );
  if (launched.kind === "not_started") throw new LoopxError("internal", `the watcher cannot be started (${launched.errno})`);
  const over = new AbortController();
  void launched.exited.then(() => over.abort());
  try {
    return await pidOfWatcher(site, AbortSignal.any([signal, over.signal]), log);
  } finally {
    launched.letGo();
  }
}

/** The pid of the watcher that came up; another one may have been quicker. */
async function pidOfWatcher(site: Site, ended: AbortSignal, log: string): Promise<number> {
  for (const until = performance.now() + START_MS; performance.now() < until; await realTiming.pause(LOOK_MS, ended)) {
    const isLast = ended.aborted;
    const running = await liveWatcher(site);
    if (running !== null) return running.process.pid;
    if (isLast) break;
  }
  throw new LoopxError("conflict", `the watcher did not come up; ${log} says: ${lastLines(log, 5).trim()}`);
}
