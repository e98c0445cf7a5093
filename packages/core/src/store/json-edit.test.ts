import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameJson } from "../domain/goal/json-values.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { type DocumentEdit, editJson, type ListEdit } from "./json-edit.ts";
import { newJsonText, withoutMark } from "./json-text.ts";

const edited = (text: string, edit: DocumentEdit) => editJson(text, JSON.parse(withoutMark(text)) as JsonObject, edit);
const list = (edit: Partial<ListEdit>) => ({
  key: "goals",
  edit: { replace: new Map<number, JsonValue>(), remove: new Set<number>(), append: [], ...edit },
});
const append = (text: string, ...values: JsonValue[]) => edited(text, { list: list({ append: values }) });
const replace = (text: string, position: number, value: JsonValue) =>
  edited(text, { list: list({ replace: new Map([[position, value]]) }) });
const remove = (text: string, ...positions: number[]) => edited(text, { list: list({ remove: new Set(positions) }) });

describe("adding an element (FIL-2)", () => {
  it("takes the indent of a document with two spaces", () => {
    expect(append('{\n  "goals": [\n    {\n      "id": "a"\n    }\n  ]\n}\n', { id: "b", x: [] })).toBe(
      '{\n  "goals": [\n    {\n      "id": "a"\n    },\n    {\n      "id": "b",\n      "x": []\n    }\n  ]\n}\n',
    );
  });
  it("takes four spaces, CRLF and the byte order mark, and leaves 1.0 alone", () => {
    const text =
      '\uFEFF{\r\n    "goals": [\r\n        {\r\n            "id": "a",\r\n            "quota": {"compute": 1.0}\r\n        }\r\n    ]\r\n}';
    expect(append(text, { id: "b" })).toBe(
      '\uFEFF{\r\n    "goals": [\r\n        {\r\n            "id": "a",\r\n            "quota": {"compute": 1.0}\r\n        },\r\n        {\r\n            "id": "b"\r\n        }\r\n    ]\r\n}',
    );
  });
  it("takes tabs", () => {
    expect(append('{\n\t"goals": [\n\t\t{}\n\t]\n}', { id: "b" })).toBe('{\n\t"goals": [\n\t\t{},\n\t\t{\n\t\t\t"id": "b"\n\t\t}\n\t]\n}');
  });
  it.each([
    ['{"goals":[]}', '{"goals":[{"id":"b"}]}'],
    ['{"goals":[{"id":"a"}]}', '{"goals":[{"id":"a"},{"id":"b"}]}'],
    ['{"goals": [1, 2]}\n', '{"goals": [1, 2, {"id":"b"}]}\n'],
    ['{\n  "goals": []\n}\n', '{\n  "goals": [\n    {\n      "id": "b"\n    }\n  ]\n}\n'],
    ['{\n  "goals": [  ]\n}\n', '{\n  "goals": [\n    {\n      "id": "b"\n    }\n  ]\n}\n'],
    ['{\n  "goals": [{\n    "id": "a"\n  }]\n}', '{\n  "goals": [{\n    "id": "a"\n  }, {\n    "id": "b"\n  }]\n}'],
    ['{\n  "goals": [{ "id": "a" }]\n}', '{\n  "goals": [{ "id": "a" }, { "id": "b" }]\n}'],
    ['{\n  "goals": [1\n  , 2]\n}', '{\n  "goals": [1\n  , 2, { "id": "b" }]\n}'],
  ])("fits into %j", (text, expected) => {
    expect(append(text, { id: "b" })).toBe(expected);
  });
  it("adds several in one edit", () => {
    expect(append('{"goals":[1]}', 2, 3)).toBe('{"goals":[1,2,3]}');
  });
  it("keeps text that is not ASCII readable", () => {
    expect(append('{"goals":[]}', "目标\u2028")).toBe('{"goals":["目标\u2028"]}');
  });
});

