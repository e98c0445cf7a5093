import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { GoalEntrySchema } from "./entry.ts";
import { DEFAULT_EXECUTION_PROFILE } from "./execution-profile.ts";
import { readGoalEntry } from "./read-entry.ts";

/** As the older tool wrote one: no profile, no coordination. */
const OLD: JsonObject = {
  id: "g1",
  domain: "software",
  status: "active",
  role: "controller",
  repo: "/p",
  state_file: ".codex/goals/g1/ACTIVE_GOAL_STATE.md",
  adapter: { kind: "read_only_project_map_v0", status: "connected-read-only" },
};

const read = (raw: JsonValue) => readGoalEntry(raw, 2, { file: "/p/.loopx/registry.json" });
function entryOf(more: JsonObject) {
  const { entry } = read({ ...OLD, ...more });
  if (entry === null) throw new Error("the entry is unusable");
  return entry;
}
const codes = (raw: JsonValue) => read(raw).findings.map((found) => [found.code, found.key]);

describe("an entry of the older tool (FIL-110)", () => {
  it("reads with every default and no finding", () => {
    expect(read(OLD)).toEqual({
      findings: [],
      entry: {
        ...OLD,
        parent_goal_id: null,
        authority_sources: [],
        spawn_policy: { mode: "default", allowed: false, max_children: 3, allowed_domains: [] },
        coordination: {
          write_scope: [],
          claim_ttl_minutes: 30,
          requires_parent_approval: ["write", "publish", "production-action"],
          registered_agents: [],
          primary_agent: null,
          side_agent_handoff_agent: null,
          agent_profiles: [],
        },
        execution_profile: DEFAULT_EXECUTION_PROFILE,
        quota: { compute: 1, window_hours: 24, slot_minutes: 1, allowed_slots: 1440 },
        attention: {
          waiting_on: null,
          attention_status: null,
          operator_question: null,
          recommended_action: null,
          next_handoff_condition: null,
        },
        boundary_authority: null,
        guards: [],
        next_probe: null,
        source_registry: null,
        synced_at: null,
        authority_source_count: 0,
      },
    });
  });
  it("agents may be texts or objects, in any spelling, and stand once", () => {
    const agents = ["Codex Main", { id: "side-a" }, { agent_id: "side-b" }, { name: "Side C" }, "codex-main", 7, null, {}];
    expect(entryOf({ coordination: { registered_agents: agents, primary_agent: "Codex Main" } }).coordination).toMatchObject({
      registered_agents: ["codex-main", "side-a", "side-b", "side-c"],
      primary_agent: "codex-main",
    });
  });
  it("an agent whose name is no legal id still guards its goal", () => {
    expect(entryOf({ coordination: { registered_agents: ["Ärger 1"] } }).coordination.registered_agents).toEqual(["ärger-1"]);
  });
  it("a lone text counts as a list of one", () => {
    expect(entryOf({ coordination: { registered_agents: "codex", write_scope: "docs/**" } }).coordination).toMatchObject({
      registered_agents: ["codex"],
      write_scope: ["docs/**"],
    });
  });
  it("agent profiles may be a list or an object", () => {
    const expected = [{ agent_id: "a", scope: "docs" }];
    expect(entryOf({ coordination: { agent_profiles: [{ id: "A", scope: "docs" }, 5] } }).coordination.agent_profiles).toEqual(expected);
    expect(entryOf({ coordination: { agent_profiles: { a: { scope: "docs" }, "": "x" } } }).coordination.agent_profiles).toEqual(expected);
    expect(
      entryOf({ coordination: { agent_profiles: JSON.parse('{"a":"docs","__proto__":"evil"}') as JsonValue } }).coordination.agent_profiles,
    ).toEqual(expected);
  });
});

