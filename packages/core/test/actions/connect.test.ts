/** Connecting as an action: three documents in order, nothing before every check, safe to run again (D11, D12). */
import { describe, expect, it } from "vitest";
import { connect, type ConnectInput } from "../../src/actions/connect.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import type { LoopxError } from "../../src/domain/errors.ts";
import { DEFAULT_EXECUTION_PROFILE } from "../../src/domain/goal/execution-profile.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const PROJECT = "/srv/project";
const GLOBAL = "/srv/runtime/registry.global.json";
const STATE = `${PROJECT}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`;

const input = (more: Partial<ConnectInput> = {}): ConnectInput => ({ project: PROJECT, cwd: PROJECT, goal_id: "alpha", ...more });
const empty = (files: Record<string, string> = {}): MemoryHost => project({ "README.md": "# project\n", ...files });
const goalsOf = (at: MemoryHost, path: string): Record<string, unknown>[] =>
  (JSON.parse(at.textOf(path) ?? "{}") as { goals: Record<string, unknown>[] }).goals;
const refusal = async (at: MemoryHost, more: Partial<ConnectInput>) => {
  const before = at.files();
  const error: unknown = await connect(at, input(more)).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(at.files(), "nothing may be written").toEqual(before);
  return (error as { code?: string } | null)?.code;
};

describe("a first connect", () => {
  it("writes state, registry and global registry, and the goal may run at once (CMD-32, D12)", async () => {
    const at = empty({ "GOAL.md": "# Goal\n" });
    const result = await connect(at, input({ objective: "Own it", goal_doc: "GOAL.md" }));
    expect(result).toMatchObject({
      applied: true,
      registry_goal_action: "appended",
      state_action: "created",
      goal_doc_exists: true,
      ignored_flags: [],
    });
    expect(result.actions.map(({ path }) => path)).toEqual([STATE, `${PROJECT}/.loopx/registry.json`, GLOBAL]);
    expect(at.textOf(STATE)).toContain('objective: "Own it"');
    const { verdict } = await shouldRun(at, { goal_id: "alpha", cwd: PROJECT });
    expect(verdict).toMatchObject({ should_run: true, rule: "advance_todo" });
    expect(verdict.recommended_action).toContain("GOAL.md");
  });

  it("of another lane leaves the first one fresh in the global registry, an edited one not (FIL-22, FIL-27)", async () => {
    const at = empty();
    const stamps = () => goalsOf(at, GLOBAL).map((goal) => String(goal["synced_at"]).slice(11, 16));
    await connect(at, input());
    at.clock.tick(60_000);
    await connect(at, input({ goal_id: "beta" }));
    expect(stamps()).toEqual(["10:01", "10:01"]);
    const registry = `${PROJECT}/.loopx/registry.json`;
    at.plant(registry, (at.textOf(registry) ?? "").replace('"domain": "project-goal-control-plane"', '"domain": "another"'));
    at.clock.tick(60_000);
    await connect(at, input({ goal_id: "gamma" }));
    expect(stamps()).toEqual(["10:01", "10:02", "10:02"]);
  });

  it("writes the profile of the source document and the synced entry without its sources (FIL-14, FIL-21)", async () => {
    const at = empty({ "GOAL.md": "# Goal\n" });
    await connect(at, input({ goal_doc: "GOAL.md" }));
    expect(JSON.stringify(goalsOf(at, ".loopx/registry.json")[0]?.["execution_profile"])).toBe(JSON.stringify(DEFAULT_EXECUTION_PROFILE));
    const synced = goalsOf(at, GLOBAL)[0] ?? {};
    expect(synced["authority_sources"]).toBeUndefined();
    expect(synced).toMatchObject({ source_registry: `${PROJECT}/.loopx/registry.json`, authority_source_count: 1 });
  });

  it("takes the folder's name as id when none is given (CMD-30)", async () => {
    const at = empty();
    const { goal_id: _none, ...rest } = input();
    expect((await connect(at, rest)).goal_id).toBe("project-goal");
  });

  it("says what a real run would do, and writes nothing, on a dry run (FIL-129)", async () => {
    const at = empty();
    const before = at.files();
    const preview = await connect(at, input({ dry_run: true }));
    expect(preview).toMatchObject({ dry_run: true, applied: false, registry_goal_action: "appended", state_action: "created" });
    expect(at.files()).toEqual(before);
  });

  it("warns of a missing goal document, an unknown parent and private state that git does not ignore", async () => {
    const result = await connect(empty(), input({ goal_doc: "NONE.md", parent_goal_id: "nobody" }));
    expect(result.warnings.map(({ code }) => code)).toEqual(["goal_doc_missing", "parent_goal_unknown", "private_state_not_ignored"]);
  });

  it("appends the missing lines to .gitignore when asked, and keeps the rest (CMD-35)", async () => {
    const at = empty({ ".gitignore": "dist/" });
    await connect(at, input({ gitignore: true }));
    expect(at.textOf(".gitignore")).toBe("dist/\n.loopx/\n.codex/goals/\n");
  });
});