describe("replacing an element", () => {
  const text =
    '{\n  "goals": [\n    {\n      "id": "a",\n      "n": 1.0,\n      "quota": { "compute": 1.0, "x": 1e2 },\n      "tags": ["p", "q"]\n    }\n  ]\n}\n';
  const old = { id: "a", n: 1, quota: { compute: 1, x: 100 }, tags: ["p", "q"] };
  it("changes nothing when the value says the same", () => {
    expect(replace(text, 0, old)).toBe(text);
  });
  it("changes only the span of the value that differs", () => {
    expect(replace(text, 0, { ...old, quota: { compute: 0.5, x: 100 } })).toBe(text.replace('"compute": 1.0', '"compute": 0.5'));
  });
  it("keeps a short list on its line", () => {
    expect(replace(text, 0, { ...old, tags: ["p", "r", "s"] })).toBe(text.replace('["p", "q"]', '["p", "r", "s"]'));
  });
  it("puts a new key behind the one it follows", () => {
    expect(replace(text, 0, { id: old.id, fresh: true, n: old.n, quota: old.quota, tags: old.tags })).toBe(
      text.replace('"id": "a",', '"id": "a",\n      "fresh": true,'),
    );
    expect(replace(text, 0, { first: null, ...old })).toBe(text.replace('"id": "a",', '"first": null,\n      "id": "a",'));
    expect(replace(text, 0, { ...old, quota: { ...old.quota, more: 1 } })).toBe(text.replace('"x": 1e2 }', '"x": 1e2, "more": 1 }'));
  });
  it("takes a key away with its comma", () => {
    expect(replace(text, 0, { id: "a", n: 1, quota: old.quota })).toBe(text.replace(',\n      "tags": ["p", "q"]', ""));
    expect(replace(text, 0, { n: 1, quota: old.quota, tags: old.tags })).toBe(text.replace('"id": "a",\n      ', ""));
    expect(replace(text, 0, { ...old, quota: {} })).toBe(text.replace('{ "compute": 1.0, "x": 1e2 }', "{}"));
  });
  it("does not care about the order of keys that stand already", () => {
    expect(replace(text, 0, { tags: old.tags, quota: old.quota, n: 1, id: "a" })).toBe(text);
  });
  it("edits the last of two equal keys, which is the one that counts", () => {
    expect(replace('{"goals":[{"a":1,"a":2}]}', 0, { a: 3 })).toBe('{"goals":[{"a":1,"a":3}]}');
    expect(replace('{"goals":[{"a":1,"b":0,"a":2}]}', 0, { b: 0 })).toBe('{"goals":[{"b":0}]}');
  });
  it("keeps a key named __proto__ as data (FIL-8)", () => {
    const value = JSON.parse('{"__proto__":{"x":1},"id":"a"}') as JsonObject;
    expect(replace('{"goals":[{"__proto__":{"x":1},"id":"b"}]}', 0, value)).toBe('{"goals":[{"__proto__":{"x":1},"id":"a"}]}');
    expect(replace('{"goals":[{"id":"a"}]}', 0, value)).toBe('{"goals":[{"__proto__":{"x":1},"id":"a"}]}');
  });
});

describe("removing elements", () => {
  const text = '{\n  "goals": [\n    1,\n    2,\n    3\n  ]\n}\n';
  it.each([
    [[0], '{\n  "goals": [\n    2,\n    3\n  ]\n}\n'],
    [[1], '{\n  "goals": [\n    1,\n    3\n  ]\n}\n'],
    [[2], '{\n  "goals": [\n    1,\n    2\n  ]\n}\n'],
    [[0, 1], '{\n  "goals": [\n    3\n  ]\n}\n'],
    [[1, 2], '{\n  "goals": [\n    1\n  ]\n}\n'],
    [[0, 2], '{\n  "goals": [\n    2\n  ]\n}\n'],
    [[0, 1, 2], '{\n  "goals": []\n}\n'],
  ])("of positions %j leaves the rest as it was", (positions, expected) => {
    expect(remove(text, ...positions)).toBe(expected);
  });
});

describe("top-level keys", () => {
  it("are set in place, and a new one follows its neighbour", () => {
    const text = '{\n  "schema_version": 1,\n  "goals": []\n}\n';
    expect(edited(text, { set: { schema_version: 1, updated_at: "2026-11-21" } })).toBe(
      '{\n  "schema_version": 1,\n  "goals": [],\n  "updated_at": "2026-11-21"\n}\n',
    );
    expect(edited('{"updated_at":"x","goals":[]}', { set: { updated_at: "y" } })).toBe('{"updated_at":"y","goals":[]}');
  });
  it("go together with a change of the list", () => {
    expect(edited('{"updated_at": 1.0, "goals": [{"id": "a"}]}', { set: { updated_at: "y" }, list: list({ append: [7] }) })).toBe(
      '{"updated_at": "y", "goals": [{"id": "a"},7]}',
    );
  });
});

