/** Disconnecting and putting back, over memory files: what leaves, what stays, and that every byte comes back. */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { disconnect, type DisconnectInput } from "../../src/actions/disconnect.ts";
import { listDisconnected } from "../../src/actions/disconnect-list.ts";
import { restoreDisconnected } from "../../src/actions/disconnect-restore.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const STAMP = "20261121T020000Z";
const REGISTRY = "/srv/project/.loopx/registry.json";
const GLOBAL = "/srv/runtime/registry.global.json";
const state = (id: string) => `/srv/project/.codex/goals/${id}/ACTIVE_GOAL_STATE.md`;
const archived = (id: string, stamp = STAMP) => `/srv/project/.loopx/archived-project-state/${id}-${stamp}/ACTIVE_GOAL_STATE.md`;

let at: MemoryHost;
let connected: Record<string, string>;

beforeEach(async () => {
  at = project({}, { now: "2026-11-21T02:00:00Z" });
  for (const goal_id of ["a", "b"]) await connect(at, { project: "/srv/project", cwd: "/srv/project", goal_id });
  connected = at.files();
});

const leave = (more: DisconnectInput = {}) => disconnect(at, more);
const back = (stamp = STAMP) => restoreDisconnected(at, { stamp });
const refusal = async (asked: Promise<unknown>) =>
  asked.then(
    () => "done",
    (error: { code: string }) => error.code,
  );
const ids = (path: string) => (JSON.parse(at.textOf(path) ?? "{}") as { goals: { id: string }[] }).goals.map(({ id }) => id);
/** Everything but the copies, which stay for good. */
const files = () => Object.fromEntries(Object.entries(at.files()).filter(([path]) => !path.includes("/disconnected/")));

describe("disconnect (CMD-40, CMD-42)", () => {
  it("as a preview says what the real call does, and writes nothing", async () => {
    const preview = await leave({ dry_run: true, archive_state: true, remove_empty_registry: true });
    expect(at.files()).toEqual(connected);
    expect(await leave({ archive_state: true, remove_empty_registry: true })).toEqual({ ...preview, dry_run: false, applied: true });
  });

  it("takes every goal of the project out of both registries; states stay", async () => {
    expect(await leave()).toMatchObject({
      goal_ids: ["a", "b"],
      stamp: STAMP,
      local_goal_count_before: 2,
      local_goal_count_after: 0,
      global_removed_goal_ids: ["a", "b"],
      state_actions: [{ action: "kept" }, { action: "kept" }],
      restore_command: `loopx disconnect --restore ${STAMP} --execute`,
    });
    expect([ids(REGISTRY), ids(GLOBAL)]).toEqual([[], []]);
    expect(at.textOf(state("a"))).toBe(connected[state("a")]);
  });

  it("says that run history stays, where there is any", async () => {
    at.plant("/srv/runtime/goals/b/runs/index.jsonl", "");
    expect((await leave()).warnings).toEqual([{ code: "runtime_kept", message: expect.stringContaining("run history of b stays") }]);
  });

  it("takes only the named goal, and leaves the other entry's bytes alone", async () => {
    await leave({ goal_id: ["b"], archive_state: true });
    expect([ids(REGISTRY), ids(GLOBAL)]).toEqual([["a"], ["a"]]);
    expect([at.textOf(state("b")), at.textOf(archived("b"))]).toEqual([null, connected[state("b")]]);
    expect(at.textOf(state("a"))).toBe(connected[state("a")]);
    expect(await refusal(leave({ goal_id: ["b"] }))).toBe("goal_not_found");
    expect(await refusal(leave({ goal_id: ["../b"] }))).toBe("goal_id_invalid");
  });

  it("leaves a goal of the global registry alone that leads to another project", async () => {
    at.plant(
      GLOBAL,
      (at.textOf(GLOBAL) ?? "").replace(`"source_registry": "${REGISTRY}"`, '"source_registry": "/srv/other/.loopx/registry.json"'),
    );
    expect(await leave()).toMatchObject({ global_removed_goal_ids: ["b"], global_skipped_route_mismatch_goal_ids: ["a"] });
    expect(ids(GLOBAL)).toEqual(["a"]);
  });

  it("never moves a state that a staying goal uses too", async () => {
    at.plant(REGISTRY, (at.textOf(REGISTRY) ?? "").replace(".codex/goals/b/", ".codex/goals/a/"));
    const result = await leave({ goal_id: ["b"], archive_state: true });
    expect(result).toMatchObject({
      state_actions: [{ goal_id: "b", action: "kept" }],
      warnings: [{ code: "state_still_used" }],
    });
    expect(at.textOf(state("a"))).not.toBeNull();
  });

  it("takes out entries that nothing else can use: one that stands twice, one without a repository", async () => {
    const registry = JSON.parse(at.textOf(REGISTRY) ?? "") as { goals: object[] };
    at.plant(REGISTRY, {
      json: { ...registry, goals: [...registry.goals, registry.goals[0], { id: "lost", repo: "/srv/gone" }] } as never,
    });
    expect(await leave({ goal_id: ["a", "lost"], archive_state: true })).toMatchObject({
      local_goal_count_before: 4,
      local_goal_count_after: 1,
    });
    expect(ids(REGISTRY)).toEqual(["b"]);
  });

  it("refuses the global registry itself", async () => {
    expect(await refusal(disconnect(at.at(GLOBAL), {}))).toBe("invalid_value");
  });

  it("checks all targets before the first write", async () => {
    at.disk.denyWrites(GLOBAL);
    await expect(leave()).rejects.toMatchObject({ code: "write_denied" });
    expect(at.files()).toEqual(connected);
  });

  it("leaves a file alone that changed in between, and says how to undo the rest", async () => {
    at.disk.beforeCommit = (path) => {
      if (path === REGISTRY) at.plant(REGISTRY, `${connected[REGISTRY]} `);
    };
    await expect(leave()).rejects.toMatchObject({ code: "conflict", hint: `loopx disconnect --restore ${STAMP} --execute` });
    at.disk.beforeCommit = null;
    expect(at.textOf(REGISTRY)).toBe(`${connected[REGISTRY]} `);
  });

  it("a rerun completes what an interrupted one left in the global registry", async () => {
    at.plant(REGISTRY, (at.textOf(REGISTRY) ?? "").replace(/"goals": \[[\s\S]*\]/, '"goals": []'));
    expect(await leave()).toMatchObject({ goal_ids: ["a", "b"], local_goal_count_before: 0, global_removed_goal_ids: ["a", "b"] });
    expect(await leave()).toMatchObject({ applied: false, goal_ids: [], stamp: null, restore_command: null });
  });
});