describe("a second connect", () => {
  it("keeps entry and state to the byte and lists the flags without effect (CMD-33)", async () => {
    const at = empty();
    await connect(at, input({ objective: "First" }));
    const [registry, state] = [at.textOf(".loopx/registry.json"), at.textOf(STATE)];
    const again = await connect(at, input({ objective: "Second", write_scope: ["src/**"] }));
    expect(again).toMatchObject({
      registry_goal_action: "kept-existing",
      state_action: "kept-existing",
      ignored_flags: ["--objective", "--write-scope"],
    });
    expect([at.textOf(".loopx/registry.json"), at.textOf(STATE)]).toEqual([registry, state]);
  });

  it("completes what an interrupted one left: a missing state, a missing registry entry, a missing global entry", async () => {
    const at = empty();
    await connect(at, input());
    at.disk.remove(STATE);
    at.disk.remove(GLOBAL);
    expect(await connect(at, input())).toMatchObject({ state_action: "created", registry_goal_action: "kept-existing" });
    expect(goalsOf(at, GLOBAL).map(({ id }) => id)).toEqual(["alpha"]);
    at.disk.remove(`${PROJECT}/.loopx/registry.json`);
    expect(await connect(at, input())).toMatchObject({ state_action: "kept-existing", registry_goal_action: "appended" });
  });

  it("puts a second goal beside the first and leaves the first entry's bytes (FIL-2)", async () => {
    const at = empty();
    await connect(at, input());
    const first = at.textOf(".loopx/registry.json") ?? "";
    await connect(at, input({ goal_id: "beta" }));
    const entry = first.slice(first.indexOf('    {\n      "id": "alpha"'), first.lastIndexOf("\n  ]"));
    expect(at.textOf(".loopx/registry.json")).toContain(entry);
    expect(goalsOf(at, GLOBAL).map(({ id }) => id)).toEqual(["alpha", "beta"]);
  });

  it("backs up what --force replaces and keeps quota, agents and unknown keys (CMD-34)", async () => {
    const at = empty();
    await connect(at, input({ objective: "First" }));
    const grown = (at.textOf(".loopx/registry.json") ?? "").replace(
      '"id": "alpha",',
      '"id": "alpha",\n      "quota": { "compute": 0.5 },\n      "mine": 1.0,',
    );
    at.plant(".loopx/registry.json", grown);
    const state = at.textOf(STATE);
    const forced = await connect(at, input({ objective: "Second", force: true }));
    expect(forced.backups.map((path) => at.textOf(path))).toEqual([state, grown]);
    expect(goalsOf(at, ".loopx/registry.json")[0]).toMatchObject({ quota: { compute: 0.5 }, mine: 1 });
    expect(at.textOf(STATE)).toContain('objective: "Second"');
  });
});

