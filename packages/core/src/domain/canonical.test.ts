import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, previewId } from "./canonical.ts";
import type { JsonValue } from "./json.ts";

const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex");

describe("canonical JSON (CMD-130)", () => {
  it("sorts keys at every depth, has no blanks and leaves other scripts as they are", () => {
    expect(canonicalJson({ b: [1, { z: null, a: "判断" }], a: true, gone: undefined })).toBe('{"a":true,"b":[1,{"a":"判断","z":null}]}');
  });

  it("says the same value, in whatever order its keys came", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value as JsonValue))).toBe(text);
      }),
    );
  });

  it("gives a preview the first 24 hex digits of its digest", () => {
    expect(previewId({ b: 1, a: 2 }, digest)).toBe(digest("sha256", '{"a":2,"b":1}').slice(0, 24));
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, reversed(each as JsonValue)]),
  );
}
