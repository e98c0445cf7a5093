import { describe, expect, it } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import { fakeClock } from "../../src/testing/fake-clock.ts";
import { memoryHost, project } from "../../src/testing/memory-host.ts";
import { sequenceId, sequenceIds } from "../../src/testing/sequence-ids.ts";

const GOAL = "alpha" as GoalId;
const STATE = { kind: "goal_state", goal_id: GOAL } as const;
const PLACE = { repo: "/srv/project", state_file: "STATE.md" };
const INDEX = "/srv/runtime/goals/alpha/runs/index.jsonl";

describe("a project from an object literal", () => {
  it("has its files under their keys", async () => {
    const host = project({
      ".loopx/registry.json": { json: { goals: [] } },
      "STATE.md": "# Active Goal State\n",
      [INDEX]: { lines: [{ id: "1", goal_id: "alpha" }, "{bad"] },
    });
    expect(await host.documents.read({ kind: "registry" })).toMatchObject({ kind: "found", text: '{\n  "goals": []\n}\n' });
    expect(host.project.bindGoal(GOAL, PLACE)).toEqual({
      kind: "bound",
      repo: "/srv/project",
      state_path: "/srv/project/STATE.md",
      exists: true,
    });
    expect(await host.documents.read(STATE)).toMatchObject({ kind: "found", text: "# Active Goal State\n" });
    expect(await host.logs.tail({ kind: "runs", goal_id: GOAL }, { limit: 5 })).toMatchObject({
      kind: "page",
      entries: [{ kind: "bad" }, { kind: "record" }],
    });
    expect(host.histories.goalDirectories()).toEqual(["alpha"]);
    expect(Object.keys(host.files())).toEqual(["/srv/project/.loopx/registry.json", "/srv/project/STATE.md", INDEX]);
  });

  it("reading leaves every file as it was", async () => {
    const host = project({ "STATE.md": "x", [INDEX]: "" });
    const before = host.files();
    host.project.bindGoal(GOAL, PLACE);
    await host.documents.read(STATE);
    await host.histories.read(GOAL, { spends_since_ms: 0, keep: 5 });
    await host.leases.list({ goal_id: GOAL });
    expect(host.files()).toEqual(before);
  });

  it("a state file is confined to its repository, through links too (FIL-5)", () => {
    const host = project({ "real/STATE.md": "x", "/etc/passwd": "root" });
    host.disk.link("/srv/project/inside", "real");
    host.disk.link("/srv/project/outside", "/etc");
    const bound = (state_file: string) => host.project.bindGoal(GOAL, { ...PLACE, state_file });
    expect(bound("inside/STATE.md")).toMatchObject({ kind: "bound", state_path: "/srv/project/real/STATE.md", exists: true });
    expect(bound("outside/passwd")).toMatchObject({ kind: "unreadable", reason: "path_outside_root" });
    expect(bound("../x")).toMatchObject({ kind: "unreadable", reason: "path_outside_root" });
    expect(host.project.bindGoal(GOAL, { ...PLACE, repo: "/nowhere" })).toEqual({ kind: "repo_missing", repo: "/nowhere" });
    const identity = (state_file: string) => host.project.stateIdentity({ ...PLACE, state_file });
    expect(identity("inside/STATE.md")).toBe(identity("./real/STATE.md"));
  });

  it("another project's registry is missing, unreadable or read", () => {
    const host = project({
      "/srv/b/registry.json": { json: { goals: [{ id: "x" }, { id: 7 }, "y"] } },
      "/srv/c/registry.json": "{",
      "/srv/d/registry.json": "{}",
    });
    expect(host.project.sourceRegistry("/srv/b/registry.json")).toEqual({
      kind: "read",
      modified_ms: host.clock.now().getTime(),
      goal_ids: new Set(["x"]),
    });
    expect(["a", "c", "d"].map((name) => host.project.sourceRegistry(`/srv/${name}/registry.json`).kind)).toEqual([
      "missing",
      "unreadable",
      "unreadable",
    ]);
  });

  it("the text of a file at its real path, within a size", () => {
    const host = project({ "real/a.md": "abc" });
    host.disk.link("/srv/project/inside", "real");
    const { text } = host.project;
    expect(["real/a.md", "inside/a.md", "c.md"].map((name) => text(`/srv/project/${name}`, 3).kind)).toEqual([
      "text",
      "unreadable",
      "absent",
    ]);
    expect(text("/srv/project/real/a.md", 2)).toMatchObject({ kind: "unreadable", reason: "too_large" });
  });

  it("looks at a repository as a person left it", async () => {
    const host = project(
      { "docs/a.md": "a", "docs/b.md": Uint8Array.of(0xff), "docs/c.md": { fault: "denied" } },
      { git: { ignored: [".loopx/"] }, workspace: "independent_worktree" },
    );
    expect(host.project.directory("docs")).toEqual({ kind: "found", path: "/srv/project/docs" });
    expect(host.project.directory("docs/a.md").kind).toBe("not_a_directory");
    expect(host.project.directory("none").kind).toBe("missing");
    expect(host.project.present("/srv/project", ["docs", "docs/a.md", "none"])).toEqual(["docs", "docs/a.md"]);
    expect(host.project.locate("/srv/project", "a.md", "/srv/project/docs")).toEqual({ shown: "docs/a.md", exists: true });
    expect(["docs/a.md", "docs", "docs/c.md", "none"].map((path) => host.project.readable(path, "/srv/project"))).toEqual([
      null,
      "not_a_regular_file",
      "denied",
      "missing",
    ]);
    expect(await host.project.gitView("/srv/project", [".loopx/"])).toEqual([{ path: ".loopx/", ignored: true, tracked: false }]);
    expect(await host.project.workspace("/srv/project", "/elsewhere")).toBe("independent_worktree");
    const scanned: string[][] = [];
    for await (const file of host.scanner.files(["docs", "none"], "/srv/project")) scanned.push([file.kind, file.path]);
    expect(scanned).toEqual([
      ["text", "docs/a.md"],
      ["unreadable", "docs/b.md"],
      ["unreadable", "docs/c.md"],
      ["missing", "none"],
    ]);
  });
});

