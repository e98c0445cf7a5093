/** Waiting and limits in real time. */
import type { Timing } from "../scenario/run.ts";

/** Ends after so many milliseconds, or as soon as the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener("abort", over, { once: true });
    if (signal.aborted) over();
  });
}

/** The machine's time. */
export const realTiming: Timing = {
  monotonicMs: () => performance.now(),
  pause,
  within: async (ms, outer, act) => {
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let end = (): void => undefined;
    const late = new Promise<null>((resolve) => {
      end = () => {
        limit.abort();
        resolve(null);
      };
      timer = setTimeout(end, ms);
      if (outer.aborted) end();
      else outer.addEventListener("abort", end, { once: true });
    });
    try {
      return await Promise.race([act(limit.signal), late]);
    } catch (error) {
      // What it began beside the part that failed ends with it.
      limit.abort();
      throw error;
    } finally {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    }
  },
};
