/** A host for a server that lives long: what it made of each goal stays in memory, and an answer says when it no longer stands (PRF-7). */
import type { Histories } from "../ports/histories.ts";
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

/** As long as a server may be deaf. */
const DEAF_MS = 12;

/** Readings that let the process hear its requests in between: a thousand goals take a second or two when nothing is remembered. */
function yielding(histories: Histories): Histories {
  let heard_ms = performance.now();
  return {
    ...histories,
    read: async (goal_id, options) => {
      if (performance.now() - heard_ms > DEAF_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        heard_ms = performance.now();
      }
      return histories.read(goal_id, options);
    },
  };
}

/** As {@link openHost}, remembering in memory only. */
export function openWatchedHost(options: HostOptions): WatchedHost {
  let goals = "";
  const { calls, observe } = observedFiles(nodeFs, systemClock, (path) => goals !== "" && path.startsWith(goals));
  const host = openHostOn({ calls }, options);
  const { registry, runtime_root: runtimeRoot } = host.places;
  goals = `${runtimeRoot}/goals/`;
  const recall = memoryRecall({ calls, clock: systemClock, runtimeRoot, registry, build: "memory" });
  return { host: { ...host, recall, histories: yielding(host.histories) }, observe, executors: () => executorFolders(calls, runtimeRoot) };
}
