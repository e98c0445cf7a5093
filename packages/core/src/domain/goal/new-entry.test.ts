import { describe, expect, it } from "vitest";
import type { GoalId } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { DEFAULT_OBJECTIVE, FLAGS_IGNORED, GUARDS } from "../locale/goal.ts";
import { type ConnectFlags, connectFlagFault, ignoredFlags } from "./connect-flags.ts";
import { DEFAULT_EXECUTION_PROFILE } from "./execution-profile.ts";
import { newGoalEntry, type NewGoalInput, replaceEntryKeys } from "./new-entry.ts";
import { readGoalEntry } from "./read-entry.ts";
import { GoalEntryRecordSchema } from "./records.ts";

const input = (more: Partial<NewGoalInput> = {}): NewGoalInput => ({
  goal_id: "g1" as GoalId,
  repo: "/my project",
  state_file: ".codex/goals/g1/ACTIVE_GOAL_STATE.md",
  goal_doc: null,
  flags: {},
  locale: "en",
  invocation: { cli_bin: "loopx", registry: "/r.json", runtime_root: null },
  ...more,
});
const kept = (flags: ConnectFlags = {}) =>
  readGoalEntry(newGoalEntry(input({ flags, goal_doc: flags.goal_doc ?? null })), 0, { file: "f" }).entry;

describe("the entry of connect (FIL-11)", () => {
  it("has exactly its keys, in their order, with every default", () => {
    expect(JSON.stringify(newGoalEntry(input()))).toBe(
      JSON.stringify({
        id: "g1",
        domain: "project-goal-control-plane",
        status: "active",
        role: "controller",
        parent_goal_id: null,
        repo: "/my project",
        state_file: ".codex/goals/g1/ACTIVE_GOAL_STATE.md",
        authority_sources: [],
        adapter: { kind: "generic_project_goal_v0", status: "connected" },
        spawn_policy: { mode: "default", allowed: false, max_children: 3, allowed_domains: [] },
        coordination: { write_scope: [], claim_ttl_minutes: 30, requires_parent_approval: ["write", "publish", "production-action"] },
        execution_profile: DEFAULT_EXECUTION_PROFILE,
        next_probe: "loopx --registry /r.json check --scan-root '/my project'",
        guards: ["Read-only by default.", "No production change without the user's approval.", "No private evidence in public commits."],
      }),
    );
  });
  it("takes every flag", () => {
    const flags: ConnectFlags = {
      domain: "d",
      role: "subagent",
      parent_goal_id: "parent",
      adapter_kind: "read_only_project_map_v0",
      adapter_status: "planned",
      next_probe: "make probe",
      spawn_allowed: true,
      max_children: 5,
      allowed_domain: ["docs"],
      write_scope: ["src/**"],
      claim_ttl_minutes: 60,
      execution_minimum_scale: "implementation",
    };
    expect(newGoalEntry(input({ flags, goal_doc: "GOAL.md", locale: "zh" }))).toMatchObject({
      domain: "d",
      role: "subagent",
      parent_goal_id: "parent",
      authority_sources: [{ kind: "goal_doc", path: "GOAL.md", role: "primary_goal_document" }],
      adapter: { kind: "read_only_project_map_v0", status: "planned" },
      spawn_policy: { mode: "multi_subagent", allowed: true, max_children: 5, allowed_domains: ["docs"] },
      coordination: { write_scope: ["src/**"], claim_ttl_minutes: 60 },
      execution_profile: { minimum_scale: "implementation" },
      next_probe: "make probe",
      guards: GUARDS.map((guard) => guard.zh()),
    });
  });
  it.each([
    [{ spawn_allowed: true }, "multi_subagent"],
    [{ spawn_allowed: true, max_children: 0 }, "default"],
    [{ max_children: 3 }, "default"],
  ])("with %j the mode is %s", (flags, mode) => {
    expect(newGoalEntry(input({ flags }))).toMatchObject({ spawn_policy: { mode } });
  });
  it("reads back without a finding and fits its published schema", () => {
    const entry = newGoalEntry(input());
    expect(readGoalEntry(entry, 0, { file: "f" }).findings).toEqual([]);
    expect(GoalEntryRecordSchema.safeParse(entry).success).toBe(true);
  });
});

