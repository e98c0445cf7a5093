import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { locateJsonError } from "./json-error.ts";

describe("where a text stops being JSON (FIL-16)", () => {
  const lines = (...each: string[]) => each.join("\n");
  it("a trailing comma on line 7 is on line 7", async () => {
    const text = lines(
      "{",
      '  "schema_version": "0.1",',
      '  "goals": [',
      "    {",
      '      "id": "a",',
      '      "repo": "/p",',
      '      "domain": "d",',
      "    }",
      "  ]",
      "}",
    );
    expect(await locateJsonError(text)).toEqual({ line: 7, column: 20, message: "a comma stands before a closing bracket" });
  });
  it.each([
    ["", 1, 1],
    ["\uFEFF", 1, 1],
    ["  \n ", 1, 1],
    ['{"goals":[', 1, 11],
    ['{\r\n  "goals": [1 2]\r\n}', 2, 15],
    ['{\n  "a": tru\n}', 2, 8],
    ['{"a": 01}', 1, 8],
    ["{'a': 1}", 1, 2],
    ['{"a": 1} x', 1, 10],
    ['{"a": "b\nc"}', 1, 7],
    ['{\n// no\n"a": 1}', 2, 1],
    ['{"a": [1,\n]}', 1, 9],
    ['{"a": "\t"}', 1, 7],
    ['{"a": "\\x"}', 1, 7],
    ["{".repeat(70), 1, 65],
  ])("%j fails at line %i, column %i", async (text, line, column) => {
    expect(await locateJsonError(text)).toMatchObject({ line, column });
    expect((await locateJsonError(text)).message).not.toBe("");
  });
  it("any text gets a place, also one of millions of errors", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "1", "\n", "t", " ") }), async (text) => {
        const { line, column } = await locateJsonError(text);
        expect(line >= 1 && column >= 1).toBe(true);
      }),
    );
    expect(await locateJsonError(`[${",".repeat(2_000_000)}`)).toMatchObject({ line: 1, column: 2 });
  });
});
