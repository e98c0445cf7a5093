/**
 * The watcher: looks at the main branch and the queue, runs cycles, and never ends because of one (WTL-36). It reads a ref; it
 * fetches and builds nothing by itself. One watcher per profile.
 */
import { LoopxError } from "@loopx/core/domain";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { answerRequests, readRequests, type RequestAnswer } from "../drivers/requests.ts";
import { realTiming } from "../drivers/timing.ts";
import { readMemory } from "./memory.ts";
import { answeredGate } from "./question.ts";
import { memoryGround } from "./repair.ts";
import { recoverCycle, runCycle, unfinishedCycle } from "./run-cycle.ts";
import { nextMove, QUIET_MS, type Move, type WatchFacts } from "./schedule.ts";
import { STARVED } from "./sentences.ts";
import type { Site } from "./site.ts";
import { supervise } from "./supervise.ts";
import { writeWatcher } from "./watcher-record.ts";

const STARVING = 3;
/** So long nobody may have finished a cycle before it counts as lost. */
const LOST_MS = 30_000;

/** Watches until it is told to end. `open` gives the site anew for each cycle: its configuration may have changed. */
export async function watch(open: () => Promise<Site>, signal: AbortSignal): Promise<{ readonly cycles: number }> {
  const first = await open();
  const lock = await first.host.lock.acquire(`${first.state_dir}/watcher`, { wait_ms: 500, command: "loopx-loop watch" });
  if (lock.kind === "busy")
    throw new LoopxError("lock_timeout", `another watcher runs (pid ${lock.owner?.pid ?? "unknown"})`, {
      hint: "loopx-loop worktree status",
    });
  const supervising = new AbortController();
  const watcher = new Watcher(first, open);
  try {
    await writeWatcher(first);
    const supervised = supervise(() => watcher.site, supervising.signal);
    try {
      return await watcher.run(signal);
    } finally {
      supervising.abort();
      await supervised;
    }
  } finally {
    await lock.release();
  }
}

class Watcher {
  /** As it was last opened. */
  site: Site;
  readonly #open: () => Promise<Site>;
  #last: WatchFacts["last"] = null;
  /** Why the last cycle could not even begin. */
  #trouble: string | null = null;
  /** A cycle that had not ended, and since when it has been seen so. */
  #unfinished: { readonly cycle_id: string; readonly since_ms: number } | null = null;

  constructor(first: Site, open: () => Promise<Site>) {
    this.site = first;
    this.#open = open;
  }

  async run(signal: AbortSignal): Promise<{ readonly cycles: number }> {
    let seen: Seen | null = null;
    let cycles = 0;
    while (!signal.aborted) {
      const { site } = this;
      const now = site.now().ms;
      const main = await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`);
      seen = seenNow(seen, main, now);
      const move: Move = seen === null ? { kind: "wait" } : nextMove(await factsOf(site, seen, this.#last), now);
      if (move.kind === "cycle") cycles += await this.#cycle(move, signal);
      else if (move.kind === "drop") {
        const { result, reason, cycle_id, sha } = move.done;
        await this.#answer(move.requests, { result, reason, cycle_id, base_sha: sha });
      } else {
        await this.#recover(now, signal);
        await realTiming.pause(site.config.poll_seconds * 1000, signal);
      }
    }
    return { cycles };
  }

  /** Runs a cycle; nothing that goes wrong in it ends the watcher. */
  async #cycle(move: Extract<Move, { kind: "cycle" }>, signal: AbortSignal): Promise<0 | 1> {
    try {
      this.site = await this.#open();
      const cycle = await runCycle(this.site, { base_sha: move.base_sha, go_on: move.go_on }, signal);
      const result = cycle.result ?? "infra_error";
      this.#last = { sha: move.base_sha, result, at_ms: this.site.now().ms };
      this.#trouble = null;
      // A request is done when its cycle was: the next watcher, or the next try, finds it again.
      const { reason, cycle_id, base_sha } = cycle;
      if (result !== "busy" && !signal.aborted) await this.#answer(move.requests, { result, reason, cycle_id, base_sha });
      await tellStarving(this.site);
      return 1;
    } catch (error) {
      // A configuration that cannot be read just now, a full disk.
      const reason = this.site.secrets.redact(error instanceof Error ? error.message : String(error));
      this.#last = { sha: move.base_sha, result: "infra_error", at_ms: this.site.now().ms };
      await this.#answer(move.requests, { result: "infra_error", reason, cycle_id: null, base_sha: move.base_sha });
      // Tried again and again, told once.
      if (reason === this.#trouble) return 0;
      this.#trouble = reason;
      await this.site.notify(`the cycle of ${move.base_sha.slice(0, 12)} could not be run: ${reason}`);
      return 0;
    }
  }

  /** Requests that cannot be taken out of the queue are done again; that is better than no watcher. */
  async #answer(requests: readonly string[], answer: RequestAnswer): Promise<void> {
    try {
      answerRequests(folderOf(this.site), requests, answer);
    } catch (error) {
      await this.site.notify(`the queue of requests cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A cycle whose process has been gone for a while is brought to its end, and its server comes back (WTL-81). */
  async #recover(now: number, signal: AbortSignal): Promise<void> {
    const cycle = await unfinishedCycle(this.site);
    const before = this.#unfinished;
    if (cycle === null || cycle === "damaged" || cycle.cycle_id !== before?.cycle_id) {
      this.#unfinished = cycle === null || cycle === "damaged" ? null : { cycle_id: cycle.cycle_id, since_ms: now };
      return;
    }
    if (now - before.since_ms < LOST_MS) return;
    this.#unfinished = null;
    await recoverCycle(this.site, signal);
  }
}

function folderOf(site: Site): string {
  return `${site.state_dir}/requests`;
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
    requests: readRequests(folderOf(site)),
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
