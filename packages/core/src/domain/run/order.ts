/**
 * The order of runs: by instant, ties by line, later lines newer; an unreadable instant is older than all (FIL-66).
 */
import { readInstant } from "../time.ts";

/** Where a record stands in time and in its log. */
export interface Placed {
  /** Epoch ms; null when the record's time cannot be read. */
  readonly at_ms: number | null;
  readonly ordinal: number;
}

/** True when `a` comes after `b`. Nothing is newer than itself. */
export function isNewer(a: Placed, b: Placed): boolean {
  const [left, right] = [a.at_ms ?? -Infinity, b.at_ms ?? -Infinity];
  return left === right ? a.ordinal > b.ordinal : left > right;
}

/** Puts an item into a list that is oldest first; equal places keep the order of arrival. */
export function insertOrdered<T extends Placed>(oldestFirst: T[], item: T): void {
  let at = oldestFirst.length;
  for (; at > 0; at -= 1) {
    const before = oldestFirst[at - 1];
    if (before === undefined || !isNewer(before, item)) break;
  }
  if (at === oldestFirst.length) oldestFirst.push(item);
  else oldestFirst.splice(at, 0, item);
}

/** The items that stand at exactly that instant, newest line first; stops at the first older one. */
export function* atSameInstant<T extends Placed>(oldestFirst: readonly T[], at_ms: number | null): Generator<T> {
  const wanted = at_ms ?? -Infinity;
  for (let index = oldestFirst.length - 1; index >= 0; index -= 1) {
    const item = oldestFirst[index];
    if (item === undefined) return;
    const at = item.at_ms ?? -Infinity;
    if (at < wanted) return;
    if (at === wanted) yield item;
  }
}

/** A key by instant where the text is one, so that two spellings of one instant are one key. */
export function instantKey(text: string): string {
  const read = readInstant(text);
  return read === null ? text : String(read.ms);
}
