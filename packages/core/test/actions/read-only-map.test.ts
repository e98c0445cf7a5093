/** A map as an action: what it records, what it refuses, and that it leaves the project as it was. */
import { describe, expect, it } from "vitest";
import { readOnlyMap } from "../../src/actions/read-only-map.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { PRIVATE_PATH } from "../../src/testing/private-texts.ts";

const STATE_PATH = ".codex/goals/atlas/ACTIVE_GOAL_STATE.md";
const STATE = "---\nupdated_at: 2026-11-20T00:00:00+00:00\n---\n\n## Work Clusters\n\n- Look at src/private-part\n";
const INDEX = { kind: "runs", goal_id: "atlas" as GoalId } as const;

function host(adapter: object = {}, files: Record<string, string> = { [STATE_PATH]: STATE }, more: object = {}): MemoryHost {
  const goal = {
    id: "atlas",
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: STATE_PATH,
    adapter: { kind: "read_only_project_map_v0", status: "connected-read-only", ...adapter },
    ...more,
  };
  return project({ ".loopx/registry.json": `${JSON.stringify({ schema_version: "0.1", goals: [goal] }, null, 2)}\n`, ...files });
}

const projectFiles = (at: MemoryHost) =>
  Object.fromEntries(Object.entries(at.files()).filter(([path]) => path.startsWith("/srv/project/")));

describe("readOnlyMap (CMD-111)", () => {
  it("is recorded once, and then the goal is quiet until its state changes", async () => {
    const at = host();
    const before = projectFiles(at);
    const map = await readOnlyMap(at, { goal_id: "atlas" });
    expect(map).toMatchObject({ appended: true, classification: "read_only_project_map", opt_in_required: false });
    expect(map.residual_risks).toEqual(
      expect.arrayContaining(["authority_sources_not_declared", "standard_validation_surface_not_detected"]),
    );
    expect(projectFiles(at)).toEqual(before);
    const ask = async () => (await shouldRun(at, { goal_id: "atlas", cwd: "/srv/project" })).verdict.rule;
    expect(await ask()).toBe("mapped_noop");
    at.plant(STATE_PATH, `${STATE}- and more\n`);
    expect(await ask()).not.toBe("mapped_noop");
  });

  it("writes the line without the words of the state, and the artifact with them", async () => {
    const at = host();
    const { json_path, markdown_path } = await readOnlyMap(at, { goal_id: "atlas", recommended_action: "Read the map" });
    const line = at.textOf(INDEX) ?? "";
    expect(JSON.parse(line)).toMatchObject({
      recommended_action: "Read the map",
      health_check: "project_mapped",
      project_map: { sections_found: 1 },
    });
    expect(line).not.toContain("private-part");
    expect(JSON.parse(at.textOf(json_path ?? "") ?? "")).toMatchObject({
      registry_goal: { present: true },
      state_map: { sections: { "Work Clusters": { sample: ["Look at src/private-part"] } } },
    });
    expect(at.textOf(markdown_path ?? "")).toContain("- authority_sources_not_declared");
  });

  it("as a dry run says the same and writes nothing", async () => {
    const at = host();
    const before = at.files();
    const preview = await readOnlyMap(at, { goal_id: "atlas", dry_run: true });
    expect(at.files()).toEqual(before);
    const real = await readOnlyMap(at, { goal_id: "atlas", no_global_sync: true });
    const effect = { dry_run: false, applied: true, appended: true };
    expect({ ...preview, ...effect, run_id: real.run_id, json_path: real.json_path, markdown_path: real.markdown_path }).toEqual(real);
  });

  it("shows a planned adapter's map and records none", async () => {
    const at = host({ status: "planned" });
    const before = at.files();
    expect(await readOnlyMap(at, { goal_id: "atlas", dry_run: true })).toMatchObject({ opt_in_required: true, appended: false });
    await expect(readOnlyMap(at, { goal_id: "atlas" })).rejects.toMatchObject({ code: "opt_in_required" });
    expect(at.files()).toEqual(before);
  });

  it("asks for nothing more after an approval, and still records none while the adapter is planned", async () => {
    const at = host({ status: "planned" });
    const gate = {
      generated_at: "2026-11-20T00:00:00Z",
      goal_id: "atlas",
      classification: "operator_gate_approved",
      operator_gate: { gate: "read_only_map_opt_in" },
    };
    at.plant(INDEX, `${JSON.stringify(gate)}\n`);
    expect(await readOnlyMap(at, { goal_id: "atlas", dry_run: true })).toMatchObject({ opt_in_required: false });
    await expect(readOnlyMap(at, { goal_id: "atlas" })).rejects.toMatchObject({ code: "opt_in_required", details: { approved: true } });
  });

  it.each([
    ["another kind of adapter", { kind: "generic_project_goal_v0" }, "adapter.kind"],
    ["a status that maps nothing", { status: "connected-delivery" }, "adapter.status"],
  ])("refuses %s", async (_what, adapter, key) => {
    await expect(readOnlyMap(host(adapter), { goal_id: "atlas", dry_run: true })).rejects.toMatchObject({
      code: "invalid_value",
      details: { key },
    });
  });

  it.each([
    ["a private path as classification", { classification: `seen in ${PRIVATE_PATH}` }, "unsafe_text"],
    ["an empty action", { recommended_action: " " }, "invalid_value"],
    ["a classification of two lines", { classification: "a\nb" }, "invalid_value"],
    ["no goal", { goal_id: undefined }, "usage"],
    ["an unknown goal", { goal_id: "nobody" }, "goal_not_found"],
    ["an id that is none", { goal_id: "../x" }, "goal_id_invalid"],
  ])("refuses %s and writes nothing", async (_what, input, code) => {
    const at = host();
    const before = at.files();
    await expect(readOnlyMap(at, { goal_id: "atlas", ...input })).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });

  it("tells a missing state file and a missing repository as risks", async () => {
    expect((await readOnlyMap(host({}, {}), { goal_id: "atlas" })).residual_risks).toContain("project_local_goal_state_not_detected");
    const gone = await readOnlyMap(host({}, {}, { repo: "/srv/gone" }), { goal_id: "atlas" });
    expect(gone.residual_risks).toContain("project_repo_missing");
  });

  it("looks for declared authority documents below the project", async () => {
    const registry = { authority_registry: { path: "AUTHORITY.md", default_entry_docs: ["one.md", "two.md"] } };
    const { residual_risks } = await readOnlyMap(host({}, { [STATE_PATH]: STATE, "AUTHORITY.md": "x", "one.md": "x" }, registry), {
      goal_id: "atlas",
    });
    expect(residual_risks).toContain("authority_registry_default_entries_missing");
    expect(residual_risks).not.toContain("authority_registry_path_missing");
  });

  it("refuses a state file that two goals share: nobody could say whose it is", async () => {
    const entry = (id: string) => ({
      id,
      domain: "d",
      status: "active",
      repo: "/srv/project",
      state_file: STATE_PATH,
      adapter: { kind: "read_only_project_map_v0", status: "connected" },
    });
    const at = project({ ".loopx/registry.json": JSON.stringify({ goals: [entry("atlas"), entry("twin")] }), [STATE_PATH]: STATE });
    await expect(readOnlyMap(at, { goal_id: "atlas" })).rejects.toMatchObject({ code: "goal_unhealthy" });
  });
});
