import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { itemsOfGoal, readRegistry, registryFindings, sharedStateFindings } from "./read-registry.ts";

const goal = (id: JsonValue, more: JsonObject = {}): JsonObject => ({
  id,
  domain: "software",
  repo: "/p",
  state_file: "s.md",
  adapter: { kind: "generic_project_goal_v0", status: "connected" },
  ...more,
});

function registryOf(value: JsonValue, lines?: number[]) {
  const read = readRegistry(value, "/p/.loopx/registry.json", lines && (() => lines));
  if (read.kind === "invalid") throw new Error(read.finding.message);
  return read.registry;
}
const codesOf = (value: JsonValue) => registryFindings(registryOf(value)).map((found) => found.code);
const nested = (levels: number): JsonValue => (levels === 0 ? {} : { a: nested(levels - 1) });

describe("the file as a whole (FIL-10, FIL-16)", () => {
  it.each([[null], [[]], ["x"], [5], [{}], [{ goals: null }], [{ goals: {} }], [{ goals: "g1" }]])("%j is no registry", (value) => {
    const read = readRegistry(value, "/r.json");
    expect(read).toMatchObject({ kind: "invalid", finding: { code: "registry_invalid", severity: "error", file: "/r.json" } });
    expect(read.kind === "invalid" && read.finding.message.startsWith("/r.json: ")).toBe(true);
  });
  it("64 levels are read, 65 are refused (FIL-100)", () => {
    expect(readRegistry({ goals: [], x: nested(62) }, "f").kind).toBe("registry");
    expect(readRegistry({ goals: [], x: nested(63) }, "f").kind).toBe("invalid");
  });
  it("a depth that would overflow the stack is refused", () => {
    const text = `{"goals":[${"[".repeat(200_000)}${"]".repeat(200_000)}]}`;
    expect(readRegistry(JSON.parse(text), "f")).toMatchObject({ kind: "invalid", finding: { code: "registry_invalid" } });
  });
  it("more goals than any registry needs are refused", () => {
    expect(readRegistry({ goals: Array.from({ length: 100_001 }, () => null) }, "f")).toMatchObject({ kind: "invalid" });
  });
  it("the top level is read, a number as version included (FIL-110)", () => {
    const top = { schema_version: 1, updated_at: "2026-11-21", common_runtime_root: "/r", registry_role: "global-local", locale: "zh" };
    expect(registryOf({ ...top, goals: [] })).toMatchObject({ ...top, schema_version: "1", items: [], findings: [] });
    expect(registryOf({ schema_version: true, updated_at: 5, common_runtime_root: "", locale: "fr", goals: [] })).toMatchObject({
      schema_version: null,
      updated_at: null,
      common_runtime_root: null,
      registry_role: null,
      locale: null,
    });
  });
  it("unknown keys, __proto__ among them, are data (FIL-8)", () => {
    const registry = registryOf(JSON.parse('{"__proto__":{"polluted":1},"goals":[{"__proto__":{"id":"x"}}]}') as JsonValue);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(registry.items[0]?.id).toBeNull();
    expect(Object.keys(registry.raw)).toContain("__proto__");
  });
});

