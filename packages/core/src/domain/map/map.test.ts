import { describe, expect, it } from "vitest";
import { goalEntry } from "../../testing/facts.ts";
import { goalStateOf } from "../../testing/goal-states.ts";
import type { JsonObject } from "../json.ts";
import type { Run } from "../run/history.ts";
import { authorityOf, authorityPaths } from "./authority.ts";
import { mapPaths } from "./inventory.ts";
import { mapReport, projectMap, type MapFacts } from "./map.ts";
import { mapPermission } from "./permission.ts";

const NOT_LOOKED = { path_exists: null, default_entries_checked: 0, default_entries_present: 0 };
const goal = goalEntry({ id: "atlas", state_file: ".codex/goals/atlas/ACTIVE_GOAL_STATE.md" });

function facts(more: Partial<MapFacts> = {}): MapFacts {
  return {
    goal,
    authority: authorityOf({}, NOT_LOOKED),
    opt_in_required: false,
    state: goalStateOf("# Goal\n\n## Next Action\n\n- Look at the parser\n- Then write\n\n## Work Clusters\n"),
    repo_exists: true,
    present: new Set(["README.md", ".codex/goals", ".codex/goals/atlas", "tests"]),
    ...more,
  };
}

describe("projectMap (CMD-111)", () => {
  it("counts what is there and says what is not", () => {
    const { summary, checks, sections } = projectMap(facts());
    expect(summary).toMatchObject({ sections_found: 2, sections_checked: 7, files_present: 4, files_checked: 11, guard_count: 3 });
    expect(summary).toMatchObject({ project_registry_exists: false, goal_state_dir_exists: true, active_state_file_exists: false });
    expect(checks.filter((check) => check.exists).map((check) => check.path)).toEqual([
      "README.md",
      ".codex/goals",
      "tests",
      ".codex/goals/atlas",
    ]);
    expect(sections.find((section) => section.heading === "Next Action")).toEqual({ heading: "Next Action", present: true, line_count: 2 });
  });

  it("keeps the words of the state in the artifact alone", () => {
    const { summary, artifact } = projectMap(facts());
    expect(JSON.stringify(artifact)).toContain("Look at the parser");
    expect(JSON.stringify(summary)).not.toContain("parser");
  });

  it("cuts a sample that would fill the artifact", () => {
    const state = goalStateOf(`## Next Action\n\n- ${"x".repeat(100_000)}\n`);
    expect(JSON.stringify(projectMap(facts({ state })).artifact).length).toBeLessThan(4_000);
  });

  it("maps a goal without repository and state by its risks", () => {
    const { residual_risks, summary } = projectMap(facts({ state: null, repo_exists: false, present: new Set() }));
    expect(residual_risks).toContain("project_repo_missing");
    expect([summary.files_present, summary.sections_found]).toEqual([0, 0]);
    expect(summary.residual_risk_count).toBe(residual_risks.length);
  });

  it("tells a person every risk", () => {
    const map = projectMap(facts());
    const [risks] = mapReport(map);
    expect(risks?.lines).toEqual(map.residual_risks.map((risk) => `- ${risk}`));
  });

  it("looks for a state file where the entry says it lies", () => {
    expect(mapPaths({ id: "atlas", state_file: "notes/STATE.md" }).map((each) => each.path)).toContain("notes/STATE.md");
  });
});

describe("the authority of an entry", () => {
  it.each<[string, JsonObject, object]>([
    ["nothing is declared", {}, { declared: false, required: false }],
    ["a registry that is required and has no path is not declared", { required: true }, { declared: false, required: true }],
    ["a path is declared", { path: "AUTHORITY.md", conflict_risk: "high" }, { declared: true, conflict_risk: "high" }],
    [
      "counts of a sync are believed",
      { declared: true, required: true, path: "A.md", path_exists: false, default_entries_checked: 2, default_entries_present: 1 },
      { declared: true, path_missing: true, default_entries_missing: true },
    ],
    ["counts that say undeclared are no declaration", { declared: false, required: true, path: null }, { declared: false, required: true }],
  ])("%s", (_what, authority_registry, expected) => {
    expect(authorityOf({ authority_registry }, NOT_LOOKED)).toMatchObject(expected);
  });

  it("has paths to look for only where a project declares them", () => {
    const own = { authority_registry: { path: "A.md", default_entry_docs: ["one.md", "two.md"] } };
    expect(authorityPaths(own)).toEqual({ path: "A.md", default_entries: ["one.md", "two.md"] });
    expect(authorityPaths({ authority_registry: { declared: true, path: "A.md" } })).toEqual({ path: null, default_entries: [] });
  });

  it("puts no path into the run index", () => {
    const authority = authorityOf({ authority_registry: { path: "private/A.md" } }, { ...NOT_LOOKED, path_exists: true });
    expect(JSON.stringify(projectMap(facts({ authority })).summary)).not.toContain("private");
  });
});

describe("who may map (CMD-111, DEC-79)", () => {
  const decided = (classification: string, gate = "read_only_map_opt_in") =>
    ({ classification, record: { operator_gate: { gate } } }) as unknown as Run;
  const note = { classification: "state_refreshed", record: {} } as unknown as Run;

  it.each([
    ["read_only_project_map_v0", "connected", { kind: "allowed" }],
    ["read_only_project_map_v0", "connected-read-only", { kind: "allowed" }],
    ["big_read_only_map_v0", "read-only-map-ready", { kind: "allowed" }],
    ["big_read_only_map_v0", "planned", { kind: "planned", approved: false }],
    ["big_read_only_map_v0", "connected-delivery", { kind: "wrong_status" }],
    ["generic_project_goal_v0", "connected", { kind: "wrong_kind" }],
  ])("a %s adapter that is %s", (kind, status, expected) => {
    expect(mapPermission({ kind, status }, [])).toEqual(expected);
  });

  it.each<[string, Run[], boolean]>([
    ["an approval counts although work came after it", [note, decided("operator_gate_approved")], true],
    ["a later refusal takes it back", [decided("operator_gate_rejected"), decided("operator_gate_approved")], false],
    ["an approval of another gate says nothing", [decided("operator_gate_approved", "history_line_bad")], false],
  ])("%s", (_what, newest, approved) => {
    expect(mapPermission({ kind: "big_read_only_map_v0", status: "planned" }, newest)).toEqual({ kind: "planned", approved });
  });
});
