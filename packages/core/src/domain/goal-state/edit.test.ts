import fc from "fast-check";
import { expect, test } from "vitest";
import { firstSection, goalStateOf, momentAt } from "../../testing/goal-states.ts";
import {
  applyEdits,
  deleteLines,
  insertAfter,
  insertBefore,
  insertSection,
  lastUsedLine,
  lastUsedLineOfFile,
  sortEdits,
  updatedAtEdits,
  type Edit,
} from "./edit.ts";

const now = momentAt("2026-11-21T10:00:00+08:00");
const edited = (text: string, ...edits: Edit[]): string => applyEdits(text, sortEdits(edits));

test("the empty list is identity for every text (REL-70)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(applyEdits(goalStateOf(text).text, [])).toBe(text);
    }),
  );
});

test("text outside the edits is equal, whatever they are (REL-70)", () => {
  const cuts = fc.uniqueArray(fc.nat(40), { maxLength: 8 }).map((places) => places.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 41 }), cuts, fc.string(), (text, places, replacement) => {
      const edits: Edit[] = [];
      for (let at = 0; at + 1 < places.length; at += 2) edits.push({ start: places[at]!, end: places[at + 1]!, replacement });
      let expected = "";
      let from = 0;
      for (const edit of edits) {
        expected += text.slice(from, edit.start) + replacement;
        from = edit.end;
      }
      expect(applyEdits(text, edits)).toBe(expected + text.slice(from));
    }),
  );
});

test.each([
  [
    "overlap",
    [
      { start: 0, end: 2, replacement: "" },
      { start: 1, end: 3, replacement: "" },
    ],
  ],
  [
    "are unsorted",
    [
      { start: 2, end: 2, replacement: "" },
      { start: 0, end: 1, replacement: "" },
    ],
  ],
  ["run backwards", [{ start: 2, end: 1, replacement: "" }]],
  ["leave the text", [{ start: 3, end: 9, replacement: "" }]],
])("edits that %s are a bug (REL-70)", (_, edits) => {
  expect(() => applyEdits("abcd", edits)).toThrow(/does not follow/);
});

test("edits at one place become one, insertions first and in the order given", () => {
  const edits = [
    { start: 2, end: 4, replacement: "" },
    { start: 2, end: 2, replacement: "x" },
    { start: 2, end: 2, replacement: "y" },
    { start: 0, end: 0, replacement: "" },
  ];
  expect(sortEdits(edits)).toEqual([{ start: 2, end: 4, replacement: "xy" }]);
});

test("new lines take the ending of the line before them, and a missing last newline stays missing (FIL-30)", () => {
  const state = goalStateOf("a\r\nb");
  expect(edited(state.text, insertAfter(state, 0, ["x", "y"]))).toBe("a\r\nx\r\ny\r\nb");
  expect(edited(state.text, insertAfter(state, 1, ["x"]))).toBe("a\r\nb\r\nx");
  expect(edited(state.text, insertBefore(state, 1, ["x"]))).toBe("a\r\nx\r\nb");
  expect(edited("q\n", insertBefore(goalStateOf("q\n"), 0, ["x"]))).toBe("x\nq\n");
});

test("deleted lines leave the file's end as it was", () => {
  const state = goalStateOf("a\nb\nc");
  expect(edited(state.text, deleteLines(state, 0, 1))).toBe("c");
  expect(edited(state.text, deleteLines(state, 1, 2))).toBe("a");
  expect(edited(state.text, deleteLines(state, 0, 2))).toBe("");
  expect(edited("a\nb\n", deleteLines(goalStateOf("a\nb\n"), 1, 1))).toBe("a\n");
});

test("nothing is written behind a fence that nothing closes", () => {
  const state = goalStateOf("## Agent Todo\n- [ ] a\n\n```\nx\n");
  expect([lastUsedLine(state, firstSection(state)), lastUsedLineOfFile(state)]).toEqual([1, 1]);
  expect(lastUsedLineOfFile(goalStateOf("\n\n"))).toBe(-1);
});

test("a new section stands before the first given one, else at the end (FIL-36)", () => {
  const state = goalStateOf("# x\n## Next Action\n- a");
  const section = firstSection(state);
  expect(edited(state.text, insertSection(state, "New", ["l"], [null, section]))).toBe("# x\n\n## New\n\nl\n\n## Next Action\n- a");
  expect(edited(state.text, insertSection(state, "New", ["l"], []))).toBe("# x\n## Next Action\n- a\n\n## New\n\nl");
  expect(edited("", insertSection(goalStateOf(""), "New", ["l"], []))).toBe("## New\n\nl\n");
  const first = goalStateOf("## Next Action\n");
  expect(edited(first.text, insertSection(first, "New", ["l"], [firstSection(first)]))).toBe("## New\n\nl\n\n## Next Action\n");
});

test.each([
  ["an earlier instant", "---\nupdated_at: 2026-01-01T00:00:00Z\na: 1\n---\n", "---\nupdated_at: 2026-11-21T10:00:00+08:00\na: 1\n---\n"],
  ["a quoted one, in CRLF", '---\r\nupdated_at: "x"\r\n---\r\n', "---\r\nupdated_at: 2026-11-21T10:00:00+08:00\r\n---\r\n"],
  ["the last of two", "---\nupdated_at: a\nupdated_at: b\n---\n", "---\nupdated_at: a\nupdated_at: 2026-11-21T10:00:00+08:00\n---\n"],
  ["none", "---\na: 1\n---\n", "---\na: 1\nupdated_at: 2026-11-21T10:00:00+08:00\n---\n"],
  ["an empty head", "---\n---\n", "---\nupdated_at: 2026-11-21T10:00:00+08:00\n---\n"],
])("updated_at replaces %s (FIL-50)", (_, text, expected) => {
  expect(edited(text, ...updatedAtEdits(goalStateOf(text), now))).toBe(expected);
});

test.each([
  ["a later instant in another zone", "---\nupdated_at: 2026-11-21T02:00:01Z\n---\n"],
  ["no front matter", "# x\n"],
])("updated_at is never set back, nor invented: %s (FIL-31, FIL-50)", (_, text) => {
  expect(updatedAtEdits(goalStateOf(text), now)).toEqual([]);
});