describe("the doors of a test", () => {
  it("a held file is busy until it is let go, for documents, logs and leases", async () => {
    const host = memoryHost();
    const log = { kind: "runs", goal_id: GOAL } as const;
    const lease = { goal_id: GOAL, todo_id: "todo_abc" };
    const request = { holder: "a", ttl_minutes: 30, write_scopes: [] };
    const places = [host.pathOf({ kind: "registry" }), host.pathOf(log), "/srv/runtime/goals/alpha/leases"];
    const kinds = async () => [
      (await host.documents.update({ kind: "registry" }, () => ({ write: "{}", value: null }))).kind,
      (await host.logs.append(log, { id: "1" })).kind,
      (await host.leases.acquire(lease, request)).kind,
    ];
    for (const path of places) host.disk.hold(path);
    expect(await kinds()).toEqual(["busy", "busy", "busy"]);
    for (const path of places) host.disk.denyWrites(path);
    expect(await kinds()).toEqual(["unreadable", "unreadable", "unreadable"]);
    expect(await host.documents.obstacle({ kind: "registry" })).toMatchObject({ reason: "denied" });
    expect(host.files()).toEqual({});
    for (const path of places) host.disk.letGo(path);
    expect(await kinds()).toEqual(["written", "appended", "granted"]);
  });

  it("a person saves between our read and our write, and both changes are there (REL-3)", async () => {
    const host = project({ "STATE.md": "ours" });
    host.project.bindGoal(GOAL, PLACE);
    host.disk.beforeCommit = (path) => {
      host.disk.beforeCommit = null;
      host.disk.plant(path, "theirs");
    };
    expect(await host.documents.update(STATE, (current) => ({ write: `${current?.text ?? ""}!`, value: null }))).toMatchObject({
      kind: "written",
      attempts: 2,
    });
    expect(host.textOf(STATE)).toBe("theirs!");
  });

  it("another host over the same files loses nothing of what the first one writes", async () => {
    const host = project({ "STATE.md": "" });
    const other = host.reopen();
    for (const each of [host, other]) each.project.bindGoal(GOAL, PLACE);
    await Promise.all(
      [host, other].flatMap((each, n) =>
        [0, 1, 2, 3].map((m) => each.documents.update(STATE, (current) => ({ write: `${current?.text ?? ""}${n}${m} `, value: null }))),
      ),
    );
    expect(host.textOf(STATE)?.trim().split(" ").toSorted()).toEqual(["00", "01", "02", "03", "10", "11", "12", "13"]);
  });

  it("tokens go on after a goal's runtime was archived (FIL-81)", async () => {
    const host = memoryHost();
    const key = { goal_id: GOAL, todo_id: "todo_abc" };
    const request = { holder: "a", ttl_minutes: 30, write_scopes: [] };
    for (const take_over of [{ reason: "1" }, { reason: "2" }, { reason: "3" }]) await host.leases.acquire(key, { ...request, take_over });
    const path = host.pathOf({ kind: "lease", ...key });
    host.disk.move(path, "/srv/runtime/archived-goals/alpha-20261121T010804Z-2/leases/todo_abc.json");
    host.plant("/srv/runtime/archived-goals/alpha-beta-20261121T010804Z/leases/todo_abc.json", "{}");
    expect(await host.leases.acquire(key, request)).toMatchObject({ kind: "granted", lease: { token: 4, version: 1 } });
  });
});

describe("clock and ids", () => {
  it("the clock moves only when told, and its monotonic time never back", () => {
    const clock = fakeClock({ at: "2026-11-21T00:00:00Z", offset_minutes: -300 });
    clock.tick(1500);
    clock.set("2026-11-20T00:00:00Z");
    clock.tick(-500);
    expect([clock.now().toISOString(), clock.monotonicMs(), clock.utcOffsetMinutes(clock.now())]).toEqual([
      "2026-11-19T23:59:59.500Z",
      1500,
      -300,
    ]);
    expect(() => clock.set("soon")).toThrow(RangeError);
  });

  it("ids have the shape of real ones and count by prefix", () => {
    const ids = sequenceIds();
    expect([ids.next("run_"), ids.next("todo_"), ids.next("run_")]).toEqual([
      `run_${"1".padStart(26, "0")}`,
      "todo_000000000001",
      sequenceId("run_", 2),
    ]);
    expect(sequenceId("run_", 33)).toBe(`run_${"11".padStart(26, "0")}`);
    expect(sequenceId("todo_", 255)).toBe("todo_0000000000ff");
  });
});
