/** A look at a monitor as an action: one line that spends nothing, the monitor's own numbers, and what a rerun completes (CMD-85, DEC-65). */
import { beforeEach, describe, expect, it } from "vitest";
import { configureGoal } from "../../src/actions/configure-goal.ts";
import { history } from "../../src/actions/history.ts";
import { monitorPoll, type MonitorPollInput } from "../../src/actions/monitor-poll.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import { listTodos } from "../../src/actions/todo-list.ts";
import { why } from "../../src/actions/why.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const cwd = "/srv/project";
const goal_id = "alpha";
const STATE_PATH = "STATE.md";
const INDEX = { kind: "runs", goal_id: goal_id as GoalId } as const;
const DUE = "2026-11-21T09:00:00+08:00";

let at: MemoryHost;
function goal(monitor: string, more = ""): void {
  const entry = {
    id: goal_id,
    domain: "software",
    status: "active",
    repo: cwd,
    state_file: STATE_PATH,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
  };
  at = project({
    ".loopx/registry.json": { json: { schema_version: "0.1", goals: [entry] } },
    [STATE_PATH]: `---\nupdated_at: 2026-11-20T00:00:00+08:00\n---\n\n## Agent Todo\n\n- [ ] [P1] Watch the board\n  <!-- loopx:todo todo_id=todo_mon001 task_class=continuous_monitor target_key=board ${monitor} -->\n${more}`,
  });
}
beforeEach(() => goal(`next_due_at=${DUE} cadence=2h`));

const poll = (more: Partial<MonitorPollInput> = {}) => monitorPoll(at, { goal_id, cwd, todo_id: "todo_mon001", ...more });
const verdict = async () => (await shouldRun(at, { goal_id, cwd })).verdict;
const lines = () => (at.textOf(INDEX) ?? "").split("\n").filter((line) => line !== "");