describe("a connect that is refused writes nothing (CMD-31)", () => {
  it.each(["../evil", "/abs", "a/b", ".", "..", " ", "a\nb", "g;rm", "CON", "a".repeat(81), "__proto__"])(
    "for the goal id %j (FIL-4)",
    async (goal_id) => {
      expect(await refusal(empty(), { goal_id })).toBe("goal_id_invalid");
    },
  );

  it.each([
    ["a state file outside the project", { state_file: "../../x" }, "path_outside_root"],
    ["an absolute state file elsewhere", { state_file: "/etc/x" }, "path_outside_root"],
    ["a missing project", { project: "/srv/nowhere" }, "project_missing"],
    ["a project that is a file", { project: `${PROJECT}/README.md` }, "project_missing"],
    ["an objective with a credential", { objective: `use ${CREDENTIAL}` }, "unsafe_text"],
    ["an unknown adapter status", { adapter_status: "perhaps" }, "invalid_value"],
    ["a TTL out of range", { claim_ttl_minutes: 0 }, "invalid_value"],
  ] as const)("for %s", async (_what, more, code) => {
    expect(await refusal(empty(), more)).toBe(code);
  });

  it.each(["", "[]", '{"goals": {}}', '{"goals": [', "null"])("over the registry %j (FIL-125)", async (text) => {
    expect(await refusal(empty({ ".loopx/registry.json": text }), {})).toBe("registry_invalid");
  });

  it("for a state file that another goal has, also under another spelling and in another project's registry (D11)", async () => {
    const at = empty();
    await connect(at, input());
    expect(await refusal(at, { goal_id: "beta", state_file: ".codex/goals/../goals/alpha/ACTIVE_GOAL_STATE.md" })).toBe(
      "state_file_shared",
    );
    at.plant(".loopx/registry.json", '{"goals": []}\n');
    expect(await refusal(at, { goal_id: "beta", state_file: ".codex/goals/alpha/ACTIVE_GOAL_STATE.md" })).toBe("state_file_shared");
  });

  it("for an id that differs only in case, and for a route that another project has (FIL-23)", async () => {
    const at = empty();
    await connect(at, input());
    expect(await refusal(at, { goal_id: "Alpha" })).toBe("goal_id_collision");
    const global = (at.textOf(GLOBAL) ?? "").replaceAll(PROJECT, "/srv/elsewhere");
    at.plant(GLOBAL, global);
    expect(await refusal(at, {})).toBe("route_collision");
  });
});

describe("a connect that loses its id to another project while it writes", () => {
  const losing = async (at: MemoryHost, more: Partial<ConnectInput> = {}) => {
    const elsewhere = empty();
    await connect(elsewhere, input());
    const taken = (elsewhere.textOf(GLOBAL) ?? "").replaceAll(PROJECT, "/srv/elsewhere");
    const update: MemoryHost["documents"]["update"] = async (key, edit, options) => {
      if (key.kind === "registry") at.plant(GLOBAL, taken);
      return at.documents.update(key, edit, options);
    };
    return connect({ ...at, documents: { ...at.documents, update } }, input(more)).then(
      () => null,
      (error: unknown) => error as LoopxError,
    );
  };

  it("says what stands now, and the command that takes it out does", async () => {
    const at = empty();
    const before = Object.keys(at.files());
    const error = await losing(at);
    expect(error).toMatchObject({ code: "route_collision", details: { remains: [STATE, `${PROJECT}/.loopx/registry.json`] } });
    expect(error?.message).toContain(`${STATE} and ${PROJECT}/.loopx/registry.json stand`);
    expect(error?.hint).toContain("disconnect --goal-id alpha --archive-state --remove-empty-registry --execute takes them out");
    await disconnect(at, { goal_id: ["alpha"], archive_state: true, remove_empty_registry: true });
    const left = Object.keys(at.files()).filter((path) => path.startsWith(`${PROJECT}/`) && !path.includes("/archived-project-state/"));
    expect(left).toEqual(before.filter((path) => path.startsWith(`${PROJECT}/`)));
    expect(goalsOf(at, GLOBAL)).toMatchObject([{ id: "alpha", repo: "/srv/elsewhere" }]);
  });

  it("says nothing of the kind when all of it had stood before", async () => {
    const at = empty();
    await connect(at, input({ no_global_sync: true }));
    at.plant(GLOBAL, '{"goals": []}\n');
    const error = await losing(at, { force: true });
    expect([error?.code, error?.details["remains"]]).toEqual(["route_collision", undefined]);
  });
});