describe("flags that may not be written", () => {
  it.each([
    [{ objective: "  " }, "objective"],
    [{ domain: "" }, "domain"],
    [{ role: "boss" as "controller" }, "role"],
    [{ state_file: "" }, "state_file"],
    [{ goal_doc: " " }, "goal_doc"],
    [{ adapter_kind: "" }, "adapter_kind"],
    [{ adapter_status: "online" }, "adapter_status"],
    [{ next_probe: "" }, "next_probe"],
    [{ max_children: -1 }, "max_children"],
    [{ max_children: 1.5 }, "max_children"],
    [{ max_children: Number.NaN }, "max_children"],
    [{ allowed_domain: ["ok", ""] }, "allowed_domain"],
    [{ write_scope: [""] }, "write_scope"],
    [{ claim_ttl_minutes: 0 }, "claim_ttl_minutes"],
    [{ claim_ttl_minutes: 1441 }, "claim_ttl_minutes"],
    [{ execution_surface_streak_threshold: 0 }, "execution_surface_streak_threshold"],
  ])("%j is refused by name, never clamped", (flags, key) => {
    expect(connectFlagFault(flags)).toMatchObject({ kind: "invalid_value", key });
  });
  it("the limits themselves are legal", () => {
    expect(connectFlagFault({ claim_ttl_minutes: 1440, max_children: 0, adapter_status: "planned", role: "subagent" })).toBeNull();
  });
});

describe("a rerun without --force (CMD-33)", () => {
  const given: ConnectFlags = {
    objective: "o",
    domain: "d",
    goal_doc: "G.md",
    spawn_allowed: true,
    allowed_domain: ["x"],
    write_scope: ["s"],
    claim_ttl_minutes: 5,
    adapter_status: "planned",
    execution_minimum_scale: "implementation",
    execution_outcome_marker: ["m"],
  };
  it("with the same flags ignores none", () => {
    expect(ignoredFlags(kept(given), given, "o")).toEqual([]);
    expect(ignoredFlags(kept(), {}, null)).toEqual([]);
  });
  it("names every flag that differs, as typed", () => {
    expect(ignoredFlags(kept(), given, "other")).toEqual([
      "--objective",
      "--domain",
      "--goal-doc",
      "--spawn-allowed",
      "--allowed-domain",
      "--write-scope",
      "--claim-ttl-minutes",
      "--adapter-status",
      "--execution-minimum-scale",
      "--execution-outcome-marker",
    ]);
  });
  it("a flag that was not given is not ignored", () => {
    expect(ignoredFlags(kept({ domain: "d" }), { domain: undefined, role: "controller" }, null)).toEqual([]);
  });
  it("beside an unreadable entry every given flag is ignored", () => {
    expect(ignoredFlags(null, { domain: "d" }, null)).toEqual(["--domain"]);
  });
});

describe("--force (CMD-34)", () => {
  it("rewrites the keys of FIL-11 and keeps every other one", () => {
    const old =
      JSON.parse(`{"id":"g1","domain":"old","status":"stalled","note":"mine","repo":"/old","adapter":{"kind":"k","status":"planned","probe":"p"},
      "coordination":{"registered_agents":["a"],"primary_agent":"a","write_scope":["old/**"],"claim_ttl_minutes":5},
      "quota":{"compute":0.5},"waiting_on":"controller","execution_profile":{"cadence":"weekly","mine":1},"__proto__":{"x":1}}`) as JsonObject;
    const fresh = newGoalEntry(input());
    const result = replaceEntryKeys(old, fresh);
    expect(result).toMatchObject({
      domain: "project-goal-control-plane",
      status: "active",
      repo: "/my project",
      note: "mine",
      quota: { compute: 0.5 },
      waiting_on: "controller",
    });
    expect(result.adapter).toEqual({ kind: "generic_project_goal_v0", status: "connected", probe: "p" });
    expect(result.coordination).toEqual({
      registered_agents: ["a"],
      primary_agent: "a",
      write_scope: [],
      claim_ttl_minutes: 30,
      requires_parent_approval: ["write", "publish", "production-action"],
    });
    expect(result.execution_profile).toEqual(DEFAULT_EXECUTION_PROFILE);
    expect(Object.keys(result)).toContain("__proto__");
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
  it.each([[undefined], [null], ["x"], [[1]]])("over %j writes the fresh entry", (old) => {
    const fresh = newGoalEntry(input());
    expect(replaceEntryKeys(old, fresh)).toEqual(fresh);
  });
});

it("the catalogue speaks both languages, and they differ (D15)", () => {
  for (const sentence of [...GUARDS, DEFAULT_OBJECTIVE]) {
    expect(sentence.en()).toMatch(/^[A-Z][^\u4e00-\u9fff]*\.$/);
    expect(sentence.zh()).toMatch(/[\u4e00-\u9fff].*。$/);
  }
  for (const locale of ["en", "zh"] as const) {
    const text = FLAGS_IGNORED[locale](["--domain", "--role"]);
    for (const part of ["--domain", "--role", "--force", "configure-goal"]) expect(text).toContain(part);
  }
});
