/**
 * Reads the instants of many lines in a row: neighbours share date and zone, so only their time of day is read anew.
 * It answers what `readInstant` answers; every form but the written one goes there (FIL-3).
 */
import { readInstant, type ReadInstant } from "../time.ts";

const ZERO = 48;
/** `YYYY-MM-DDT` */
const DATE_LENGTH = 11;
/** `HH:MM:SS` */
const CLOCK_LENGTH = 8;
const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(Z|[+-]\d\d:\d\d)$/;

/** A reader with a memory of the last date and zone. */
export function instantReader(): (text: string) => ReadInstant | null {
  let date = "";
  let zone = "";
  let midnight = 0;
  return (text) => {
    if (date !== "" && text.startsWith(date) && text.endsWith(zone)) {
      const ms = timeOfDay(text, text.length - zone.length);
      if (ms !== null) return { ms: midnight + ms, zoned: true };
    }
    const read = readInstant(text);
    const written = read === null ? null : WRITTEN.exec(text);
    if (written !== null) {
      date = text.slice(0, DATE_LENGTH);
      zone = written[1] ?? "";
      midnight = readInstant(`${date}00:00:00${zone}`)?.ms ?? 0;
    }
    return read;
  };
}

/** Milliseconds since midnight between the date and the zone, or null for any other form. */
function timeOfDay(text: string, end: number): number | null {
  const at = DATE_LENGTH;
  const clockEnd = at + CLOCK_LENGTH;
  if (end !== clockEnd && end !== clockEnd + 4) return null;
  if (text[at + 2] !== ":" || text[at + 5] !== ":") return null;
  const [hour, minute, second] = [digits(text, at, 2), digits(text, at + 3, 2), digits(text, at + 6, 2)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  let fraction = 0;
  if (end > clockEnd) {
    if (text[clockEnd] !== ".") return null;
    fraction = digits(text, clockEnd + 1, 3);
  }
  const ms = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  return Number.isNaN(ms) ? null : ms;
}

/** Not a number when something else than digits stands there. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
