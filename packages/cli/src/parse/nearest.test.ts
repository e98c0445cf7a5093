import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

describe("nearest names", () => {
  test.each([
    ["", "", 0],
    ["status", "staus", 1],
    ["status", "sttaus", 1],
    ["kitten", "sitting", 3],
    ["", "abc", 3],
  ])("from %j to %j are %i edits", (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
  });

  test("distance is symmetric, zero only for equal texts and at most the longer length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  test("a beginning of a name finds it, nonsense finds nothing", () => {
    expect(nearest("hist", ["status", "history", "why"])).toBe("history");
    expect(nearest("xyzzyplugh", ["status", "history", "why"])).toBeNull();
  });
});
