/** How long events waited until their agent began: the newest values, and two of their ranks (DSP-80). Pure. */
const KEPT = 500;

export interface Latency {
  add(ms: number): void;
  /** Seconds; null without a value. */
  ranks(): { readonly p50: number | null; readonly p95: number | null };
}

export function freshLatency(): Latency {
  let values: number[] = [];
  const rank = (part: number): number | null => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
    return at === undefined ? null : Math.round(at) / 1_000;
  };
  return {
    add: (ms) => {
      values = [...values, ms].slice(-KEPT);
    },
    ranks: () => ({ p50: rank(0.5), p95: rank(0.95) }),
  };
}
