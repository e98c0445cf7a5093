import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { registerAgents } from "./agents.ts";
import { configureEntry } from "./configure.ts";
import type { ConfigureChange } from "./configure-change.ts";

const BASE: JsonObject = {
  id: "g1",
  note: "mine",
  status: "active",
  adapter: { kind: "k", status: "planned", probe: 1 },
  spawn_policy: { mode: "default", allowed: false, max_children: 3, allowed_domains: ["docs"] },
  coordination: { write_scope: ["a/**"], registered_agents: ["a", { id: "B", since: 1 }], primary_agent: "a" },
};

function configured(raw: JsonObject, change: ConfigureChange) {
  const outcome = configureEntry(raw, change);
  if (outcome.kind !== "configured") throw new Error(outcome.message);
  return outcome;
}

describe("each flag writes its own field (CMD-46)", () => {
  it.each<[ConfigureChange, string, unknown, unknown]>([
    [{ status: "paused" }, "status", "active", "paused"],
    [{ quota_compute: 0 }, "quota.compute", null, 0],
    [{ quota_compute: 0.25 }, "quota.compute", null, 0.25],
    [{ quota_window_hours: 12 }, "quota.window_hours", null, 12],
    [{ quota_slot_minutes: 5 }, "quota.slot_minutes", null, 5],
    [{ quota_allowed_slots: 0 }, "quota.allowed_slots", null, 0],
    [{ self_repair_enabled: false }, "control_plane.self_repair.enabled", null, false],
    [{ self_repair_health: true }, "control_plane.self_repair.allow_health_blocker_repair", null, true],
    [{ self_repair_waiting_projection: true }, "control_plane.self_repair.allow_waiting_projection_repair", null, true],
    [{ allowed_domain: ["x"] }, "spawn_policy.allowed_domains", ["docs"], ["x"]],
    [{ clear_allowed_domains: true }, "spawn_policy.allowed_domains", ["docs"], []],
    [{ write_scope: ["b"] }, "coordination.write_scope", ["a/**"], ["b"]],
    [{ clear_write_scopes: true }, "coordination.write_scope", ["a/**"], []],
    [{ claim_ttl_minutes: 60 }, "coordination.claim_ttl_minutes", null, 60],
    [{ adapter_kind: "other" }, "adapter.kind", "k", "other"],
    [{ adapter_status: "connected" }, "adapter.status", "planned", "connected"],
    [{ waiting_on: "controller" }, "waiting_on", null, "controller"],
    [{ primary_agent: "B" }, "coordination.primary_agent", "a", "b"],
    [{ clear_primary_agent: true }, "coordination.primary_agent", "a", null],
    [{ max_children: 1 }, "spawn_policy.max_children", 3, 1],
  ])("%j", (change, field, before, after) => {
    const outcome = configured(BASE, change);
    expect(outcome).toMatchObject({ changed_fields: [field], before: { [field]: before }, after: { [field]: after } });
    expect(outcome.entry).toMatchObject({ id: "g1", note: "mine" });
  });
  it("says nothing changed where the entry already says it", () => {
    const outcome = configured(BASE, { status: "active", write_scope: ["a/**"], adapter_status: "planned" });
    expect(outcome).toEqual({ kind: "configured", entry: BASE, changed_fields: [], before: {}, after: {} });
    expect(outcome.entry).toBe(BASE);
  });
  it("does not touch the entry it was given", () => {
    const copy = structuredClone(BASE);
    configured(BASE, { quota_compute: 0.5, waiting_on: "codex", clear_registered_agents: true });
    expect(BASE).toEqual(copy);
  });
  it("clearing the wait takes the key away, an unknown name included", () => {
    expect(configured({ ...BASE, waiting_on: "somebody" }, { clear_waiting_on: true }).entry).toEqual(BASE);
  });
  it("a block that is no object is replaced", () => {
    expect(configured({ ...BASE, quota: 5 }, { quota_compute: 1 }).entry.quota).toEqual({ compute: 1 });
  });
  it("keys nobody named stay, inside blocks too", () => {
    expect(configured(BASE, { adapter_status: "connected" }).entry.adapter).toEqual({ kind: "k", status: "connected", probe: 1 });
  });
});

