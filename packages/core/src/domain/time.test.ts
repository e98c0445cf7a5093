import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDate, formatInstant, formatStamp, instantMs, readInstant } from "./time.ts";

const NOON = Date.UTC(2026, 10, 21, 12);

test.each([
  ["2026-11-21T12:00:00Z", 0],
  ["2026-11-21t12:00:00z", 0],
  ["2026-11-21 12:00:00Z", 0],
  ["  2026-11-21T12:00:00+00:00 ", 0],
  ["2026-11-21T12:00:00-00:00", 0],
  ["2026-11-21T20:00:00+08:00", 0],
  ["2026-11-21T20:00:00+0800", 0],
  ["2026-11-21T04:15:00-07:45", 0],
  ["2026-11-22T02:00:00+14:00", 0],
  ["2026-11-21T12:00:00.5Z", 500],
  ["2026-11-21T12:00:00,123Z", 123],
  ["2026-11-21T12:00:00.123456789+00:00", 123],
  ["2026-11-21T11:59:60Z", 0],
  ["2026-11-21T12:00Z", 0],
])("%s is that instant, whatever its spelling (FIL-3, D8)", (text, after) => {
  expect(readInstant(text)).toEqual({ ms: NOON + after, zoned: true });
});

test("without a zone it is UTC, and says so (FIL-3)", () => {
  expect(readInstant("2026-11-21T12:00:00")).toEqual({ ms: NOON, zoned: false });
  expect(readInstant("2026-11-21")).toEqual({ ms: NOON - 12 * 3_600_000, zoned: false });
});

test.each([
  "",
  "now",
  "2026-11-21T",
  "2026-13-01T00:00:00Z",
  "2026-00-10T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "2026-11-31T00:00:00Z",
  "2026-11-21T24:00:00Z",
  "2026-11-21T12:60:00Z",
  "2026-11-21T12:00:61Z",
  "2026-11-21T12:00:00+24:00",
  "2026-11-21T12:00:00+8",
  "2026-11-21T12:00:00.Z",
  "2026-11-21T12:00:00Z trailing",
  "12026-11-21T12:00:00Z",
  "1795262400",
])("%j is no instant", (text) => {
  expect(readInstant(text)).toBeNull();
});

test("a leap day is one, and years below 1000 are themselves", () => {
  expect(instantMs("2028-02-29T00:00:00Z")).toBe(Date.UTC(2028, 1, 29));
  expect(new Date(instantMs("0099-03-01T00:00:00Z") ?? 0).toISOString()).toBe("0099-03-01T00:00:00.000Z");
  expect([instantMs(null), instantMs(undefined)]).toEqual([null, null]);
});

test("what is written is read back, in any zone, and stands for the local day (FIL-3)", () => {
  const moment = fc.record({
    ms: fc.integer({ min: 0, max: Date.UTC(2200, 0) }),
    offset_minutes: fc.integer({ min: -14 * 60, max: 14 * 60 }),
  });
  fc.assert(
    fc.property(moment, (at) => {
      const [exact, whole] = [formatInstant(at, "milliseconds"), formatInstant(at, "seconds")];
      expect([exact, whole]).toEqual([
        expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/),
        expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/),
      ]);
      expect([instantMs(exact), instantMs(whole)]).toEqual([at.ms, at.ms - (at.ms % 1_000)]);
      expect(exact.startsWith(formatDate(at))).toBe(true);
      expect(formatStamp(at)).toBe(formatStamp({ ...at, offset_minutes: 0 }));
    }),
    { numRuns: 1_000 },
  );
});
