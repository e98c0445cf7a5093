/** The verdict as an action: facts gathered from files, decided, and nothing written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shouldRun } from "../../src/actions/should-run.ts";
import { why } from "../../src/actions/why.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const STATE =
  "---\nstatus: active\nupdated_at: 2026-11-20T00:00:00+00:00\n---\n\n## Agent Todo\n\n- [ ] [P1] Implement the parser\n  <!-- loopx:todo todo_id=todo_ag0001 -->\n";

function goal(id: string, more: object = {}): object {
  return {
    id,
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: `.codex/goals/${id}/ACTIVE_GOAL_STATE.md`,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    ...more,
  };
}

function host(goals: readonly object[], files: Record<string, string> = {}, options: Parameters<typeof project>[1] = {}): MemoryHost {
  return project(
    {
      ".loopx/registry.json": `${JSON.stringify({ schema_version: "0.1", goals }, null, 2)}\n`,
      ".codex/goals/g1/ACTIVE_GOAL_STATE.md": STATE,
      ...files,
    },
    options,
  );
}

const ask = (at: MemoryHost, goal_id = "g1") => shouldRun(at, { goal_id, cwd: "/srv/project", exit_code: true });

describe("shouldRun", () => {
  it("runs the open todo of a sound goal", async () => {
    const { verdict, exit_code, error } = await ask(host([goal("g1")]));
    expect(verdict).toMatchObject({ ok: true, should_run: true, rule: "advance_todo", selected_todo: { todo_id: "todo_ag0001" } });
    expect({ exit_code, error }).toEqual({ exit_code: 0, error: null });
  });

  it("takes the only goal of the registry when none is named", async () => {
    const { verdict } = await shouldRun(host([goal("g1")]), { cwd: "/srv/project" });
    expect(verdict.goal_id).toBe("g1");
  });

  it("writes nothing, not even for an unknown goal (FIL-128)", async () => {
    const at = host([goal("g1")]);
    const before = at.files();
    const { verdict, exit_code } = await ask(at, "nobody");
    expect({ rule: verdict.rule, exit_code }).toEqual({ rule: "goal_not_found", exit_code: 2 });
    await expect(ask(at, "../../x")).rejects.toMatchObject({ code: "goal_id_invalid" });
    await ask(at);
    expect(at.files()).toEqual(before);
  });

  it("is paused by compute 0, whatever else is true (D8)", async () => {
    const { verdict, exit_code } = await ask(host([goal("g1", { quota: { compute: 0 } })]));
    expect({ rule: verdict.rule, should_run: verdict.should_run, exit_code }).toEqual({ rule: "paused", should_run: false, exit_code: 12 });
  });

  it("is not moved by what the registry says of self-repair (DEC-43)", async () => {
    const control_plane = { self_repair: { enabled: true, allow_health_blocker_repair: true, allow_waiting_projection_repair: true } };
    for (const more of [{}, { waiting_on: "controller" }, { state_file: "gone.md" }, { quota: { compute: 0 } }]) {
      const [with_it, without] = [await ask(host([goal("g1", { ...more, control_plane })])), await ask(host([goal("g1", more)]))];
      expect(with_it.verdict).toEqual(without.verdict);
    }
  });

  it("blocks a goal whose state file is missing, and no other (D7)", async () => {
    const at = host([goal("g1"), goal("g2")]);
    const broken = await ask(at, "g2");
    expect(broken.verdict).toMatchObject({ ok: false, rule: "contract_broken", should_run: false });
    expect(broken.exit_code).toBe(13);
    expect(broken.verdict.reason).toContain(".codex/goals/g2/ACTIVE_GOAL_STATE.md");
    expect((await ask(at)).verdict.should_run).toBe(true);
  });

  it("is not changed by any other goal, sound or not (D7, DEC property 13)", async () => {
    const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, "g1.md", "../out", "/etc", "no/such/file", 7, ["x"]));
    const shape = {
      state_file: odd,
      repo: odd,
      adapter: odd,
      quota: odd,
      waiting_on: odd,
      coordination: odd,
      execution_profile: odd,
      status: odd,
    };
    const neighbour = fc.oneof(
      fc
        .record({ id: fc.constantFrom("a", "a", "b", "", "..", "CON", "A"), ...shape }, { requiredKeys: [] })
        .map((more) => goal("b", more)),
      fc.jsonValue({ maxDepth: 2 }).map((value) => value as object),
    );
    const alone = (await ask(host([goal("g1")]))).verdict;
    await fc.assert(
      fc.asyncProperty(fc.array(neighbour, { maxLength: 4 }), fc.nat(4), async (others, place) => {
        const { verdict } = await ask(host(others.toSpliced(place, 0, goal("g1"))));
        expect(verdict).toEqual(alone);
      }),
      { numRuns: 1_000 },
    );
  });

  it("blocks two goals that share a state file through another spelling, and lets a third run (D11)", async () => {
    const at = host([goal("a", { state_file: "shared.md" }), goal("b", { state_file: "./x/../shared.md" }), goal("g1")], {
      "shared.md": STATE,
    });
    const { verdict } = await ask(at, "a");
    expect(verdict).toMatchObject({ rule: "contract_broken" });
    expect(verdict.reason).toContain("state_file shared by multiple goals: a, b");
    expect((await ask(at)).verdict.should_run).toBe(true);
  });

  it("names the registry for an agent whose worktree lies elsewhere, and for whoever asks why elsewhere (DEC-50, CMD-81)", async () => {
    const at = host([goal("g1", { coordination: { registered_agents: ["side"] } })], {}, { workspace: "independent_worktree" });
    const side = await shouldRun(at, { goal_id: "g1", agent_id: "side", cwd: "/srv/side" });
    expect(side.verdict.next_commands.spend).toContain("loopx --registry /srv/project/.loopx/registry.json quota spend-slot");
    expect((await ask(host([goal("g1")]))).verdict.next_commands.spend).toMatch(/^loopx quota spend-slot/);
    const commands = async (cwd: string) => (await why(host([goal("g1")]), { goal_id: "g1", cwd })).to_change.map((one) => one.command);
    expect(await commands("/elsewhere")).toEqual([expect.stringContaining("loopx --registry /srv/project/.loopx/registry.json todo")]);
    expect(await commands("/srv/project")).toEqual([expect.stringMatching(/^loopx todo complete/)]);
  });

  it("answers with the line of a registry that is no JSON", async () => {
    const at = project({ ".loopx/registry.json": '{\n  "goals": [\n    {},\n  ]\n}\n' });
    const { verdict, exit_code, error } = await ask(at);
    expect({ rule: verdict.rule, exit_code, code: error?.code }).toEqual({
      rule: "registry_unreadable",
      exit_code: 2,
      code: "registry_invalid",
    });
    expect(error?.message).toContain("registry.json:3");
  });

  it("stays within 4,096 printed bytes with 200 long Chinese todos (DEC-51)", async () => {
    const todos = Array.from({ length: 200 }, (_, index) => `- [ ] [P1] ${"推进解析器".repeat(700)}${index}\n`).join("");
    const { verdict } = await ask(host([goal("g1")], { ".codex/goals/g1/ACTIVE_GOAL_STATE.md": `## Agent Todo\n\n${todos}` }));
    expect(Buffer.byteLength(`${JSON.stringify(verdict, null, 2)}\n`)).toBeLessThanOrEqual(4096);
  });
});
