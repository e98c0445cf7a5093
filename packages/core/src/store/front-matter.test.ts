import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { goalStateOf } from "../testing/goal-states.ts";
import { readFrontMatter } from "./front-matter.ts";

const ran = globalThis as { ran?: boolean };
beforeEach(() => {
  delete ran.ran;
});

const hotPath = (text: string): Record<string, string> => ({ ...goalStateOf(text).front_matter?.keys });

test.each([
  '---\nstatus: active\nobjective: "say \\"hi\\""\nupdated_at: 2026-11-21T01:08:04+08:00\nwhen: 12:30:45\nversion: 1.10\n---\n# x\n',
  "\ufeff---  \r\na: 1\r\n--- \r\nrest",
  "---\n---\n",
  "---\n# only a comment\n---\n",
  "---\n\n---",
  "---\na: [unclosed\nb: &x *x {{\n---\n",
  "---\n---x: 1\n----\na: 2\n--- b\nc: 3\n---\nbody: no\n",
  "---\nlang: js\n<<: *a\n!!js/function 'x': y\n---\n",
  "# none\n",
  "",
])("gray-matter reads what the hot path reads: %j (REL-72)", async (text) => {
  const { keys, findings } = await readFrontMatter(text);
  expect({ ...keys }).toEqual(hotPath(text));
  expect(findings).toEqual([]);
});

test("gray-matter and the hot path agree on any head (REL-72)", async () => {
  const line = fc.oneof(
    fc.constantFrom("---", "----", "---x", "a: 1", "a: '2'", "# c", "", " i: 1", "__proto__: x", "k: *a", "---js", "b:\tc"),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), async (lines, ending) => {
      const text = ["---", ...lines, "---", "after: x"].join(ending);
      expect({ ...(await readFrontMatter(text)).keys }).toEqual(hotPath(text));
    }),
    { numRuns: 1_000 },
  );
});

test.each(["---js", "---javascript", "--- js", "---json", "---coffee", "---coffeescript", "---cson", "---toml", "---yaml", "---JS"])(
  "%s runs nothing and is refused (FIL-31, REL-73)",
  async (mark) => {
    const { keys, findings } = await readFrontMatter(`${mark}\n{ ran: (globalThis.ran = true) }\n---\n`);
    expect([ran.ran, Object.keys(keys)]).toEqual([undefined, []]);
    expect(findings).toMatchObject([{ code: "front_matter_engine_refused", severity: "warning", line: 1 }]);
  },
);

test.each(["a: !!js/function 'function(){ globalThis.ran = true }'", "language: js\nengine: javascript\na: (globalThis.ran = true)"])(
  "a plain head runs nothing either: %j (REL-73)",
  async (inner) => {
    await readFrontMatter(`---\n${inner}\n---\n`);
    expect(ran.ran).toBeUndefined();
  },
);

test("an alias bomb is read as lines, at once (REL-72)", async () => {
  const bomb = Array.from(
    { length: 60 },
    (_, at) => `k${at}: &a${at} [${Array.from({ length: 12 }, () => `*a${at - 1}`).join(", ")}]`,
  ).join("\n");
  const { keys } = await readFrontMatter(`---\n${bomb}\n---\n`);
  expect(Object.keys(keys)).toHaveLength(60);
  expect(keys["k9"]).toMatch(/^&a9 \[/);
});

test("the second reading of a text is a fresh object with the same keys (REL-73)", async () => {
  const text = "---\na: 1\n---\n";
  const first = (await readFrontMatter(text)).keys as Record<string, string>;
  first["a"] = "changed";
  expect((await readFrontMatter(text)).keys["a"]).toBe("1");
});

test.each([
  ["an unclosed head", "---\na: 1\n", "front_matter_unclosed"],
  ["a head over 64 KiB", `---\na: ${"x".repeat(70_000)}\n---\n`, "too_large"],
])("%s gives no keys but a finding (FIL-31, FIL-101)", async (_, text, code) => {
  const { keys, findings } = await readFrontMatter(text, "STATE.md");
  expect(Object.keys(keys)).toEqual([]);
  expect(findings).toMatchObject([{ code, file: "STATE.md" }]);
});

test("a key named like a prototype stays a key (FIL-8)", async () => {
  const { keys } = await readFrontMatter("---\n__proto__: x\nconstructor: y\n---\n");
  expect(Object.keys(keys)).toEqual(["__proto__", "constructor"]);
});
