import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { asFinding, globalFindings, type GlobalFacts } from "./global-findings.ts";
import { authorityCounts, syncedEntry } from "./global-registry.ts";
import { readRegistry } from "./read-registry.ts";
import { SyncedGoalEntryRecordSchema } from "./records.ts";
import { newGoalEntry } from "./new-entry.ts";
import type { GoalId } from "../ids.ts";
import { planSync, type SyncRequest } from "./sync-plan.ts";

const NOW = { ms: Date.parse("2026-11-20T17:08:04.123Z"), offset_minutes: 480 };
const STAMP = "2026-11-21T01:08:04+08:00";
const SOURCE = "/p/.loopx/registry.json";
const UNDECLARED =
  '{"declared":false,"required":false,"path":null,"path_exists":null,"read_status":null,"default_entry_count":0,"default_entries_checked":0,"default_entries_present":0,"topic_authority_count":0,' +
  '"project_material_count":0,"project_material_repository_count":0,"project_material_owner_review_required_count":0,"project_material_stale_count":0,"project_material_current_authority_count":0,' +
  '"deprecated_source_count":0,"conflict_risk":"unknown"}';

const goal = (id: string, more: JsonObject = {}): JsonObject => ({
  id,
  domain: "d",
  repo: "/p",
  state_file: "s.md",
  adapter: { kind: "k", status: "connected" },
  ...more,
});
const synced = (id: string, more: JsonObject = {}): JsonObject => ({
  ...syncedEntry({ raw: goal(id), source_registry: SOURCE, synced_at: "2026-11-01T00:00:00Z" }),
  ...more,
});
function globalOf(...goals: JsonObject[]) {
  const read = readRegistry({ goals }, "/runtime/registry.global.json");
  if (read.kind === "invalid") throw new Error(read.finding.message);
  return read.registry;
}
const plan = (more: Partial<SyncRequest>) =>
  planSync({ global: null, incoming: [], source_registry: SOURCE, now: NOW, replace: false, prune: null, ...more });
const incoming = (raw: JsonObject) => ({ goal_id: typeof raw.id === "string" ? raw.id : "", raw });

describe("a synced entry (FIL-21)", () => {
  const invocation = { cli_bin: "loopx", registry: null, runtime_root: null };
  const project = newGoalEntry({
    goal_id: "g1" as GoalId,
    repo: "/p",
    state_file: "s.md",
    goal_doc: "GOAL.md",
    flags: {},
    locale: "en",
    invocation,
  });
  it("is the project entry without its sources, and four keys at its end", () => {
    const raw = { ...project, authority_registry: { path: "docs/authority.json" }, quota: { compute: 1 } };
    const entry = syncedEntry({ raw, source_registry: SOURCE, synced_at: STAMP });
    const keys = Object.keys(raw).filter((key) => key !== "authority_sources" && key !== "authority_registry");
    expect(Object.keys(entry)).toEqual([...keys, "source_registry", "synced_at", "authority_source_count", "authority_registry"]);
    expect(entry).toMatchObject({ source_registry: SOURCE, synced_at: STAMP, authority_source_count: 1, quota: { compute: 1 } });
    expect(JSON.stringify(entry)).not.toContain("GOAL.md");
    expect(SyncedGoalEntryRecordSchema.safeParse(entry).success).toBe(true);
  });
  it("an undeclared authority registry gives exactly the printed counts", () => {
    expect(JSON.stringify(syncedEntry({ raw: project, source_registry: SOURCE, synced_at: STAMP }).authority_registry)).toBe(UNDECLARED);
  });
  it("a declared one is counted, in the same keys and order", () => {
    const counts = authorityCounts(
      {
        path: "docs/authority.json",
        required: true,
        read_status: "read",
        default_entry_docs: ["a.md", "b.md"],
        topic_authority: { x: {}, y: {} },
        project_materials: { m1: { repository: "r", stale: true }, m2: { owner_review_required: true, status: "current_authority" } },
        deprecated_source_count: 4,
        conflict_risk: "low",
      },
      { path_exists: true, default_entries_checked: 2, default_entries_present: 1 },
    );
    expect(Object.keys(counts)).toEqual(Object.keys(JSON.parse(UNDECLARED) as JsonObject));
    expect(Object.values(counts)).toEqual([true, true, "docs/authority.json", true, "read", 2, 2, 1, 2, 2, 1, 1, 1, 1, 4, "low"]);
  });
  it("any authority registry is counted without a throw", () => {
    const nested = fc.record({
      topic_authority: fc.jsonValue(),
      project_materials: fc.jsonValue(),
      default_entry_docs: fc.jsonValue(),
      deprecated_source_count: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nested), (value) => {
        expect(Object.keys(authorityCounts(value as JsonObject))).toEqual(Object.keys(JSON.parse(UNDECLARED) as JsonObject));
      }),
    );
  });
  it("synced twice it is the same entry", () => {
    const once = syncedEntry({ raw: project, source_registry: SOURCE, synced_at: STAMP });
    expect(Object.keys(syncedEntry({ raw: once, source_registry: SOURCE, synced_at: STAMP }))).toEqual(Object.keys(once));
  });
});