it.each(['{"goals":{}}', "{}", '{"list":[]}'])("a list that %j does not have is a bug, not a write", (text) => {
  expect(() => append(text, 1)).toThrow("does not have");
});

const blank = fc.constantFrom("", " ", "\n", "\r\n  ", "\t", "\n\n ");
const scalar = fc.oneof(
  fc.constantFrom("1.0", "1e2", "-0", "0.10", "null", "true", '"a\\u0041\\/"', '"目\u2028"', '"}],["'),
  fc.integer().map(String),
);
const value: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1 ? scalar : fc.oneof(scalar, arrayOf(value(depth - 1)), objectOf(value(depth - 1))),
);
const keys = fc.constantFrom("id", "a", "b", "quota", "__proto__", "目");
function arrayOf(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(blank, item, blank), { maxLength: 4 }), blank)
    .map(([items, gap]) => `[${items.length === 0 ? gap : items.map((parts) => parts.join("")).join(",")}]`);
}
function objectOf(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc.tuple(blank, keys, blank, item, blank).map(([a, key, b, text, c]) => `${a}${JSON.stringify(key)}${b}:${b}${text}${c}`);
  return fc.tuple(fc.array(member, { maxLength: 5 }), blank).map(([members, gap]) => `{${members.length === 0 ? gap : members.join(",")}}`);
}

it("in any layout, an edit gives exactly the asked value and leaves every other element's bytes (FIL-2)", () => {
  const elements = fc.array(fc.record({ before: blank, text: value(3), after: blank }), { maxLength: 5 });
  const action = fc.oneof(
    fc.constant("keep" as const),
    fc.constant("remove" as const),
    fc.jsonValue({ maxDepth: 2 }).map((next) => ({ next: next as JsonValue })),
  );
  const actions = fc.array(action, { minLength: 5, maxLength: 5 });
  const fresh = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom("", "\uFEFF"), blank, elements, actions, fresh, fc.boolean(), (mark, gap, items, plan, added, stamp) => {
      const body = items.length === 0 ? gap : items.map((item) => item.before + item.text + item.after).join(",");
      const text = `${mark}{${gap}"updated_at":${gap}1.0,${gap}"goals":${gap}[${body}]${gap}}${gap}`;
      const replaced = new Map(
        items.flatMap((_, index) => {
          const step = plan[index];
          return typeof step === "object" ? [[index, step.next] as const] : [];
        }),
      );
      const removed = new Set(items.flatMap((_, index) => (plan[index] === "remove" ? [index] : [])));
      const result = edited(text, {
        list: list({ replace: replaced, remove: removed, append: added }),
        ...(stamp ? { set: { updated_at: "now" } } : {}),
      });
      const kept = items.flatMap((item, index) =>
        removed.has(index) ? [] : [replaced.has(index) ? (replaced.get(index) as JsonValue) : (JSON.parse(item.text) as JsonValue)],
      );
      const goals = [...kept, ...(added as JsonValue[])];
      const again = JSON.parse(result.slice(mark.length)) as JsonObject;
      expect(sameJson(again, { updated_at: stamp ? "now" : 1, goals })).toBe(true);
      expect(result.startsWith(mark)).toBe(true);
      let from = 0;
      items.forEach((item, index) => {
        if (removed.has(index) || replaced.has(index)) return;
        const at = result.indexOf(item.text, from);
        expect(at).toBeGreaterThanOrEqual(from);
        from = at + item.text.length;
      });
      if (removed.size + replaced.size + added.length === 0 && !stamp) expect(result).toBe(text);
    }),
    { numRuns: 1_000 },
  );
});

it("a new document has two spaces, real characters and a final line feed (FIL-2)", () => {
  expect(newJsonText({ a: "目标", b: [] })).toBe('{\n  "a": "目标",\n  "b": []\n}\n');
});