describe("an entry that cannot be used (FIL-17)", () => {
  it.each([[null], ["g1"], [7], [[]], [{}], [{ id: 5 }], [{ id: null }]])("%j has no id to be named by", (raw) => {
    const { entry, findings } = read(raw);
    expect(entry).toBeNull();
    expect(findings).toMatchObject([{ code: "goal_entry_invalid", severity: "error", file: "/p/.loopx/registry.json" }]);
    expect(findings[0]?.message).toMatch(/^goals\[2\] /);
    expect(findings[0]).not.toHaveProperty("goal_id");
  });
  it.each(["", ".", "..", "../x", "a/b", "CON", "nul.md", "a.", "__proto__", "constructor", "a".repeat(81), "gö"])(
    "the id %j is refused and named",
    (id) => {
      const { entry, findings } = read({ ...OLD, id });
      expect(entry).toBeNull();
      expect(findings).toMatchObject([{ code: "goal_id_invalid", severity: "error", goal_id: id }]);
    },
  );
  it.each([
    ["repo", { repo: 5 }],
    ["domain", { domain: "" }],
    ["state_file", { state_file: null }],
    ["adapter.kind", { adapter: { status: "connected" } }],
  ])("a missing %s is named", (key, more) => {
    const { entry, findings } = read({ ...OLD, ...more });
    expect(entry).toBeNull();
    expect(findings).toMatchObject([{ code: "goal_field_missing", severity: "error", goal_id: "g1", key }]);
  });
  it("every missing field is named at once", () => {
    expect(codes({ id: "g1" })).toEqual([
      ["goal_field_missing", "repo"],
      ["goal_field_missing", "domain"],
      ["goal_field_missing", "state_file"],
      ["goal_field_missing", "adapter.kind"],
      ["adapter_status_unknown", "adapter.status"],
    ]);
  });
  it("a finding carries the line when it is known", () => {
    expect(readGoalEntry({ ...OLD, repo: 1 }, 0, { file: "f", line: 12 }).findings[0]).toMatchObject({ file: "f", line: 12 });
  });
});

describe("who has to act", () => {
  it.each(["codex", "user_or_controller", "controller", "external_evidence"])("%s is believed", (waiting_on) => {
    expect(entryOf({ waiting_on }).attention.waiting_on).toBe(waiting_on);
    expect(codes({ ...OLD, waiting_on })).toEqual([]);
  });
  it.each([[null], [""], ["  "]])("%j names nobody", (waiting_on) => {
    expect(entryOf({ waiting_on }).attention.waiting_on).toBeNull();
    expect(codes({ ...OLD, waiting_on })).toEqual([]);
  });
  it.each([["somebody"], ["Codex"], [5], [["codex"]], [{}], [true]])("%j blocks the goal and is no permission (FIL-15)", (waiting_on) => {
    expect(entryOf({ waiting_on: waiting_on }).attention.waiting_on).toBe("controller");
    expect(read({ ...OLD, waiting_on: waiting_on as JsonValue }).findings).toMatchObject([
      { code: "waiting_on_unknown", severity: "error", goal_id: "g1" },
    ]);
  });
  it("the overrides are read as texts", () => {
    const more = {
      waiting_on: "controller",
      attention_status: "s",
      operator_question: "q",
      recommended_action: "r",
      next_handoff_condition: 5,
    };
    expect(entryOf(more).attention).toEqual({ ...more, next_handoff_condition: null });
  });
  it("clear_attention_override takes all of them away, an unknown name included", () => {
    const more = { waiting_on: "somebody", operator_question: "q", clear_attention_override: true };
    expect(entryOf(more).attention).toEqual({
      waiting_on: null,
      attention_status: null,
      operator_question: null,
      recommended_action: null,
      next_handoff_condition: null,
    });
    expect(codes({ ...OLD, ...more })).toEqual([]);
  });
});