describe("a sync (FIL-22 to FIL-25)", () => {
  it("adds new goals, replaces changed ones, stamps equal ones, and leaves others out", () => {
    const global = globalOf(
      synced("same"),
      synced("changed", { domain: "old" }),
      synced("foreign", { source_registry: "/q/registry.json" }),
    );
    const result = plan({ global, incoming: [goal("new"), goal("same"), goal("changed")].map(incoming) });
    expect(result).toMatchObject({
      added: ["new"],
      unchanged: ["same"],
      replaced: ["changed"],
      pruned: [],
      skipped: [],
      collisions: [],
      refused: false,
    });
    expect(result.entries.map((edit) => [edit.kind, edit.goal_id])).toEqual([
      ["put", "new"],
      ["put", "same"],
      ["put", "changed"],
    ]);
    for (const edit of result.entries) expect(edit).toMatchObject({ entry: { synced_at: STAMP } });
  });
  it("stamps the source's other goals that stand as they are here, and touches nothing else of them (FIL-27)", () => {
    const global = globalOf(synced("same"), synced("changed", { domain: "old" }), synced("moved", { repo: "/other" }), synced("a"));
    const beside = [goal("same"), goal("changed"), goal("moved"), goal("unknown"), goal("twin"), goal("Twin")].map(incoming);
    const result = plan({ global, incoming: [incoming(goal("a"))], beside });
    expect(result).toMatchObject({ unchanged: ["a"], added: [], replaced: [], collisions: [], refused: false });
    expect(result.entries.map((edit) => edit.goal_id)).toEqual(["a", "same"]);
    expect(result.entries[1]).toMatchObject({ entry: { ...synced("same"), synced_at: STAMP } });
  });
  it.each([
    ["source_registry", { source_registry: "/elsewhere.json" }],
    ["repo", { repo: "/other" }],
    ["state_file", { state_file: "other.md" }],
  ])("another %s refuses the whole sync and names both routes (FIL-23)", (_, more) => {
    const result = plan({ global: globalOf(synced("a", more)), incoming: [incoming(goal("b")), incoming(goal("a"))] });
    expect(result).toMatchObject({ refused: true, entries: [], added: [] });
    expect(result.collisions).toMatchObject([
      { kind: "route", goal_id: "a", existing: more, incoming: { source_registry: SOURCE, repo: "/p", state_file: "s.md" } },
    ]);
    expect(result.collisions[0]?.existing).not.toEqual(result.collisions[0]?.incoming);
  });
  it("--replace-state lets a route move, and still reports it", () => {
    expect(plan({ global: globalOf(synced("a", { repo: "/other" })), incoming: [incoming(goal("a"))], replace: true })).toMatchObject({
      refused: false,
      replaced: ["a"],
      collisions: [{ kind: "route" }],
    });
  });
  it("a route the old entry does not name cannot move", () => {
    expect(plan({ global: globalOf(goal("a")), incoming: [incoming(goal("a"))] })).toMatchObject({ refused: false, replaced: ["a"] });
  });
  it("two spellings of one path are one route where the caller can tell", () => {
    const samePath = (left: string, right: string) => left.replace(/^\/link/, "/p") === right.replace(/^\/link/, "/p");
    const global = globalOf(synced("a", { repo: "/link" }));
    expect(plan({ global, incoming: [incoming(goal("a"))] }).refused).toBe(true);
    expect(plan({ global, incoming: [incoming(goal("a"))], samePath }).refused).toBe(false);
  });
  it("neither case nor a duplicate can be replaced away", () => {
    expect(plan({ global: globalOf(synced("A")), incoming: [incoming(goal("a"))], replace: true })).toMatchObject({
      refused: true,
      collisions: [{ kind: "case", existing_goal_id: "A" }],
    });
    expect(plan({ global: globalOf(synced("a"), synced("a")), incoming: [incoming(goal("a"))], replace: true })).toMatchObject({
      refused: true,
      collisions: [{ kind: "duplicate" }, { kind: "duplicate" }],
    });
  });
  it("ids no registry may hold, and ids that stand twice, are skipped by name", () => {
    expect(plan({ incoming: [goal("../x"), goal("a"), goal("B"), goal("b")].map(incoming) })).toMatchObject({
      added: ["a"],
      skipped: ["../x", "B", "b"],
    });
  });
  it("another source keeps the overrides it does not speak of (FIL-24)", () => {
    const global = globalOf(synced("a", { source_registry: "/old.json", waiting_on: "controller", operator_question: "really?" }));
    const entryOf = (raw: JsonObject, from = SOURCE) =>
      plan({ global, incoming: [incoming(raw)], source_registry: from, replace: true }).entries[0];
    expect(entryOf(goal("a", { operator_question: "mine" }))).toMatchObject({
      entry: { waiting_on: "controller", operator_question: "mine" },
    });
    expect(entryOf(goal("a", { clear_attention_override: true }))).not.toHaveProperty("entry.waiting_on");
    expect(entryOf(goal("a"), "/old.json")).not.toHaveProperty("entry.waiting_on");
  });
  it("pruning removes what this source lost and what has no source left, nothing else (FIL-25)", () => {
    const global = globalOf(
      synced("kept"),
      synced("lost"),
      synced("gone", { source_registry: "/gone.json" }),
      synced("foreign", { source_registry: "/q.json" }),
      goal("by-hand"),
    );
    const request = { global, incoming: [incoming(goal("kept"))] };
    expect(plan(request).pruned).toEqual([]);
    const result = plan({ ...request, prune: { source_goal_ids: ["kept"], missing_registries: ["/gone.json"] } });
    expect(result.pruned).toEqual(["lost", "gone"]);
    expect(result.entries.slice(1)).toEqual([
      { kind: "remove", goal_id: "lost" },
      { kind: "remove", goal_id: "gone" },
    ]);
  });
  it("a goal that moved here from a registry that is gone is replaced, not pruned", () => {
    const global = globalOf(synced("a", { source_registry: "/gone.json" }));
    const prune = { source_goal_ids: ["a"], missing_registries: ["/gone.json"] };
    expect(plan({ global, incoming: [incoming(goal("a"))], replace: true, prune })).toMatchObject({ replaced: ["a"], pruned: [] });
  });
  it("pruning with one goal named spares the other goals of the source", () => {
    const result = plan({
      global: globalOf(synced("a"), synced("b")),
      incoming: [incoming(goal("a"))],
      prune: { source_goal_ids: ["a", "b"], missing_registries: [] },
    });
    expect(result.pruned).toEqual([]);
  });
});