describe("monitorPoll", () => {
  it("records the look, moves the monitor by its cadence and spends nothing", async () => {
    expect((await verdict()).rule).toBe("due_monitor");
    const found = await poll({ result_hash: "abc" });
    expect(found).toMatchObject({
      appended: true,
      rule: "due_monitor",
      todo_id: "todo_mon001",
      target_key: "board",
      delivery_outcome: "surface_only",
      next_due_at: "2026-11-21T12:00:00+08:00",
      last_checked_at: "2026-11-21T10:00:00+08:00",
      consecutive_no_change: 1,
      quota_event: { slots: 0, todo_id: "todo_mon001", target_key: "board", result_hash: "abc", material_change: false },
    });
    expect(await verdict()).toMatchObject({ rule: "monitor_quiet", status: "connected_without_run", quota: { spent_slots: 0 } });
    expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ classification: "quota_monitor_poll", delivery_outcome: "surface_only" });
  });

  it("previews the same and writes nothing", async () => {
    const before = at.files();
    expect(await poll({ dry_run: true })).toMatchObject({
      dry_run: true,
      applied: false,
      appended: false,
      run_id: null,
      consecutive_no_change: 1,
    });
    expect(at.files()).toEqual(before);
  });

  it("counts the looks that found nothing, and begins anew with a change", async () => {
    await poll();
    at.clock.tick(60_000);
    expect((await poll()).consecutive_no_change).toBe(2);
    at.clock.tick(60_000);
    const changed = await poll({ material_change: true, next_agent_todo: "Read the board", next_user_todo: "[P0] Tell the owner" });
    expect(changed).toMatchObject({
      delivery_outcome: "outcome_progress",
      consecutive_no_change: 0,
      successors: [{ role: "agent", text: "[P1] Read the board" }, { role: "user" }],
    });
    const texts = (await listTodos(at, { goal_id, cwd })).todos.map((todo) => todo.text);
    expect(texts.toSorted()).toEqual(["[P0] Tell the owner", "[P1] Read the board", "[P1] Watch the board"]);
  });

  it("runs as why prints it, and the verdict is another one afterwards", async () => {
    goal(`next_due_at=${DUE}`);
    const command = (await why(at, { goal_id, cwd })).to_change[0]?.command ?? "";
    const due = /--next-due-at (\S+)/.exec(command)?.[1];
    expect(due).toBeDefined();
    await poll({ next_due_at: due });
    expect((await verdict()).rule).toBe("monitor_quiet");
  });

  it("completes a look that a crash cut in two, and adds no second line (REL-26)", async () => {
    at.disk.denyWrites(`${cwd}/${STATE_PATH}`);
    await expect(poll()).rejects.toMatchObject({ code: "write_denied" });
    expect(lines()).toHaveLength(1);
    at.disk.letGo(`${cwd}/${STATE_PATH}`);
    at.clock.tick(5_000);
    expect(await poll()).toMatchObject({ applied: true, appended: false, consecutive_no_change: 1 });
    expect(lines()).toHaveLength(1);
    expect((await verdict()).rule).toBe("monitor_quiet");
  });

  it("keeps three looks of one instant as three runs with files of their own (FIL-122)", async () => {
    const looks = [await poll(), await poll(), await poll()];
    expect(new Set(looks.map((look) => look.json_path)).size).toBe(3);
    expect(await history(at, { goal_id })).toMatchObject({ run_count: 3, runs: [{ json_exists: true }, {}, {}] });
  });

  it("finds the monitor by what it watches", async () => {
    expect(await poll({ todo_id: undefined, target_key: "board" })).toMatchObject({ todo_id: "todo_mon001", target_key: "board" });
    await expect(poll({ todo_id: undefined, target_key: "none", cadence: "1h" })).rejects.toMatchObject({ code: "todo_not_found" });
  });

  it("records a look at outside evidence that no todo watches, each time anew", async () => {
    goal("");
    at.plant(STATE_PATH, "# Goal\n");
    await configureGoal(at, { goal_id, waiting_on: "external_evidence" });
    const before = at.textOf(STATE_PATH);
    const look = () => poll({ todo_id: undefined, target_key: "release" });
    expect(await look()).toMatchObject({ appended: true, rule: "external_evidence_registered", todo_id: null, target_key: "release" });
    expect((await look()).appended).toBe(true);
    expect(at.textOf(STATE_PATH)).toBe(before);
  });

  it("is refused under any other rule (DEC-65)", async () => {
    goal("", "- [ ] [P1] Work\n");
    const before = at.files();
    await expect(poll()).rejects.toMatchObject({ code: "poll_refused", details: { rule: "advance_todo" } });
    expect(at.files()).toEqual(before);
    await configureGoal(at, { goal_id, quota_compute: 0 });
    await expect(poll()).rejects.toMatchObject({ code: "poll_refused", details: { rule: "paused" } });
  });

  it.each([
    ["neither a todo nor a key", { todo_id: undefined }, "usage"],
    ["both", { target_key: "board" }, "usage"],
    ["a todo that is not there", { todo_id: "todo_nowhere" }, "todo_not_found"],
    ["a following todo without a change", { next_agent_todo: "x" }, "usage"],
    ["a follower's owner without a follower", { material_change: true, next_claimed_by: "codex-1" }, "usage"],
    ["a due time that has passed", { next_due_at: DUE }, "invalid_value"],
    ["a cadence that is none", { cadence: "often" }, "invalid_value"],
    ["a credential", { reason_summary: `the key is ${CREDENTIAL}` }, "unsafe_text"],
    ["a goal that is not there", { goal_id: "nobody" }, "goal_not_found"],
  ] as const)("refuses %s and writes nothing", async (_what, change, code) => {
    const before = at.files();
    await expect(poll(change)).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });

  it("wants to know when a due monitor without a cadence is due next", async () => {
    goal(`next_due_at=${DUE}`);
    const before = at.files();
    await expect(poll()).rejects.toMatchObject({ code: "usage", details: { key: "next_due_at" } });
    expect(at.files()).toEqual(before);
  });
});