describe("entries (FIL-17)", () => {
  it("a broken entry hides no other", () => {
    const registry = registryOf({ goals: [goal("a"), null, goal("../x"), goal("b", { repo: 5 }), goal("c")] });
    expect(registry.items.map((item) => [item.position, item.id, item.entry?.id ?? null])).toEqual([
      [0, "a", "a"],
      [1, null, null],
      [2, "../x", null],
      [3, "b", null],
      [4, "c", "c"],
    ]);
    expect(registryFindings(registry).map((found) => found.code)).toEqual(["goal_entry_invalid", "goal_id_invalid", "goal_field_missing"]);
    expect(registry.items[4]?.findings).toEqual([]);
  });
  it("two entries with one id block both and are reported once", () => {
    const registry = registryOf({ goals: [goal("a"), goal("b"), goal("a")] });
    const all = registryFindings(registry);
    expect(all).toMatchObject([{ code: "goal_id_duplicate", severity: "error", goal_id: "a" }]);
    expect(all[0]?.message).toBe('goals[0], goals[2] have the same id "a"');
    expect(registry.items.map((item) => item.findings)).toEqual([[all[0]], [], [all[0]]]);
    expect(itemsOfGoal(registry, "a").map((item) => item.position)).toEqual([0, 2]);
  });
  it("two spellings of one id block both, name both and are reported once", () => {
    const registry = registryOf({ goals: [goal("Main"), goal("other"), goal("main")] });
    const all = registryFindings(registry);
    expect(all).toMatchObject([{ code: "goal_id_case_collision", severity: "error", goal_ids: ["Main", "main"] }]);
    expect(registry.items.map((item) => item.findings.length)).toEqual([1, 0, 1]);
  });
  it("a duplicate beside a collision gives both findings", () => {
    expect(codesOf({ goals: [goal("a"), goal("a"), goal("A")] })).toEqual(["goal_id_duplicate", "goal_id_case_collision"]);
  });
  it("illegal ids that are equal are only illegal", () => {
    expect(codesOf({ goals: [goal("../x"), goal("../x")] })).toEqual(["goal_id_invalid", "goal_id_invalid"]);
  });
  it("lines are named where they are known", () => {
    expect(registryOf({ goals: [goal("a"), null] }, [3, 9]).items[1]?.findings).toMatchObject([{ line: 9 }]);
    expect(registryOf({ goals: [goal("a"), goal("a")] }, [3, 9]).items[0]?.findings).toMatchObject([
      { code: "goal_id_duplicate", line: 9 },
    ]);
  });
  it("a crowd of equal ids stays cheap and readable", () => {
    const [found] = registryFindings(registryOf({ goals: Array.from({ length: 20_000 }, () => goal("a")) }));
    expect(found?.message).toMatch(/and 19990 more have the same id "a"$/);
  });
  it("reading one goal reads one entry", () => {
    let reads = 0;
    const watched = (id: string) => Object.defineProperty(goal(id), "domain", { enumerable: true, get: () => ((reads += 1), "d") });
    const registry = registryOf({ goals: Array.from({ length: 1000 }, (_, index) => watched(`g${index}`)) });
    reads = 0;
    expect(itemsOfGoal(registry, "g500")[0]?.entry?.id).toBe("g500");
    expect(itemsOfGoal(registry, "g500")[0]?.findings).toEqual([]);
    expect(reads).toBe(1);
  });
  it("any JSON gives a registry or a finding, never a throw", () => {
    const id = fc.constantFrom<JsonValue>("a", "A", "b", "../x", "__proto__", 5, null);
    const entries = fc.array(
      fc.oneof(
        fc.jsonValue(),
        id.map((each) => goal(each)),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ goals: entries })), (value) => {
        const read = readRegistry(value, "f");
        if (read.kind === "invalid") return;
        const all = registryFindings(read.registry);
        expect(new Set(all).size).toBe(all.length);
        for (const item of read.registry.items) if (item.entry === null) expect(item.findings.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("one state file of several goals (FIL-17, DEC-75)", () => {
  it("is one finding that names all of them in the form other tools read", () => {
    const bindings = [
      { goal_id: "b", position: 1, state_path: "/p/s.md" },
      { goal_id: "a", position: 0, state_path: "/p/s.md" },
      { goal_id: "c", position: 2, state_path: "/p/c.md" },
    ];
    const [found, ...rest] = sharedStateFindings(bindings);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      code: "state_file_shared",
      severity: "error",
      goal_ids: ["a", "b"],
      message: "state_file shared by multiple goals: a, b -> /p/s.md",
    });
  });
  it("the same goal twice shares with nobody", () => {
    expect(
      sharedStateFindings([
        { goal_id: "a", position: 0, state_path: "/s" },
        { goal_id: "a", position: 1, state_path: "/s" },
      ]),
    ).toEqual([]);
  });
});