describe("spawning", () => {
  it("the mode follows permission and number", () => {
    expect(configured(BASE, { spawn_allowed: true }).after).toEqual({
      "spawn_policy.mode": "multi_subagent",
      "spawn_policy.allowed": true,
    });
    expect(configured(BASE, { spawn_allowed: true, max_children: 0 }).entry.spawn_policy).toMatchObject({
      mode: "default",
      allowed: true,
      max_children: 0,
    });
  });
  it("a named mode wins where it may", () => {
    expect(configured(BASE, { spawn_allowed: true, orchestration_mode: "default" }).entry.spawn_policy).toMatchObject({
      mode: "default",
      allowed: true,
    });
    expect(configureEntry(BASE, { orchestration_mode: "multi_subagent" })).toMatchObject({
      kind: "invalid_value",
      key: "orchestration_mode",
    });
  });
});

describe("boundary authority", () => {
  it("is granted, detailed and cleared", () => {
    const granted = configured(BASE, {
      boundary_authority_scope: ["docs/**"],
      boundary_authority_source: "owner",
      boundary_authority_expires_at: "2030-01-01T00:00:00Z",
    });
    expect(granted.entry.boundary_authority).toEqual({ scopes: ["docs/**"], source: "owner", expires_at: "2030-01-01T00:00:00Z" });
    expect(configured(granted.entry, { boundary_authority_decision_id: "d1" }).changed_fields).toEqual(["boundary_authority.decision_id"]);
    expect(configured(granted.entry, { clear_boundary_authority: true }).entry).toEqual(BASE);
  });
  it("details without a grant stand beside an empty list", () => {
    expect(configured(BASE, { boundary_authority_source: "owner" }).entry.boundary_authority).toEqual({ scopes: [], source: "owner" });
  });
});

describe("a value that is refused, never clamped (CMD-46)", () => {
  it.each<[ConfigureChange, string]>([
    [{ status: "done" as "active" }, "status"],
    [{ quota_compute: 1.01 }, "quota_compute"],
    [{ quota_compute: -0.1 }, "quota_compute"],
    [{ quota_compute: Number.NaN }, "quota_compute"],
    [{ quota_compute: 0.004 }, "quota_compute"],
    [{ quota_window_hours: 0 }, "quota_window_hours"],
    [{ quota_window_hours: 1.5 }, "quota_window_hours"],
    [{ quota_slot_minutes: 0 }, "quota_slot_minutes"],
    [{ quota_allowed_slots: -1 }, "quota_allowed_slots"],
    [{ max_children: 1000 }, "max_children"],
    [{ claim_ttl_minutes: 1441 }, "claim_ttl_minutes"],
    [{ orchestration_mode: "swarm" as "default" }, "orchestration_mode"],
    [{ adapter_status: "online" }, "adapter_status"],
    [{ adapter_kind: " " }, "adapter_kind"],
    [{ waiting_on: "me" as "codex" }, "waiting_on"],
    [{ allowed_domain: [""] }, "allowed_domain"],
    [{ write_scope: [" "] }, "write_scope"],
    [{ registered_agent: ["1x"] }, "registered_agent"],
    [{ registered_agent: [] }, "registered_agent"],
    [{ registered_agent: ["b"] }, "registered_agent"],
    [{ primary_agent: "c" }, "primary_agent"],
    [{ primary_agent: "__proto__" }, "primary_agent"],
    [{ boundary_authority_expires_at: "soon" }, "boundary_authority_expires_at"],
    [{ boundary_authority_recorded_at: "" }, "boundary_authority_recorded_at"],
  ])("%j", (change, key) => {
    expect(configureEntry(BASE, change)).toMatchObject({ kind: "invalid_value", key });
  });
  it.each<[ConfigureChange, string[]]>([
    [{ clear_allowed_domains: true, allowed_domain: ["x"] }, ["clear_allowed_domains", "allowed_domain"]],
    [{ clear_write_scopes: true, write_scope: ["x"] }, ["clear_write_scopes", "write_scope"]],
    [{ clear_registered_agents: true, primary_agent: "a" }, ["clear_registered_agents", "primary_agent"]],
    [{ clear_primary_agent: true, primary_agent: "a" }, ["clear_primary_agent", "primary_agent"]],
    [{ clear_waiting_on: true, waiting_on: "codex" }, ["clear_waiting_on", "waiting_on"]],
    [{ clear_boundary_authority: true, boundary_authority_source: "x" }, ["clear_boundary_authority", "boundary_authority_source"]],
  ])("%j contradicts itself", (change, keys) => {
    expect(configureEntry(BASE, change)).toMatchObject({ kind: "conflicting_flags", keys });
  });
});