describe("disconnect --restore (CMD-41)", () => {
  it.each([
    ["states kept", {}],
    ["states archived and the registry removed", { archive_state: true, remove_empty_registry: true }],
    ["one goal of two", { goal_id: ["a"], archive_state: true, remove_empty_registry: true }],
  ])("connect, disconnect, restore leaves every file as it was: %s", async (_what, wish) => {
    await leave(wish);
    expect(files()).not.toEqual(connected);
    const preview = await restoreDisconnected(at, { stamp: STAMP, dry_run: true });
    expect(preview.applied).toBe(false);
    expect(await back()).toEqual({ ...preview, dry_run: false, applied: true });
    expect(files()).toEqual(connected);
    expect(await back()).toMatchObject({ applied: false, actions: [] });
  });

  it.each([
    ["the registry", REGISTRY],
    ["the global registry", GLOBAL],
    ["an archived state", archived("a")],
    ["a copy", `/srv/runtime/disconnected/${STAMP}/registry.json`],
  ])("refuses, naming %s, when it changed since, and writes nothing", async (_what, path) => {
    await leave({ archive_state: true });
    at.plant(path, `${at.textOf(path) ?? ""} `);
    const before = at.files();
    await expect(back()).rejects.toMatchObject({ code: "restore_refused", details: { file: path } });
    expect(at.files()).toEqual(before);
  });

  it("refuses to write over a state that somebody made anew", async () => {
    await leave({ archive_state: true });
    at.plant(state("b"), "# Another\n");
    await expect(back()).rejects.toMatchObject({ code: "restore_refused", details: { file: state("b") } });
  });

  it.each(["20260101T000000Z", "../../etc", ""])("%j was never disconnected", async (stamp) => {
    expect(await refusal(back(stamp))).toBe("invalid_value");
  });

  it("two within one second have two stamps, and the list tells both, oldest first", async () => {
    await leave({ goal_id: ["a"] });
    await leave({ goal_id: ["b"] });
    const { disconnected } = await listDisconnected(at);
    expect(disconnected.map(({ stamp, goal_ids }) => [stamp, goal_ids])).toEqual([
      [STAMP, ["a"]],
      [`${STAMP}-2`, ["b"]],
    ]);
    await back(`${STAMP}-2`);
    await back();
    expect(files()).toEqual(connected);
  });
});
