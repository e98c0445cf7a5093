import type { Clock } from "../ports/clock.ts";

/** The machine's clock: the only place that reads one (REL-90). */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  utcOffsetMinutes: (at) => -at.getTimezoneOffset(),
};
