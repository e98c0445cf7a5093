import fc from "fast-check";
import { expect, it } from "vitest";
import { formatInstant, readInstant } from "../time.ts";
import { instantReader } from "./instants.ts";

const moment = fc.record({
  ms: fc.integer({ min: 1_700_000_000_000, max: 1_700_200_000_000 }),
  offset_minutes: fc.constantFrom(0, 480, -330),
});
const written = fc.oneof(
  moment.map((at) => formatInstant(at, "milliseconds")),
  moment.map((at) => formatInstant(at, "seconds")),
  moment.map((at) => new Date(at.ms).toISOString()),
);
const odd = written.chain((text) =>
  fc
    .tuple(fc.nat(text.length), fc.constantFrom("", "x", "9", ":", ".", " ", "2026"))
    .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
);

it("reading many instants in a row answers what reading each one alone answers (FIL-3)", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(written, odd), { maxLength: 30 }), (texts) => {
      const read = instantReader();
      expect(texts.map(read)).toEqual(texts.map(readInstant));
    }),
  );
});
