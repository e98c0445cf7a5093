/** Everything that goes wrong between a client and a server, by chance from a seed or laid ready for the next request. */

/** What becomes of one request. `reset_after`: it is carried out, and the answer never arrives. */
export type Fault =
  | "429"
  | "500"
  | "500_empty"
  | "502_html"
  | "html"
  | "reset"
  | "reset_after"
  | "hang"
  | "redirect_away"
  | "redirect_here"
  | "huge"
  | "torn_json"
  | "null_list"
  | "endless";

/** The share of each, from 0 to 1. */
export type FaultRates = Partial<Readonly<Record<Fault, number>>>;

export interface Faults {
  /** Laid ready: taken by the first request that fits, before any chance. */
  next(fault: Fault, fits?: RegExp): void;
  rates: FaultRates;
  /** The share of notifications that get lost (DSP-S10). */
  lose_notifications: number;
  /** `Retry-After` of a 429, in seconds; null leaves it out. */
  retry_after: number | null;
  /** Answered when a request hangs, for clients whose clock is the test's. */
  onHang: () => void;
  /** Off while a test looks at the server itself. */
  enabled: boolean;
  draw(line: string): Fault | null;
  losesNotification(): boolean;
}

export function faultsOf(seed: number): Faults {
  const random = numbersFrom(seed);
  const ready: { fault: Fault; fits: RegExp }[] = [];
  const faults: Faults = {
    next: (fault, fits = /./) => void ready.push({ fault, fits }),
    rates: {},
    lose_notifications: 0,
    retry_after: 7,
    onHang: () => undefined,
    enabled: true,
    draw: (line) => {
      const at = ready.findIndex(({ fits }) => fits.test(line));
      if (at >= 0) return ready.splice(at, 1)[0]?.fault ?? null;
      if (!faults.enabled) return null;
      let left = random();
      for (const [fault, rate] of Object.entries(faults.rates) as [Fault, number][]) {
        left -= rate;
        if (left < 0) return fault;
      }
      return null;
    },
    losesNotification: () => faults.enabled && faults.lose_notifications > 0 && random() < faults.lose_notifications,
  };
  return faults;
}

/** The same numbers for the same seed. */
export function numbersFrom(seed: number): () => number {
  let state = (seed >>> 0) + 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