describe("quota (DEC-20 to DEC-22)", () => {
  const quota = (more: JsonObject) => entryOf(more).quota;
  it.each([
    [{ quota: { compute: 0.5 } }, { compute: 0.5, window_hours: 24, slot_minutes: 1, allowed_slots: 720 }],
    [{ quota: { compute: "0.5" } }, { compute: 0.5, allowed_slots: 720 }],
    [{ quota: { compute: 0 } }, { compute: 0, allowed_slots: 0 }],
    [{ quota: { compute: 0.004 } }, { compute: 0, allowed_slots: 0 }],
    [{ quota: { compute: 0.005 } }, { compute: 0.01 }],
    [{ quota: { compute: 0.285 } }, { compute: 0.29 }],
    [{ compute_quota: 0.25 }, { compute: 0.25, allowed_slots: 360 }],
    [{ compute_quota: 0.25, quota: { compute: 0.5 } }, { compute: 0.5 }],
    [{ compute_quota: 0.25, quota: { compute: null } }, { compute: 0.25 }],
    [{ quota: { allowed_slots: 0 } }, { compute: 1, allowed_slots: 0 }],
    [{ quota: { allowed_slots: "7" } }, { allowed_slots: 7 }],
    [{ quota: { window_hours: 1, slot_minutes: 40 } }, { allowed_slots: 2 }],
    [{ quota: { spent_slots: 99, next_eligible_at: "2030-01-01" } }, { compute: 1, allowed_slots: 1440 }],
  ])("%j reads without a finding", (more, expected) => {
    expect(quota(more)).toMatchObject(expected);
    expect(codes({ ...OLD, ...more })).toEqual([]);
  });
  it.each([
    [{ quota: { compute: 1.5 } }, "quota.compute", { compute: 1 }],
    [{ quota: { compute: -1 } }, "quota.compute", { compute: 0, allowed_slots: 0 }],
    [{ compute_quota: 7 }, "compute_quota", { compute: 1 }],
    [{ quota: { window_hours: 0 } }, "quota.window_hours", { window_hours: 1 }],
    [{ quota: { window_hours: 2.5 } }, "quota.window_hours", { window_hours: 2 }],
    [{ quota: { window_hours: 1e300 } }, "quota.window_hours", { window_hours: 8784 }],
    [{ quota: { slot_minutes: -5 } }, "quota.slot_minutes", { slot_minutes: 1 }],
    [{ quota: { allowed_slots: -1 } }, "quota.allowed_slots", { allowed_slots: 0 }],
  ])("%j is clamped and said", (more, key, expected) => {
    expect(quota(more)).toMatchObject(expected);
    expect(codes({ ...OLD, ...more })).toEqual([["quota_value_clamped", key]]);
  });
  it.each([
    [{ quota: { compute: "lots" } }, "quota.compute"],
    [{ quota: { compute: true } }, "quota.compute"],
    [{ quota: { compute: "0x1" } }, "quota.compute"],
    [{ quota: { compute: "" } }, "quota.compute"],
    [{ quota: { window_hours: [] } }, "quota.window_hours"],
    [{ quota: { slot_minutes: {} } }, "quota.slot_minutes"],
    [{ quota: { allowed_slots: "many" } }, "quota.allowed_slots"],
    [{ quota: { compute: JSON.parse("1e400") as number } }, "quota.compute"],
    [{ quota: 5 }, "quota"],
    [{ compute_quota: "x" }, "compute_quota"],
  ])("%j falls back to the default and is said (FIL-15)", (more, key) => {
    expect(quota(more as JsonObject)).toEqual({ compute: 1, window_hours: 24, slot_minutes: 1, allowed_slots: 1440 });
    expect(codes({ ...OLD, ...(more as JsonObject) })).toEqual([["quota_invalid", key]]);
  });
  it("whatever the file says, the policy stays in its ranges", () => {
    const field = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(field, field, field, field, (compute, window_hours, slot_minutes, allowed_slots) => {
        const read = quota({ quota: { compute, window_hours, slot_minutes, allowed_slots } });
        expect(read.compute >= 0 && read.compute <= 1 && Math.abs(read.compute * 100 - Math.round(read.compute * 100)) < 1e-9).toBe(true);
        for (const [value, min] of [
          [read.window_hours, 1],
          [read.slot_minutes, 1],
          [read.allowed_slots, 0],
        ] as const) {
          expect(Number.isSafeInteger(value) && value >= min).toBe(true);
          expect(Object.is(value, -0)).toBe(false);
        }
      }),
    );
  });
});

