import { describe, expect, it } from "vitest";
import { changeOf, type GoalSettings } from "@loopx/core/domain";
import { edited, GROUPS, isPrivate } from "./settings-draft.ts";

const NOW: GoalSettings = {
  status: "active",
  waiting_on: "controller",
  quota_compute: 1,
  quota_window_hours: 24,
  quota_slot_minutes: 60,
  quota_allowed_slots: 24,
  registered_agent: ["codex-main", "review"],
  primary_agent: "codex-main",
  claim_ttl_minutes: 30,
  write_scope: ["src/**"],
  spawn_allowed: false,
  max_children: 3,
  allowed_domain: [],
  adapter_kind: "k",
  adapter_status: "connected",
  boundary_authority_scope: [],
  boundary_authority_source: null,
  boundary_authority_decision_id: null,
  boundary_authority_expires_at: null,
};

describe("what was typed over a goal's settings (CMD-129)", () => {
  it.each([
    ["nothing", {}, {}],
    ["the same again", { quota_compute: "1", write_scope: "\nsrc/**\n" }, {}],
    ["a number", { quota_compute: "0.25" }, { quota_compute: 0.25 }],
    ["lines with blanks", { write_scope: " src/** \n\n docs/**" }, { write_scope: ["src/**", "docs/**"] }],
    ["no line", { write_scope: " \n" }, { clear_write_scopes: true }],
    ["nobody", { waiting_on: "" }, { clear_waiting_on: true }],
    ["a permission", { spawn_allowed: "yes" }, { spawn_allowed: true }],
    ["agents without the primary one", { registered_agent: "review" }, { registered_agent: ["review"], clear_primary_agent: true }],
    ["no agents", { registered_agent: "" }, { clear_registered_agents: true }],
    ["an agent in capitals", { registered_agent: "Codex-Main" }, { registered_agent: ["Codex-Main"] }],
  ])("asks, by %s, for just that", (_what, edits, change) => {
    expect(changeOf(NOW, edited(NOW, edits))).toEqual(change);
  });

  it("keeps its hands off a value of which something was left out on the way here", () => {
    for (const text of ["<local-path>/src", "<redacted:token>", "$LOOPX_RUNTIME_ROOT/x"]) expect(isPrivate(["src/**", text])).toBe(true);
    for (const value of [["src/**"], "lead", null, 3, true]) expect(isPrivate(value)).toBe(false);
  });

  it("has a place in the form for every setting, once", () => {
    expect(GROUPS.flatMap(([, keys]) => [...keys]).toSorted()).toEqual(Object.keys(NOW).toSorted());
  });
});
