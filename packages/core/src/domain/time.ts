/**
 * Instants: read from any RFC 3339 form, written in local time with offset, compared as numbers (FIL-3).
 * Nothing here reads a clock; `now` is always an argument.
 */

/** One instant as the store's clock gave it: epoch milliseconds and the local offset at that instant. */
export interface Moment {
  readonly ms: number;
  readonly offset_minutes: number;
}

/** A read instant; `zoned` is false when the text named no zone and UTC was assumed. */
export interface ReadInstant {
  readonly ms: number;
  readonly zoned: boolean;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*([Zz]|[+-]\d\d:?\d\d)?$/;

/** The instant a text stands for, or null when it is none. A missing zone means UTC (FIL-3). */
export function readInstant(text: string): ReadInstant | null {
  const match = RFC_3339.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const [mo, d, h, mi, s] = [Number(month), Number(day), Number(hour), Number(minute), Number(second)];
  if (mo < 1 || mo > 12 || d < 1 || d > daysInMonth(Number(year), mo) || h > 23 || mi > 59 || s > 60) return null;
  const offset = zone === undefined ? 0 : zoneMinutes(zone);
  if (offset === null) return null;
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  return { ms: utc(Number(year), mo, d, h, mi, s, ms) - offset * 60_000, zoned: zone !== undefined };
}

/** Epoch milliseconds of an instant's text, or null. */
export function instantMs(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : (readInstant(text)?.ms ?? null);
}

/** Local time with numeric offset: milliseconds in records, whole seconds in documents (FIL-3). */
export function formatInstant(moment: Moment, precision: "milliseconds" | "seconds"): string {
  const local = new Date(moment.ms + moment.offset_minutes * 60_000).toISOString();
  const clock = precision === "milliseconds" ? local.slice(0, 23) : local.slice(0, 19);
  return clock + formatOffset(moment.offset_minutes);
}

/** The local calendar date `YYYY-MM-DD`. */
export function formatDate(moment: Moment): string {
  return new Date(moment.ms + moment.offset_minutes * 60_000).toISOString().slice(0, 10);
}

/** The UTC stamp `YYYYMMDDTHHMMSSZ` that names backup and archive folders. */
export function formatStamp(moment: Moment): string {
  return new Date(moment.ms).toISOString().slice(0, 19).replace(/[-:]/g, "") + "Z";
}

const STAMP = /^(\d{8}T\d{6}Z)(?:-([2-9]|[1-9]\d{1,3}))?$/;

/** True for the name of a stamped folder: the stamp, and a count where one second had several. */
export function isStamp(name: string): boolean {
  return STAMP.test(name);
}

/** Older first; of one second the lower count first. */
export function byStamp(a: string, b: string): number {
  const [left, right] = [STAMP.exec(a), STAMP.exec(b)];
  const [from, to] = [left?.[1] ?? a, right?.[1] ?? b];
  if (from !== to) return from < to ? -1 : 1;
  return Number(left?.[2] ?? 1) - Number(right?.[2] ?? 1);
}

function formatOffset(minutes: number): string {
  const sign = minutes < 0 ? "-" : "+";
  const whole = Math.abs(minutes);
  return `${sign}${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

function zoneMinutes(zone: string): number | null {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year < 100 ? year + 400 : year, month, 0)).getUTCDate();
}

/** Date.UTC reads years below 100 as 19xx; setUTCFullYear does not. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number, ms: number): number {
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second, ms));
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}
