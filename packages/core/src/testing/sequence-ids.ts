/** Ids that count upward, in the shape of real ones, so that a test can name the next one. */
import type { Ids } from "../ports/clock.ts";

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** `todo_000000000001` and so on; every other prefix gets 26 characters. Each prefix counts by itself, from 1. */
export function sequenceIds(): Ids {
  const counts = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return sequenceId(prefix, count);
    },
  };
}

/** The id that {@link sequenceIds} gives as the `count`-th of its prefix. */
export function sequenceId(prefix: string, count: number): string {
  if (prefix === "todo_") return prefix + count.toString(16).padStart(12, "0");
  let rest = count;
  let text = "";
  while (rest > 0) {
    text = (CROCKFORD[rest % 32] ?? "") + text;
    rest = Math.floor(rest / 32);
  }
  return prefix + text.padStart(26, "0");
}
