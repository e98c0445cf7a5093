/** A host for a server that lives long: what it made of each goal stays in memory, and an answer says when it no longer stands (PRF-7). */
import { systemClock } from "./clock.ts";
import { executorFolders, type ExecutorFolder } from "./executor-folders.ts";
import { nodeFs } from "./fs-calls.ts";
import { openHostOn, type FileHost, type HostOptions } from "./host.ts";
import { observedFiles, type Sources } from "./observed-files.ts";
import { memoryRecall } from "./recall.ts";

export type { ExecutorFolder } from "./executor-folders.ts";
export type { Sources } from "./observed-files.ts";

/** A host over real files, and a way to learn what an answer was made of. */
export interface WatchedHost {
  readonly host: FileHost;
  /** Notes every file that is looked at until it is closed. */
  observe(): { close(): Sources };
  /** What loops have left below the runtime root. */
  executors(): readonly ExecutorFolder[];
}

/** As {@link openHost}, remembering in memory only. */
export function openWatchedHost(options: HostOptions): WatchedHost {
  const { calls, observe } = observedFiles(nodeFs, systemClock);
  const host = openHostOn({ calls }, options);
  const { registry, runtime_root: runtimeRoot } = host.places;
  const recall = memoryRecall({ calls, clock: systemClock, runtimeRoot, registry, build: "memory" });
  return { host: { ...host, recall }, observe, executors: () => executorFolders(calls, runtimeRoot) };
}