describe("agents", () => {
  it("a new list replaces the old one and keeps the form of those that stay", () => {
    expect(configured(BASE, { registered_agent: ["New One", "b"], primary_agent: "b" }).entry.coordination).toMatchObject({
      registered_agents: ["new-one", { id: "B", since: 1 }],
      primary_agent: "b",
    });
  });
  it("clearing them clears the primary one too, and both are reported", () => {
    const outcome = configured(BASE, { clear_registered_agents: true });
    expect(outcome.entry.coordination).toEqual({ write_scope: ["a/**"] });
    expect(outcome.changed_fields).toEqual(["coordination.registered_agents", "coordination.primary_agent"]);
  });
  it("register-agent adds beside the old ones (CMD-47)", () => {
    const outcome = registerAgents(BASE, { agent_ids: ["A", "Side Agent", "side-agent"], primary_agent: "side agent" });
    expect(outcome).toMatchObject({
      kind: "configured",
      registered_agents: ["a", "b", "side-agent"],
      added: ["side-agent"],
      primary_agent: "side-agent",
      changed_fields: ["coordination.registered_agents", "coordination.primary_agent"],
    });
    expect(outcome.kind === "configured" && outcome.entry.coordination).toMatchObject({
      registered_agents: ["a", { id: "B", since: 1 }, "side-agent"],
    });
  });
  it("registering known agents changes nothing", () => {
    expect(registerAgents(BASE, { agent_ids: ["a", "B"], primary_agent: null })).toMatchObject({
      entry: BASE,
      changed_fields: [],
      added: [],
      primary_agent: "a",
    });
  });
  it.each([
    [{ agent_ids: ["ok", "-bad"], primary_agent: null }, '"-bad"'],
    [{ agent_ids: [], primary_agent: null }, "at least one"],
    [{ agent_ids: ["x"], primary_agent: "y" }, '"y"'],
  ])("%j is refused and says why", (request, named) => {
    const outcome = registerAgents(BASE, request);
    expect(outcome.kind).toBe("invalid_value");
    expect(outcome.kind === "invalid_value" && outcome.message).toContain(named);
  });
});

it("configuring twice changes nothing the second time", () => {
  const change = fc.record(
    {
      status: fc.constantFrom("active" as const, "paused" as const),
      quota_compute: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
      quota_allowed_slots: fc.nat(1000),
      spawn_allowed: fc.boolean(),
      max_children: fc.nat(5),
      write_scope: fc.array(fc.constantFrom("a/**", "b/**"), { minLength: 1 }),
      registered_agent: fc.constant(["a", "b", "c"]),
      primary_agent: fc.constantFrom("a", "b"),
      waiting_on: fc.constantFrom("codex" as const, "controller" as const),
      clear_boundary_authority: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(change, (asked) => {
      const once = configured(BASE, asked);
      expect(configured(once.entry, asked).changed_fields).toEqual([]);
      expect(Object.keys(once.before)).toEqual(once.changed_fields);
      expect(Object.keys(once.after)).toEqual(once.changed_fields);
    }),
  );
});
