import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLine, recordId } from "./line.ts";
import { isTornObject } from "./torn.ts";

const objects = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
const LIMIT = 1_048_576;

describe("a cut line", () => {
  it("every proper prefix of an object is torn, the whole object is not (FIL-64)", () => {
    fc.assert(
      fc.property(objects, fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(undefined, 1), (value, share, indent) => {
        const text = JSON.stringify(value, null, indent);
        const cut = 1 + Math.floor(share * (text.length - 2));
        return isTornObject(text.slice(0, cut)) && !isTornObject(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("a cut in the middle of a character is torn as well", () => {
    fc.assert(
      fc.property(objects, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
        const bytes = new TextEncoder().encode(JSON.stringify(value));
        const cut = 1 + Math.floor(share * (bytes.length - 2));
        return readLine(bytes.subarray(0, cut), { limit: LIMIT }).kind === "torn";
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    "{bad",
    "{,",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":[1,]',
    '{"a":tru1',
    '{"a":01',
    '{"a":-}',
    '{"a":1.}',
    '{"a":"\\x',
    '{"a":"\\u00g',
    '{"a":"\t',
    "{]",
    '{"a":[}',
    "[1,",
    '"a',
    "x",
    "",
    "   ",
    '{"a":1}x',
    '{"a":+1',
  ])("%j is no cut object", (text) => {
    expect(isTornObject(text)).toBe(false);
  });

  it("a million open brackets are read without recursion", () => {
    expect(isTornObject(`{"a":${"[".repeat(1_000_000)}`)).toBe(true);
  });
});

describe("a line", () => {
  const line = (text: string, goal?: string) =>
    readLine(new TextEncoder().encode(text), goal === undefined ? { limit: LIMIT } : { limit: LIMIT, goal_id: goal });

  it.each([
    ["", "blank"],
    [" \t\r", "blank"],
    ["{}", "record"],
    ['\uFEFF{"a":1}', "record"],
    ['{"a":1}\r', "record"],
    ['{"goal_id":"g"}', "record"],
    ['{"a":"\u2028"}', "record"],
    ['{"a"', "torn"],
  ])("%j is %s", (text, kind) => {
    expect(line(text, "g").kind).toBe(kind);
  });

  it.each([
    ["[]", "not_an_object"],
    ["null", "not_an_object"],
    ["7", "not_an_object"],
    ["{bad", "not_json"],
    ['{"goal_id":"h"}', "wrong_goal"],
    ['{"goal_id":7}', "wrong_goal"],
  ])("%j is bad: %s", (text, reason) => {
    expect(line(text, "g")).toEqual({ kind: "bad", reason });
  });

  it("bytes that are no UTF-8 are bad, also in front of a cut", () => {
    expect(readLine(Uint8Array.of(0x7b, 0xff, 0xfe), { limit: LIMIT })).toEqual({ kind: "bad", reason: "not_utf8" });
    expect(readLine(Uint8Array.of(0x7b, 0x22, 0xff, 0xe2, 0x82), { limit: LIMIT })).toEqual({ kind: "bad", reason: "not_utf8" });
    expect(readLine(Uint8Array.of(0xe2, 0x82), { limit: LIMIT })).toEqual({ kind: "bad", reason: "not_utf8" });
  });

  it("a line just over its limit is too large, one at it is read (REL-102)", () => {
    const text = JSON.stringify({ a: "x".repeat(100) });
    expect(readLine(new TextEncoder().encode(text), { limit: text.length }).kind).toBe("record");
    expect(readLine(new TextEncoder().encode(text), { limit: text.length - 1 })).toEqual({ kind: "bad", reason: "too_large" });
  });

  it("the id is the overlay's, else the run's, else its own (REL-44)", () => {
    expect(recordId({ id: "i", run_id: "r", human_reward: { overlay_id: "o" } })).toBe("o");
    expect(recordId({ id: "i", run_id: "r", human_reward: {} })).toBe("r");
    expect(recordId({ id: "i" })).toBe("i");
    expect(recordId({ run_id: "" })).toBeNull();
  });
});

describe("a line that nests too deep to be printed or copied", () => {
  const nested = (levels: number) => new TextEncoder().encode(`{"text":"\\"[[[","x":${"[".repeat(levels)}1${"]".repeat(levels)}}`);

  it.each([
    [999, "record"],
    [1_000, "bad"],
    [200_000, "bad"],
  ] as const)("%i levels below the object: %s", (levels, kind) => {
    expect(readLine(nested(levels), { limit: LIMIT })).toMatchObject(kind === "bad" ? { kind, reason: "too_large" } : { kind });
  });
});
