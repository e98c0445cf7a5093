import fc from "fast-check";
import { expect, test } from "vitest";
import { goalStateOf } from "../../testing/goal-states.ts";
import { FRONT_MATTER_LIMIT, quoteValue, readKeys, scanFrontMatter } from "./front-matter.ts";
import { lineStarts } from "./lines.ts";

const scan = (text: string) => scanFrontMatter({ text, starts: lineStarts(text) });
const keysOf = (text: string) => {
  const found = scan(text);
  return found.kind === "found" ? { ...found.front_matter.keys } : found.kind;
};

test("values stay strings: no date, number, octal or boolean is made of them (FIL-31)", () => {
  const text =
    '---\nstatus: active-read-only\nwhen: 12:30:45\nversion: 1.10\noctal: 0777\nyes: yes\nobjective: "say \\"hi\\" to C:\\\\x"\nempty:\n---\n';
  expect(keysOf(text)).toEqual({
    status: "active-read-only",
    when: "12:30:45",
    version: "1.10",
    octal: "0777",
    yes: "yes",
    objective: 'say "hi" to C:\\x',
    empty: "",
  });
});

test.each([
  ["\ufeff---\na: 1\n---\n", { a: "1" }],
  ["---  \t\r\na: 1\r\n--- \r\nrest", { a: "1" }],
  ["---\n---", {}],
  ["---\na: [unclosed\nb: {{\n---\n", { a: "[unclosed", b: "{{" }],
  ["---\na: 1\na: 2\n---\n", { a: "2" }],
  ["---\nouter: |\n  a: inner\n# a: comment\nno colon\n: no key\n---\n", { outer: "|" }],
  ['---\nq: \'"\'\nhalf: "x\none: "\n---\n', { q: "'\"'", half: '"x', one: '"' }],
  ["---\n---x: 1\na: 2\n---\n", { "---x": "1", a: "2" }],
  ["# no front matter\n---\na: 1\n---\n", "none"],
  ["----\na: 1\n---\n", "none"],
  ["", "none"],
  ["--- -\n---\n", "none"],
  ["---js\nprocess.exit(1)\n---\n", "engine_refused"],
  ["--- js\nx\n---\n", "engine_refused"],
  ["---json\n{}\n---\n", "engine_refused"],
  ["---{a}\n---\n", "engine_refused"],
  ["---\na: 1\n", "unclosed"],
  ["---", "unclosed"],
])("%j reads as %j (FIL-31)", (text, expected) => {
  expect(keysOf(text)).toEqual(expected);
});

test("a key named like a prototype is only a key (FIL-8)", () => {
  const found = scan("---\n__proto__: x\nconstructor: y\n---\n");
  expect(found.kind === "found" && Object.keys(found.front_matter.keys)).toEqual(["__proto__", "constructor"]);
  expect(Object.prototype).not.toHaveProperty("x");
});

test("front matter up to 64 KiB is read, more of it is too large (FIL-101)", () => {
  const around = "---\na: ".length + "\n---".length;
  expect(scan(`---\na: ${"x".repeat(FRONT_MATTER_LIMIT - around)}\n---\n`).kind).toBe("found");
  expect(scan(`---\na: ${"x".repeat(FRONT_MATTER_LIMIT - around + 1)}\n---\n`).kind).toBe("too_large");
});

test("what is wrong with front matter is a finding, and the text behind it is read on", () => {
  const text = (first: string) => `${first}\nstatus: x\n---\n## Agent Todo\n- [ ] a\n`;
  expect(goalStateOf(text("---js")).findings).toMatchObject([
    { code: "front_matter_engine_refused", severity: "warning", file: "STATE.md", line: 1 },
  ]);
  expect(goalStateOf(text("---js")).todos).toHaveLength(1);
  expect(goalStateOf("---\na: 1\n## Agent Todo\n- [ ] a\n").findings).toMatchObject([{ code: "front_matter_unclosed" }]);
  expect(goalStateOf(`---\na: ${"x".repeat(70_000)}\n---\n`).findings).toMatchObject([{ code: "too_large", severity: "error" }]);
  expect(goalStateOf("---\nupdated_at: 2026-01-01T00:00:00\n---\n").findings).toMatchObject([
    { code: "timestamp_without_zone", key: "updated_at", line: 2 },
  ]);
});

test("a quoted value reads back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => {
      const line = value.replace(/[\r\n]/g, " ");
      const text = `k: ${quoteValue(line)}`;
      expect(readKeys({ text, starts: [0] }, 0, 1).keys["k"]).toBe(line);
    }),
  );
});
