/** A clock that stands still until a test moves it. The local offset is fixed. */
import type { Clock } from "../ports/clock.ts";
import type { Moment } from "../domain/time.ts";

/** A clock that only a test moves. */
export interface FakeClock extends Clock {
  /** Jumps to an instant, backwards too. The monotonic time does not move. */
  set(at: string | number | Date): void;
  /** Lets time pass, for both clocks. */
  tick(ms: number): void;
  setOffset(minutes: number): void;
  /** The present instant as the domain takes it. */
  moment(): Moment;
}

/** The same instant as the facts of the tests have. */
export const FAKE_NOW = "2026-11-21T10:00:00.000+08:00";

/** A clock at {@link FAKE_NOW} in UTC+8, unless the test says otherwise. */
export function fakeClock(options: { at?: string | number | Date; offset_minutes?: number } = {}): FakeClock {
  let ms = epoch(options.at ?? FAKE_NOW);
  let offset = options.offset_minutes ?? 480;
  let monotonic = 0;
  return {
    now: () => new Date(ms),
    monotonicMs: () => monotonic,
    utcOffsetMinutes: () => offset,
    set: (at) => {
      ms = epoch(at);
    },
    tick: (by) => {
      ms += by;
      monotonic += Math.max(0, by);
    },
    setOffset: (minutes) => {
      offset = minutes;
    },
    moment: () => ({ ms, offset_minutes: offset }),
  };
}

function epoch(at: string | number | Date): number {
  const ms = new Date(at).getTime();
  if (Number.isNaN(ms)) throw new RangeError(`no instant: ${String(at)}`);
  return ms;
}
