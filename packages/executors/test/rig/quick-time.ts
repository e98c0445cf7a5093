/** Time in which every wait is over at once and counted, so that no test sleeps. Limits end when the test says so. */
import type { Timing } from "../../src/scenario/run.ts";

export interface QuickTime extends Timing {
  /** The waits, in milliseconds, in their order. */
  readonly waits: readonly number[];
  /** Ends whatever `within` waits for now. */
  expire(): void;
}

export function quickTime(): QuickTime {
  let now = 0;
  const waits: number[] = [];
  const limits = new Set<() => void>();
  return {
    waits,
    monotonicMs: () => now,
    pause: async (ms) => {
      waits.push(ms);
      now += ms;
    },
    within: async (_ms, outer, act) => {
      const limit = new AbortController();
      const late = new Promise<null>((resolve) => {
        const end = (): void => {
          limit.abort();
          resolve(null);
        };
        limits.add(end);
        outer.addEventListener("abort", end, { once: true, signal: limit.signal });
      });
      return Promise.race([act(limit.signal), late]);
    },
    expire: () => {
      for (const end of limits) end();
      limits.clear();
    },
  };
}
