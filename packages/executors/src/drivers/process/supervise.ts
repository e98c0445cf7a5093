/**
 * Watches one run to its end: its own exit, its hard limit, its silence, or somebody's wish to stop it (AGT-26, WTL-42).
 * When this answers, nothing of the run is alive, or the answer names what is. The client's own limits are never needed.
 */
import type { RecordedProcess } from "./identity.ts";
import type { Mark } from "./members.ts";
import type { Exit, LogTruncated } from "./order.ts";
import { stopRemains, stopRun, type StopOptions } from "./stop.ts";

const LOG_MS = 2_000;
const LONGEST_LOOK_MS = 1_000;

/** A run that can be watched: just launched, or adopted from records. */
export interface Watchable {
  readonly process: RecordedProcess;
  readonly exited: Promise<Exit | null>;
  readonly closed: Promise<{ readonly log_truncated: LogTruncated }>;
  /** `performance.now()` of the last sign of life. */
  lastOutputAt(): number;
  /** Looks no more and holds nothing open; what it promised is never settled. */
  letGo(): void;
}

/** Both end the run; a silence of 0 is no limit. */
export interface RunLimits {
  readonly max_ms: number;
  readonly silence_ms: number;
}

/** How to watch. */
export interface Supervision extends Omit<StopOptions, "signal"> {
  readonly mark: Mark;
  readonly limits: RunLimits;
  /** Its reason, a text, becomes the end's. */
  readonly signal: AbortSignal;
  /** Leaves the run to somebody else: it is not stopped, and its end is not awaited. */
  readonly leave?: AbortSignal;
  /** Another sign of life, such as a change of a result file; `performance.now()`. */
  readonly sign?: () => number;
}

/** How a run ended. `lost`: it is gone and nobody saw how. */
export type SupervisedEnd =
  | { readonly kind: "exited"; readonly exit: Exit }
  | { readonly kind: "timeout" | "stalled" | "lost" }
  | { readonly kind: "stopped"; readonly reason: string };

/** The end, and what the watcher found out about it. */
export interface Supervised {
  readonly end: SupervisedEnd;
  /** What the leader's parent saw, also after a stop. */
  readonly exit: Exit | null;
  readonly log_truncated: LogTruncated;
  /** Processes that nothing could end; empty as a rule. */
  readonly still_alive: readonly number[];
}

/** Waits for the end and cleans up after it. */
export async function supervise(run: Watchable, watch: Supervision): Promise<Supervised> {
  const end = await endOf(run, watch);
  const { mark, limits: _limits, signal: _signal, sign: _sign, leave: _leave, ...options } = watch;
  const byItself = end.kind === "exited" || end.kind === "lost";
  const { still_alive } = await (byItself ? stopRemains : stopRun)(run.process, mark, options);
  const log = await settled(run.closed, LOG_MS);
  const exit = await settled(run.exited, 0);
  return { end, exit, log_truncated: log?.log_truncated ?? null, still_alive };
}

async function endOf(run: Watchable, { limits, signal, leave, sign = () => 0 }: Supervision): Promise<SupervisedEnd> {
  const exited = run.exited.then((exit): SupervisedEnd => (exit === null ? { kind: "lost" } : { kind: "exited", exit }));
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const onLeave = (): void => {
    clearTimeout(timer);
    run.letGo();
  };
  const limited = new Promise<SupervisedEnd>((resolve) => {
    const hardAt = performance.now() + limits.max_ms;
    onAbort = () => resolve({ kind: "stopped", reason: String(signal.reason ?? "stopped") });
    const look = (): void => {
      const now = performance.now();
      const silentAt = limits.silence_ms === 0 ? Number.POSITIVE_INFINITY : Math.max(run.lastOutputAt(), sign()) + limits.silence_ms;
      if (now >= hardAt) resolve({ kind: "timeout" });
      else if (now >= silentAt) resolve({ kind: "stalled" });
      else timer = setTimeout(look, Math.min(hardAt - now, silentAt - now, LONGEST_LOOK_MS) + 1);
    };
    look();
    leave?.addEventListener("abort", onLeave, { once: true });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([exited, limited]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    // Its signal outlives every run.
    leave?.removeEventListener("abort", onLeave);
  }
}

/** The value if it comes in time. */
async function settled<Value>(promise: Promise<Value>, limit_ms: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limit_ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