describe("findings of the global registry (FIL-27, DEC-74)", () => {
  const facts = (more: Partial<GlobalFacts>): GlobalFacts => ({
    sources: new Map(),
    state_files: new Map(),
    shown_goal_ids: null,
    ...more,
  });
  const source = (modified: string, ...ids: string[]) =>
    new Map([[SOURCE, { kind: "read" as const, modified_ms: Date.parse(modified), goal_ids: new Set(ids) }]]);
  it("a sound registry has none", () => {
    expect(
      globalFindings(
        globalOf(synced("a")),
        facts({ sources: source("2026-11-01T00:00:05Z", "a"), state_files: new Map([["a", true]]), shown_goal_ids: new Set(["a"]) }),
      ),
    ).toEqual([]);
  });
  it("what was not looked up is not judged", () => {
    expect(globalFindings(globalOf(synced("a")), facts({}))).toEqual([]);
    expect(globalFindings(globalOf(synced("a")), facts({ sources: new Map([[SOURCE, { kind: "unreadable" }]]) }))).toEqual([]);
  });
  it.each([
    ["duplicate_goal_id", "high", { goal_id: "a" }, globalOf(synced("a"), synced("a")), facts({})],
    [
      "source_registry_missing",
      "action",
      { goal_ids: ["a", "b"], path: SOURCE },
      globalOf(synced("a"), synced("b")),
      facts({ sources: new Map([[SOURCE, { kind: "missing" }]]) }),
    ],
    [
      "stale_source_registry",
      "action",
      { goal_ids: ["a"], path: SOURCE },
      globalOf(synced("a")),
      facts({ sources: source("2026-11-01T00:00:05.001Z", "a") }),
    ],
    [
      "stale_source_registry",
      "action",
      { goal_ids: ["a"], path: SOURCE },
      globalOf(synced("a", { synced_at: "never" })),
      facts({ sources: source("2020-01-01T00:00:00Z", "a") }),
    ],
    [
      "source_entry_missing",
      "action",
      { goal_id: "a", path: SOURCE },
      globalOf(synced("a")),
      facts({ sources: source("2026-01-01T00:00:00Z") }),
    ],
    ["state_file_missing", "action", { goal_id: "a" }, globalOf(synced("a")), facts({ state_files: new Map([["a", false]]) })],
    ["state_file_not_declared", "action", { goal_id: "a" }, globalOf(synced("a", { state_file: null })), facts({})],
    [
      "current_registry_scope_excludes_global_goals",
      "info",
      { goal_ids: ["a"] },
      globalOf(synced("a"), synced("b")),
      facts({ shown_goal_ids: new Set(["b"]) }),
    ],
  ] as const)("%s is %s", (kind, severity, about, global, looked) => {
    const all = globalFindings(global, looked);
    expect(all).toMatchObject([{ kind, severity, ...about }]);
    expect(Object.keys(all[0] ?? {}).slice(0, 4)).toEqual(["kind", "severity", "message", "recommended_action"]);
    expect(all[0]?.recommended_action).not.toBe("");
    expect(all.map(asFinding)).toMatchObject([{ code: kind, message: all[0]?.message }]);
  });
  it("printed commands are quoted", () => {
    const [found] = globalFindings(globalOf(synced("a", { repo: "/my project", state_file: null })), facts({}));
    expect(found?.recommended_action).toBe("loopx connect --project '/my project' --goal-id a");
  });
});
