import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { configureEntry } from "./configure.ts";
import { readGoalEntry } from "./read-entry.ts";
import { changeOf, settingsOf, type GoalSettings } from "./settings.ts";

const RAW: JsonObject = {
  id: "g1",
  domain: "d",
  repo: "/r",
  state_file: "s.md",
  status: "active",
  adapter: { kind: "k", status: "connected" },
  quota: { compute: 1, window_hours: 24, slot_minutes: 60, allowed_slots: 24 },
  coordination: { write_scope: ["a/**"], registered_agents: ["a", "b"], primary_agent: "a" },
  boundary_authority: { scopes: ["x/**"], source: "lead", decision_id: "d1", expires_at: "2027-01-01T00:00:00Z" },
};

function settings(raw: JsonObject): GoalSettings {
  const { entry } = readGoalEntry(raw, 0, { file: "r.json" });
  if (entry === null) throw new Error("unreadable");
  return settingsOf(entry);
}
function changed(raw: JsonObject, wanted: GoalSettings): JsonObject {
  const outcome = configureEntry(raw, changeOf(settings(raw), wanted));
  if (outcome.kind !== "configured") throw new Error(outcome.message);
  return outcome.entry;
}

const scopes = fc.uniqueArray(fc.constantFrom("a/**", "b/**", "docs/*.md"));
const wantedSettings = fc
  .record<GoalSettings>({
    status: fc.constantFrom("active", "paused"),
    waiting_on: fc.constantFrom(null, "codex", "controller"),
    quota_compute: fc.constantFrom(0, 0.25, 1),
    quota_window_hours: fc.integer({ min: 1, max: 48 }),
    quota_slot_minutes: fc.integer({ min: 1, max: 60 }),
    quota_allowed_slots: fc.integer({ min: 0, max: 30 }),
    registered_agent: fc.uniqueArray(fc.constantFrom("a", "b", "c")),
    primary_agent: fc.constantFrom(null, "a", "b", "c"),
    claim_ttl_minutes: fc.integer({ min: 1, max: 1440 }),
    write_scope: scopes,
    spawn_allowed: fc.boolean(),
    max_children: fc.integer({ min: 0, max: 5 }),
    allowed_domain: scopes,
    adapter_kind: fc.constantFrom("k", "other"),
    adapter_status: fc.constantFrom("connected", "planned"),
    boundary_authority_scope: scopes,
    boundary_authority_source: fc.constantFrom("lead", "board"),
    boundary_authority_decision_id: fc.constantFrom("d1", "d2"),
    boundary_authority_expires_at: fc.constantFrom("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
  })
  // A primary agent is a registered one, and nobody gave a grant that is none.
  .map((each): GoalSettings => {
    const primary_agent = each.primary_agent !== null && each.registered_agent.includes(each.primary_agent) ? each.primary_agent : null;
    const none = { boundary_authority_source: null, boundary_authority_decision_id: null, boundary_authority_expires_at: null };
    return { ...each, primary_agent, ...(each.boundary_authority_scope.length === 0 ? none : {}) };
  });

describe("a goal's settings (CMD-46, CMD-129)", () => {
  it("every wish is reached by the flags that lead to it, and keys nobody named stay", () => {
    fc.assert(
      fc.property(wantedSettings, (wanted) => {
        expect(settings(changed({ ...RAW, note: "mine" }, wanted))).toEqual(wanted);
        expect(changed({ ...RAW, note: "mine" }, wanted)["note"]).toBe("mine");
      }),
    );
  });
  it("the same settings need no flag", () => {
    expect(changeOf(settings(RAW), settings(RAW))).toEqual({});
  });
  it("a detail that is taken out of a standing grant is named, so that it is refused and not overlooked", () => {
    const now = settings(RAW);
    expect(changeOf(now, { ...now, boundary_authority_source: null })).toEqual({ boundary_authority_source: "" });
    expect(configureEntry(RAW, { boundary_authority_source: "" })).toMatchObject({ kind: "invalid_value" });
  });
});