describe("other fields", () => {
  it.each([
    [{ adapter: { kind: "k", status: "custom" } }, "custom"],
    [{ adapter: { kind: "k" } }, "unknown"],
    [{ adapter: { kind: "k", status: 5 } }, "unknown"],
  ])("the adapter status in %j is kept, and warned of (FIL-13)", (more, status) => {
    expect(entryOf(more as JsonObject).adapter.status).toBe(status);
    expect(read({ ...OLD, ...(more as JsonObject) }).findings).toMatchObject([{ code: "adapter_status_unknown", severity: "warning" }]);
  });
  it.each([
    [undefined, "active"],
    [" Paused ", "Paused"],
    [5, "unknown"],
  ])("the status %j reads as %j", (status, expected) => {
    expect(entryOf({ status }).status).toBe(expected);
  });
  it.each([
    [{ claim_ttl_minutes: "45" }, 45],
    [{ claim_ttl_minutes: 0 }, 1],
    [{ claim_ttl_minutes: 9999 }, 1440],
    [{ claim_ttl_minutes: "soon" }, 30],
  ])("%j is read within its range", (coordination, minutes) => {
    expect(entryOf({ coordination }).coordination.claim_ttl_minutes).toBe(minutes);
  });
  it("an empty list of approvals stands", () => {
    expect(entryOf({ coordination: { requires_parent_approval: [] } }).coordination.requires_parent_approval).toEqual([]);
  });
  it.each([
    [{ allowed: true, max_children: 2 }, "multi_subagent"],
    [{ allowed: true, max_children: 0 }, "default"],
    [{ allowed: false }, "default"],
    [{ mode: "custom", allowed: true }, "custom"],
  ])("the spawn mode of %j is %s (FIL-11)", (spawn_policy, mode) => {
    expect(entryOf({ spawn_policy }).spawn_policy.mode).toBe(mode);
  });
  it("a grant whose end cannot be read grants nothing", () => {
    const scopes = ["docs/**"];
    expect(entryOf({ boundary_authority: { scopes } }).boundary_authority).toMatchObject({ scopes, expires_at: null });
    expect(entryOf({ boundary_authority: { scopes, expires_at: "2030-01-01T00:00:00Z" } }).boundary_authority?.scopes).toEqual(scopes);
    expect(entryOf({ boundary_authority: { scopes, expires_at: "someday" } }).boundary_authority?.scopes).toEqual([]);
    expect(entryOf({ boundary_authority: { scopes, expires_at: 1767225600 } }).boundary_authority?.scopes).toEqual([]);
  });
  it("authority sources keep what they say beside what we know", () => {
    const sources = [{ kind: "goal_doc", path: "GOAL.md", role: 5, note: "n" }, "x", null];
    expect(entryOf({ authority_sources: sources }).authority_sources).toEqual([{ kind: "goal_doc", path: "GOAL.md", note: "n" }]);
    expect(entryOf({ authority_sources: sources }).authority_source_count).toBe(1);
    expect(entryOf({ authority_source_count: 4 }).authority_source_count).toBe(4);
  });
});

it("any JSON value is read without a throw, and a read entry is of its type", () => {
  const keys = [
    "id",
    "domain",
    "status",
    "role",
    "parent_goal_id",
    "repo",
    "state_file",
    "authority_sources",
    "adapter",
    "spawn_policy",
    "coordination",
    "execution_profile",
    "quota",
    "compute_quota",
    "waiting_on",
    "guards",
    "next_probe",
    "boundary_authority",
    "clear_attention_override",
    "authority_source_count",
    "__proto__",
    "constructor",
  ];
  const wild = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 3 }));
  const near = fc.record({
    coordination: fc.jsonValue(),
    quota: fc.jsonValue(),
    spawn_policy: fc.jsonValue(),
    waiting_on: fc.jsonValue(),
    authority_sources: fc.jsonValue(),
    boundary_authority: fc.jsonValue(),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        wild,
        near.map((more) => ({ ...OLD, ...more })),
      ),
      (raw) => {
        const { entry, findings } = read(raw);
        if (entry === null) expect(findings.some((found) => found.severity === "error")).toBe(true);
        else expect(GoalEntrySchema.safeParse(entry).success).toBe(true);
        for (const found of findings) expect(found.message).toMatch(/^goals\[2\] /);
      },
    ),
    { numRuns: 1_000 },
  );
});
