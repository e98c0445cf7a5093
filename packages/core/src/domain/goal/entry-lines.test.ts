import fc from "fast-check";
import { expect, test } from "vitest";
import { entryLines } from "./entry-lines.ts";

test("every element's line is named, whatever stands between", () => {
  expect(entryLines('{\n"goals": [\n{\n},\n\n1, 2]}', "goals")).toEqual([3, 6, 6]);
});

test("a list of another name, a nested one or a value that only looks like the key is passed over", () => {
  expect(entryLines('{"goals":5}', "goals")).toEqual([]);
  expect(entryLines('{"a":{"goals":[1]},\n"b":"goals",\n"c":["goals",[1]],\n"goals":[\n"x]\\"",null]}', "goals")).toEqual([5, 5]);
});

test("of two lists the last counts", () => {
  expect(entryLines('\uFEFF{"goals":[1,2],\r\n"goals":[\r\n3]}', "goals")).toEqual([3]);
});

test("there are as many lines as elements, in any JSON", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (goals, other) => {
      const text = JSON.stringify({ other, goals, last: other }, null, 2);
      const shown = text.split("\n");
      const lines = entryLines(text, "goals");
      expect(lines).toHaveLength(goals.length);
      for (const [position, line] of lines.entries())
        expect(shown[line - 1]?.trim().startsWith(JSON.stringify(goals[position], null, 2)[0] ?? "")).toBe(true);
    }),
  );
});
