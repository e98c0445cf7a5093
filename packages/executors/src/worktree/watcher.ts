/**
 * The watcher: looks at the main branch and the queue, runs cycles, and never ends because of one (WTL-36). It reads a ref; it
 * fetches and builds nothing by itself. One watcher per profile.
 */
import { nodeIdentity } from "@loopx/core";
import { formatInstant, LoopxError, isJsonObject } from "@loopx/core/domain";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { recordOf, type RecordedProcess } from "../drivers/process/identity.ts";
import { dropRequests, readRequests } from "../drivers/requests.ts";
import { realTiming } from "../drivers/timing.ts";
import { readMemory } from "./memory.ts";
import { answeredGate } from "./release.ts";
import { memoryGround } from "./repair.ts";
import { runCycle } from "./run-cycle.ts";
import { nextMove, QUIET_MS, type Move, type WatchFacts } from "./schedule.ts";
import { STARVED } from "./sentences.ts";
import type { Site } from "./site.ts";

const STARVING = 3;

/** Who watches. */
export interface WatcherRecord {
  readonly process: RecordedProcess;
  readonly since: string;
}

const keyOf = (site: Site) => ({ kind: "executor_state", executor: site.executor, name: "watcher.json" }) as const;

/** The record of the last watcher; it may be gone. */
export async function readWatcher(site: Site): Promise<WatcherRecord | null> {
  const found = await site.host.documents.read(keyOf(site));
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    return isJsonObject(value) && isJsonObject(value["process"]) ? (value as unknown as WatcherRecord) : null;
  } catch {
    return null;
  }
}

/** Watches until it is told to end. `open` gives the site anew for each cycle: its configuration may have changed. */
export async function watch(open: () => Promise<Site>, signal: AbortSignal): Promise<{ readonly cycles: number }> {
  const first = await open();
  const lock = await first.host.lock.acquire(`${first.state_dir}/watcher`, { wait_ms: 500, command: "loopx-loop watch" });
  if (lock.kind === "busy")
    throw new LoopxError("lock_timeout", `another watcher runs (pid ${lock.owner?.pid ?? "unknown"})`, {
      hint: "loopx-loop worktree status",
    });
  try {
    await writeWatcher(first);
    return await watchUnderLock(first, open, signal);
  } finally {
    await lock.release();
  }
}

async function watchUnderLock(first: Site, open: () => Promise<Site>, signal: AbortSignal): Promise<{ readonly cycles: number }> {
  let site = first;
  let last: WatchFacts["last"] = null;
  let seen: Seen | null = null;
  let cycles = 0;
  while (!signal.aborted) {
    const now = site.now().ms;
    const main = await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`);
    seen = seenNow(seen, main, now);
    const move: Move = seen === null ? { kind: "wait" } : nextMove(await factsOf(site, seen, last), now);
    if (move.kind === "wait") {
      await realTiming.pause(site.config.poll_seconds * 1000, signal);
      continue;
    }
    dropRequests(`${site.state_dir}/requests`, move.requests);
    if (move.kind === "drop") continue;
    try {
      site = await open();
      const cycle = await runCycle(site, { base_sha: move.base_sha, go_on: move.go_on }, signal);
      last = { sha: move.base_sha, result: cycle.result ?? "infra_error", at_ms: site.now().ms };
      cycles += 1;
      await tellStarving(site);
    } catch (error) {
      // A configuration that cannot be read just now, a full disk: nothing of it ends the watcher.
      last = { sha: move.base_sha, result: "infra_error", at_ms: site.now().ms };
      await site.notify(
        `the cycle of ${move.base_sha.slice(0, 12)} could not be run: ${site.secrets.redact(error instanceof Error ? error.message : String(error))}`,
      );
    }
  }
  return { cycles };
}

/** The main branch as it was last looked at. */
interface Seen {
  readonly sha: string;
  readonly quiet_ms: number;
  readonly moving_ms: number;
}

/** A commit that comes soon after another belongs to the same movement. */
function seenNow(before: Seen | null, sha: string | null, now: number): Seen | null {
  if (sha === null || sha === before?.sha) return before;
  const moving = before !== null && now - before.quiet_ms < QUIET_MS;
  return { sha, quiet_ms: now, moving_ms: moving ? before.moving_ms : now };
}

async function factsOf(site: Site, seen: Seen, last: WatchFacts["last"]): Promise<WatchFacts> {
  const memory = await readMemory(memoryGround(site));
  return {
    main_sha: seen.sha,
    quiet_since_ms: seen.quiet_ms,
    moving_since_ms: seen.moving_ms,
    requests: readRequests(`${site.state_dir}/requests`),
    memory,
    last,
    polling: site.config.name === "worktree",
    answered: memory.tested !== null && (await answeredGate(site, memory.tested.candidate_sha)),
  };
}

async function tellStarving(site: Site): Promise<void> {
  const { base_moved_in_row } = await readMemory(memoryGround(site));
  if (base_moved_in_row === STARVING) await site.notify(STARVED[site.locale]());
}

async function writeWatcher(site: Site): Promise<void> {
  const { pid } = nodeIdentity().self();
  const record: WatcherRecord = { process: recordOf(pid, site.launch.table), since: formatInstant(site.now(), "milliseconds") };
  await site.host.documents.update(keyOf(site), () => ({ write: `${JSON.stringify(record, null, 2)}\n`, value: null }), {
    set_aside: true,
  });
}
