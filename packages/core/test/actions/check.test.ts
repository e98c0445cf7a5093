/** The judge over memory files: what it calls wrong, what it only mentions, and that it changes nothing. */
import { describe, expect, it } from "vitest";
import { check, type CheckInput } from "../../src/actions/check.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const STATE = "---\nupdated_at: 2026-11-20T00:00:00+00:00\n---\n\n## Agent Todo\n\n- [ ] [P1] Implement the parser\n";
const statePath = (id: string) => `.codex/goals/${id}/ACTIVE_GOAL_STATE.md`;
const IGNORED = { git: { ignored: [".loopx/registry.json", statePath("a"), statePath("b")] } };

function entry(id: string, more: object = {}): object {
  return {
    id,
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: statePath(id),
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    ...more,
  };
}

function host(goals: readonly object[], files: Record<string, string> = {}, options: Parameters<typeof project>[1] = IGNORED): MemoryHost {
  const registry = `${JSON.stringify({ schema_version: "0.1", goals, public_boundary: { private_hosts: ["docs.corp.example"] } }, null, 2)}\n`;
  return project({ ".loopx/registry.json": registry, [statePath("a")]: STATE, [statePath("b")]: STATE, ...files }, options);
}

const judge = (at: MemoryHost, input: Partial<CheckInput> = {}) => check(at, { cwd: "/srv/project", ...input });

describe("check (CMD-62, CMD-65)", () => {
  it("is content with sound goals, and says what it looked at", async () => {
    const at = host([entry("a"), entry("b")]);
    const before = at.files();
    const report = await judge(at);
    expect(report).toMatchObject({ error: null, summary: { errors: 0, warnings: 0, checks: 7 }, scan_roots: [], scanned_files: 0 });
    expect(report.checks.map((each) => `${each.code}: ${each.message}`)).toEqual([
      "registry: 2 entries",
      "goals: 2 goals",
      "gates: 0 user todos",
      "history: 0 runs",
      "git: 3 private files",
      "global_registry: none",
      "boundary: 0 files",
    ]);
    expect(at.files()).toEqual(before);
  });

  it("fails for one broken goal and names only that one (D7)", async () => {
    const at = host([entry("a"), entry("b"), entry("c")]);
    const report = await judge(at);
    expect(report.error).toMatchObject({ code: "check_failed", details: { errors: 1 } });
    expect(report.errors).toMatchObject([{ code: "state_file_missing", goal_id: "c" }]);
    expect((await judge(at, { goal_id: "a" })).error).toBeNull();
  });

  it("tells a shared state file once, in the form other tools read (DEC-75)", async () => {
    const report = await judge(
      host([entry("a", { state_file: "x/shared.md" }), entry("b", { state_file: "x/../x/shared.md" })], { "x/shared.md": STATE }),
    );
    expect(report.errors.map((each) => each.message)).toEqual(["state_file shared by multiple goals: a, b -> /srv/project/x/shared.md"]);
  });

  it.each([
    ["tracked by git is an error", { tracked: [statePath("a")], ignored: [".loopx/registry.json"] }, [["private_state_tracked"], []]],
    ["not ignored is a warning", { ignored: [".loopx/registry.json"] }, [[], ["private_state_not_ignored"]]],
    ["in no checkout is fine", null, [[], []]],
  ])("a goal state %s", async (_what, git, expected) => {
    const { errors, warnings } = await judge(host([entry("a")], {}, { git }));
    expect([errors.map((each) => each.code), warnings.map((each) => each.code)]).toEqual(expected);
  });

  it("warns of a bad history line with its number", async () => {
    const at = host([entry("a")]);
    at.plant({ kind: "runs", goal_id: "a" as GoalId }, "no json\n");
    expect((await judge(at)).warnings).toMatchObject([{ code: "history_line_bad", line: 1 }]);
  });

  it("warns of a gate whose link leads nowhere", async () => {
    const gate =
      "## User Todo\n\n- [ ] Which format?\n  <!-- loopx:todo todo_id=todo_us0001 task_class=user_gate unblocks_todo_id=todo_gone01 -->\n";
    expect((await judge(host([entry("a")], { [statePath("a")]: gate }))).warnings).toMatchObject([{ code: "gate_link_dangling", line: 3 }]);
  });

  it("scans the install root, and what is named instead of it", async () => {
    const files = {
      "tool/README.md": "https://docs.corp.example/plan\n",
      "docs/a.md": "fine\nAuthorization: Bearer 0123456789abcdef0123\n",
    };
    const at = host([entry("a")], files);
    const installed = await judge(at, { install_root: "/srv/project/tool" });
    expect(installed.errors.map((each) => each.message)).toEqual(["/srv/project/tool/README.md:1: private_doc_url"]);
    const named = await judge(at, { install_root: "/srv/project/tool", scan_root: "docs" });
    expect(named.errors.map((each) => each.message)).toEqual(["docs/a.md:2: credential"]);
    expect([named.scan_roots, named.scanned_files]).toEqual([["docs"], 1]);
    await expect(judge(at, { scan_path: ["missing"] })).rejects.toMatchObject({ code: "invalid_value" });
  });

  it("warns of a file it cannot read as text", async () => {
    const at = host([entry("a")]);
    at.plant("odd.md", new Uint8Array([0xff, 0xfe, 0x00]));
    expect((await judge(at, { scan_path: ["odd.md"] })).warnings).toMatchObject([{ code: "scan_file_unreadable", file: "odd.md" }]);
  });

  it("only warns when nobody named the missing registry, and fails when one cannot be read", async () => {
    expect(await judge(project({}))).toMatchObject({ error: null, warnings: [{ code: "registry_missing", severity: "warning" }] });
    const broken = await judge(project({ ".loopx/registry.json": '{\n  "goals": [,]\n}\n' }));
    expect(broken.errors).toMatchObject([{ code: "registry_invalid", line: 2 }]);
  });

  it("lists so many as asked for, and counts all", async () => {
    const at = host(["c", "d", "e"].map((id) => entry(id)));
    const report = await judge(at, { limit: 2 });
    expect([report.errors.length, report.summary.errors]).toEqual([2, 3]);
    expect(report.error?.message).toContain("(and 2 more)");
  });

  it("refuses an unknown goal", async () => {
    await expect(judge(host([entry("a")]), { goal_id: "nobody" })).rejects.toMatchObject({ code: "goal_not_found" });
  });
});
