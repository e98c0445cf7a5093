import { expect, test } from "vitest";
import { goalStateOf } from "../../testing/goal-states.ts";
import { progressEntries, recentFeedback, sectionSample } from "./next-action.ts";

const items = (lines: string): readonly string[] => goalStateOf(`## Next Action\n${lines}\n## Progress Ledger\n`).next_action;

test.each([
  ["bullets of each kind", "- a\n* b\n1. c\n2) d", ["a", "b", "c", "d"]],
  ["a checkbox prefix dropped", "- [ ] a\n- [x] b", ["a", "b"]],
  ["following lines joined", "- a\n  b\nc\n\n  d\n- e", ["a b c d", "e"]],
  ["an unbulleted first paragraph", "one\ntwo\n\nthree\n- four", ["one two", "four"]],
  ["a paragraph only first", "- a\n\n### Later\nplain\n- b", ["a", "b"]],
  ["comments and fences skipped", "<!-- loopx:next-action x -->\n- a\n  ```\n- no\n  ```\n<!--\n- hidden\n-->\n  b", ["a b"]],
  ["deeper bullets as part of their item", "- a\n  - b\n    1. c\n- d", ["a - b 1. c", "d"]],
  ["indented items", "  - a\n  - b\n    c", ["a", "b c"]],
  ["white space collapsed", "-   a \t b  ", ["a b"]],
  ["an empty item left out", "- [ ]\n-  \n- a", ["a"]],
  ["nothing", "", []],
])("a section's items: %s (DEC-77)", (_, lines, expected) => {
  expect(items(lines)).toEqual(expected);
});

test("16 lines count, and an item cut by that limit is dropped (DEC-77)", () => {
  const filler = Array.from({ length: 14 }, (_, at) => `- item ${at}`);
  const read = (...more: string[]): readonly string[] => items([...filler, ...more].join("\n")).slice(14);
  expect(read("- a", "- b", "- c")).toEqual(["a", "b"]);
  expect(read("- a", "  b", "  cut")).toEqual([]);
  expect(read("- a", "  b", "", "  cut")).toEqual([]);
  expect(read("- a", "  b", "", "- c")).toEqual(["a b"]);
  expect(read("- a", "  b", "### Sub", "x")).toEqual(["a b"]);
  expect(items(Array.from({ length: 16 }, (_, at) => `word ${at}`).join("\n"))).toHaveLength(1);
  expect(items(`${Array.from({ length: 16 }, (_, at) => `word ${at}`).join("\n")}\n\n- next`)).toHaveLength(1);
  expect(items(Array.from({ length: 17 }, (_, at) => `word ${at}`).join("\n"))).toEqual([]);
});

test("without the section there is no next action", () => {
  expect(goalStateOf("# x\n").next_action).toEqual([]);
  expect(goalStateOf("## next action\n- a\n").next_action).toEqual([]);
});

test("feedback and progress are read the same way, the ledger also under its other name (FIL-51)", () => {
  const state = goalStateOf("## Recent User Feedback\n- be quick\n## Recent Progress\n- did a\n");
  expect([recentFeedback(state), progressEntries(state)]).toEqual([["be quick"], ["did a"]]);
  expect(progressEntries(goalStateOf("## Recent Progress\n- a\n## Progress Ledger\n- b\n"))).toEqual(["b"]);
});

test("a section's sample says whether it is there, how long it is, and how it begins", () => {
  const state = goalStateOf("## Work Clusters\n\n- a\n- b\n\n- c\n");
  expect(sectionSample(state, "Work Clusters", 2)).toEqual({ present: true, line_count: 3, sample: ["a", "b"] });
  expect(sectionSample(state, "Validation Surfaces", 2)).toEqual({ present: false, line_count: 0, sample: [] });
});
