import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Authority } from "./authority.ts";
import { MAP_SECTIONS, mapPaths } from "./inventory.ts";
import { residualRisks, type RiskFacts } from "./risks.ts";

const STATE_FILE = ".codex/goals/atlas/ACTIVE_GOAL_STATE.md";
const EVERY_PATH = mapPaths({ id: "atlas", state_file: STATE_FILE }).map((each) => each.path);
const DECLARED: Authority = {
  counts: {},
  declared: true,
  required: false,
  path_missing: false,
  default_entries_missing: false,
  deprecated_sources: 0,
  conflict_risk: "low",
};

/** A goal of which nothing is missing; say what differs. */
function facts(more: Partial<RiskFacts> = {}): RiskFacts {
  return {
    goal_id: "atlas",
    state_file: STATE_FILE,
    opt_in_required: false,
    authority_source_count: 1,
    authority: DECLARED,
    sections_found: new Set(MAP_SECTIONS),
    repo_exists: true,
    present: new Set(EVERY_PATH),
    ...more,
  };
}

const without = (...paths: readonly string[]) => ({ present: new Set(EVERY_PATH.filter((path) => !paths.includes(path))) });
const authority = (more: Partial<Authority>) => ({ authority: { ...DECLARED, ...more } });

describe("residualRisks (DEC-82)", () => {
  it("is silent about a goal of which nothing is missing", () => {
    expect(residualRisks(facts())).toEqual([]);
  });

  it.each<[string, Partial<RiskFacts>, readonly string[]]>([
    ["no opt-in", { opt_in_required: true }, ["planned_adapter_requires_controller_opt_in"]],
    ["no authority source", { authority_source_count: 0 }, ["authority_sources_not_declared"]],
    ["required and undeclared", authority({ declared: false, required: true }), ["authority_registry_required_but_not_declared"]],
    ["neither required nor declared", authority({ declared: false }), []],
    ["a declared path that is gone", authority({ path_missing: true }), ["authority_registry_path_missing"]],
    ["default entries that are gone", authority({ default_entries_missing: true }), ["authority_registry_default_entries_missing"]],
    ["deprecated sources", authority({ deprecated_sources: 2 }), ["authority_registry_deprecated_sources_seen"]],
    ["a medium conflict", authority({ conflict_risk: "medium" }), ["authority_registry_conflict_risk"]],
    ["an undeclared registry with faults", authority({ declared: false, deprecated_sources: 2, path_missing: true }), []],
    ["two sections", { sections_found: new Set(MAP_SECTIONS.slice(2)) }, ["state_sections_missing:Authority Sources,Operating Contract"]],
    [
      "all sections, of which four are named",
      { sections_found: new Set() },
      ["state_sections_missing:Authority Sources,Operating Contract,Work Clusters,Validation Surfaces"],
    ],
    ["the repository itself", { repo_exists: false }, ["project_repo_missing"]],
    [
      "the project registry",
      without(".loopx/registry.json"),
      ["project_local_registry_not_detected", "project_local_goal_state_not_detected"],
    ],
    ["the state file alone", without(STATE_FILE), ["project_local_goal_state_not_detected"]],
    ["README.md, with docs there", without("README.md"), []],
    ["README.md and docs", without("README.md", "docs"), ["project_context_surface_sparse"]],
    [
      "every place for tests",
      without("tests", "package.json", "pyproject.toml", "requirements.txt"),
      ["standard_validation_surface_not_detected"],
    ],
    ["all of them but one", without("tests", "package.json", "pyproject.toml"), []],
  ])("missing: %s", (_what, more, expected) => {
    expect(residualRisks(facts(more))).toEqual(expected);
  });

  it("names this goal's directory although a neighbour's is there", () => {
    const present = new Set([...EVERY_PATH, ".codex/goals/other"]);
    present.delete(".codex/goals/atlas");
    expect(residualRisks(facts({ present }))).toEqual([
      "project_goal_state_dir_not_detected:atlas",
      "project_local_goal_state_not_detected",
    ]);
  });

  it("never loses a risk when one more thing is missing, and keeps their order", () => {
    const paths = fc.subarray([...EVERY_PATH]);
    fc.assert(
      fc.property(paths, fc.constantFrom(...EVERY_PATH), fc.boolean(), (present, gone, opt_in_required) => {
        const before = residualRisks(facts({ present: new Set(present), opt_in_required }));
        const after = residualRisks(facts({ present: new Set(present.filter((path) => path !== gone)), opt_in_required }));
        expect(after.filter((risk) => before.includes(risk))).toEqual(before);
      }),
    );
  });
});
