/**
 * Ends a run: asked first, killed after its grace, then whatever of it stands elsewhere, then looked for again (AGT-23,
 * AGT-25, REL-145). Before each signal the identity is compared; on a mismatch nothing is signalled.
 */
import { isAlive, isSame, type LiveProcess, type ProcessTable, type RecordedProcess } from "./identity.ts";
import { membersOf, type Mark } from "./members.ts";

export const TERM_GRACE_MS = 5_000;
/** Time for the children of a leader that ended (AGT-27). */
const REMAINS_MS = 2_000;
/** What is left outside the group gets less. */
const LEFTOVER_GRACE_MS = 2_000;
/** A killed process is gone within moments, unless the kernel holds it. */
const GONE_MS = 3_000;
const LOOK_MS = 50;

/** How it ended; `still_alive` is empty when nothing of the run is left. */
export interface StopReport {
  readonly signalled: readonly number[];
  readonly still_alive: readonly number[];
}

/** What stopping stands on; tests give a shorter grace. */
export interface StopOptions {
  readonly table: ProcessTable;
  readonly term_grace_ms?: number;
  readonly remains_ms?: number;
  readonly signal?: (pid: number, signal: "SIGTERM" | "SIGKILL") => void;
}

/** Stops every process of the run. `record` is null when only its mark is known. */
export async function stopRun(record: RecordedProcess | null, mark: Mark, options: StopOptions): Promise<StopReport> {
  const hunt = new Hunt(record, mark, options);
  if (record !== null && hunt.scan().length > 0) {
    hunt.signalGroup(record, "SIGTERM");
    await hunt.untilGone(options.term_grace_ms ?? TERM_GRACE_MS);
    hunt.signalGroup(record, "SIGKILL");
  }
  return endOf(hunt, await stopLeftovers(hunt));
}

/** Ends what a run left behind after its leader had gone by itself; it gets a moment to go by itself too (AGT-27). */
export async function stopRemains(record: RecordedProcess | null, mark: Mark, options: StopOptions): Promise<StopReport> {
  const hunt = new Hunt(record, mark, options);
  await hunt.untilGone(options.remains_ms ?? REMAINS_MS);
  return endOf(hunt, await stopLeftovers(hunt));
}

function endOf({ signalled }: Hunt, left: readonly LiveProcess[]): StopReport {
  return { signalled: [...signalled], still_alive: left.map(({ pid }) => pid) };
}

/** What is left in the end. That nothing is was seen twice by then: a process that forks while it is looked for can hide once. */
async function stopLeftovers(hunt: Hunt): Promise<readonly LiveProcess[]> {
  if (hunt.scan().length === 0) return [];
  hunt.signalEach("SIGTERM");
  await hunt.untilGone(LEFTOVER_GRACE_MS);
  hunt.signalEach("SIGKILL");
  await hunt.untilGone(GONE_MS);
  return hunt.scan();
}

class Hunt {
  readonly signalled = new Set<number>();
  readonly #record: RecordedProcess | null;
  readonly #mark: Mark;
  readonly #table: ProcessTable;
  readonly #signal: (pid: number, signal: "SIGTERM" | "SIGKILL") => void;
  /** Everything that was ever seen of the run: a dead parent no longer leads to its children. */
  #known: readonly LiveProcess[] = [];

  constructor(record: RecordedProcess | null, mark: Mark, options: StopOptions) {
    this.#record = record;
    this.#mark = mark;
    this.#table = options.table;
    this.#signal = options.signal ?? kill;
  }

  scan(): readonly LiveProcess[] {
    this.#known = membersOf(this.#record, this.#mark, this.#table, this.#known);
    return this.#known;
  }

  signalGroup(record: RecordedProcess, signal: "SIGTERM" | "SIGKILL"): void {
    if (record.pgid !== record.pid || record.pid <= 1 || !isAlive(record, this.#table)) return;
    this.signalled.add(record.pid);
    this.#signal(-record.pgid, signal);
  }

  /** Each one alone, by what was seen of it in this moment. */
  signalEach(signal: "SIGTERM" | "SIGKILL"): void {
    for (const each of this.scan()) {
      const now = this.#table.look(each.pid);
      if (now === null || !isSame(now, each)) continue;
      this.signalled.add(each.pid);
      this.#signal(each.pid, signal);
    }
  }

  async untilGone(limit_ms: number): Promise<void> {
    const until = performance.now() + limit_ms;
    while (this.scan().length > 0 && performance.now() < until) await pause(LOOK_MS);
  }
}

function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It went by itself, or became somebody else's: neither is ours to signal.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
