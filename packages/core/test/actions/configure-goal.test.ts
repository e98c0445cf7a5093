/** Changing an entry as an action: a preview first, only the named fields, and the global registry afterwards (CMD-46, CMD-47). */
import { beforeEach, describe, expect, it } from "vitest";
import { configureGoal, registerAgent } from "../../src/actions/configure-goal.ts";
import { connect } from "../../src/actions/connect.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const cwd = "/srv/project";
const goal_id = "alpha";
const REGISTRY = ".loopx/registry.json";
const GLOBAL = "/srv/runtime/registry.global.json";

let at: MemoryHost;
beforeEach(async () => {
  at = project({ "README.md": "# project\n" });
  await connect(at, { project: cwd, cwd, goal_id });
});

const rule = async () => (await shouldRun(at, { goal_id, cwd })).verdict.rule;

describe("configureGoal", () => {
  it("previews every changed field and writes nothing", async () => {
    const before = at.files();
    const preview = await configureGoal(at, { goal_id, dry_run: true, quota_compute: 0, write_scope: ["src/**"] });
    expect(preview).toMatchObject({
      applied: false,
      changed: true,
      changed_fields: ["quota.compute", "coordination.write_scope"],
      before: { "quota.compute": null },
      after: { "quota.compute": 0 },
    });
    expect(at.files()).toEqual(before);
  });

  it("pauses and resumes a goal, and syncs it both times", async () => {
    await configureGoal(at, { goal_id, quota_compute: 0 });
    expect(await rule()).toBe("paused");
    expect(JSON.parse(at.textOf(GLOBAL) ?? "{}")).toMatchObject({ goals: [{ quota: { compute: 0 } }] });
    await configureGoal(at, { goal_id, quota_compute: 1 });
    expect(await rule()).toBe("advance_todo");
  });

  it("keeps the bytes of what nobody named (FIL-2)", async () => {
    const grown = (at.textOf(REGISTRY) ?? "").replace('"id": "alpha",', '"id": "alpha",\n      "mine": 1.0,');
    at.plant(REGISTRY, grown);
    await configureGoal(at, { goal_id, claim_ttl_minutes: 45 });
    expect(at.textOf(REGISTRY)).toContain('"mine": 1.0,');
    expect(at.textOf(REGISTRY)).toContain('"claim_ttl_minutes": 45');
  });

  it("says unchanged when the entry says it already, and writes nothing", async () => {
    await configureGoal(at, { goal_id, status: "paused" });
    const before = at.files();
    expect(await configureGoal(at, { goal_id, status: "paused" })).toMatchObject({ applied: false, changed: false, changed_fields: [] });
    expect(at.files()).toEqual(before);
  });

  it.each([
    ["nothing to change", {}, "usage"],
    ["a value out of range", { claim_ttl_minutes: 0 }, "invalid_value"],
    ["two flags that exclude each other", { write_scope: ["a/**"], clear_write_scopes: true }, "conflicting_flags"],
    ["a primary agent who is not registered", { primary_agent: "ghost" }, "invalid_value"],
  ] as const)("refuses %s", async (_what, change, code) => {
    const before = at.files();
    await expect(configureGoal(at, { goal_id, ...change })).rejects.toMatchObject({ code });
    await expect(configureGoal(at, { goal_id: "nobody", status: "paused" })).rejects.toMatchObject({ code: "goal_not_found" });
    expect(at.files()).toEqual(before);
  });

  it("stands although the global registry routes the id elsewhere, and says so (FIL-26)", async () => {
    const elsewhere = (at.textOf(GLOBAL) ?? "").replaceAll("/srv/project", "/srv/other");
    at.plant(GLOBAL, elsewhere);
    expect(await configureGoal(at, { goal_id, status: "paused" })).toMatchObject({ applied: true, global_sync: { write_denied: true } });
    expect(await rule()).toBe("paused");
    expect(at.textOf(GLOBAL)).toBe(elsewhere);
  });

  it("completes what a crash left between the two registries (REL-26)", async () => {
    at.disk.denyWrites(GLOBAL);
    expect(await configureGoal(at, { goal_id, status: "paused" })).toMatchObject({ applied: true, global_sync: { applied: false } });
    at.disk.letGo(GLOBAL);
    expect(await configureGoal(at, { goal_id, status: "paused" })).toMatchObject({ applied: false, global_sync: { replaced: [goal_id] } });
    expect(JSON.parse(at.textOf(GLOBAL) ?? "{}")).toMatchObject({ goals: [{ status: "paused" }] });
  });

  it("repairs an entry that nothing else may touch, as why says", async () => {
    at.plant(REGISTRY, (at.textOf(REGISTRY) ?? "").replace('"id": "alpha",', '"id": "alpha",\n      "waiting_on": "the moon",'));
    expect(await rule()).toBe("contract_broken");
    await configureGoal(at, { goal_id, clear_waiting_on: true });
    expect(await rule()).toBe("advance_todo");
  });

  it("never follows a source that a project's own registry names", async () => {
    at.plant("/srv/else.json", '{"goals":[]}\n');
    at.plant(REGISTRY, (at.textOf(REGISTRY) ?? "").replace('"id": "alpha",', '"id": "alpha",\n      "source_registry": "/srv/else.json",'));
    await configureGoal(at, { goal_id, status: "paused" });
    expect(at.textOf("/srv/else.json")).toBe('{"goals":[]}\n');
    expect(await rule()).toBe("paused");
  });

  it("writes a goal of the global registry where it comes from", async () => {
    await configureGoal(at.at(GLOBAL), { goal_id, status: "paused" });
    expect(JSON.parse(at.textOf(REGISTRY) ?? "{}")).toMatchObject({ goals: [{ status: "paused" }] });
    expect(JSON.parse(at.textOf(GLOBAL) ?? "{}")).toMatchObject({ goals: [{ status: "paused" }] });
  });
});

describe("registerAgent", () => {
  it("adds agents in their stored form, once, and asks for an identity from then on", async () => {
    const first = await registerAgent(at, { goal_id, agent_id: ["Codex Main", "codex-side"], primary_agent: "codex-main" });
    expect(first).toMatchObject({
      applied: true,
      registered_agents: ["codex-main", "codex-side"],
      added: ["codex-main", "codex-side"],
      primary_agent: "codex-main",
    });
    expect(await registerAgent(at, { goal_id, agent_id: ["codex-main"] })).toMatchObject({ applied: false, added: [] });
    expect(await rule()).toBe("identity_required");
  });

  it("names the id that is none", async () => {
    await expect(registerAgent(at, { goal_id, agent_id: ["7up"] })).rejects.toMatchObject({
      code: "invalid_value",
      message: expect.stringContaining("7up") as string,
    });
  });
});
