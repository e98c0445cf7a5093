/** What we write, the older Python LoopX reads with the same meaning; what it makes of it errs on the side of stopping (FIL-111 to FIL-113). */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  addTodo,
  claimTodo,
  completeTodo,
  connect,
  history,
  listTodos,
  operatorGate,
  openHost,
  quotaStatus,
  refreshState,
  rewardRun,
  shouldRun,
  spendSlot,
  updateTodo,
  voidSlot,
  type FileHost,
} from "../../src/index.ts";
import { olderFrontMatter, olderRewrite, olderRuns, olderSpent, olderTodos } from "./older-reader.ts";

const goal_id = "parser";
let root: string;
let project: string;
let host: FileHost;
let ms: number;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-its-reading-")));
  project = join(root, "project");
  mkdirSync(project);
  ms = Date.parse("2026-11-21T09:00:00.250+08:00");
  host = openHost({
    cwd: project,
    home: join(root, "home"),
    env: {},
    locale: "en",
    project: ".",
    // A machine east of UTC: every instant carries that offset (FIL-3).
    clock: { now: () => new Date(ms), monotonicMs: () => performance.now(), utcOffsetMinutes: () => 480 },
  });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const here = {
  goal_id,
  get cwd() {
    return project;
  },
};
const read = (...parts: string[]): string => readFileSync(join(root, ...parts), "utf8");
const state = (): string => read("project", ".codex", "goals", goal_id, "ACTIVE_GOAL_STATE.md");
const index = (): string => read("home", ".codex", "loopx", "goals", goal_id, "runs", "index.jsonl");
const wait = (milliseconds: number): void => void (ms += milliseconds);

async function delivered(classification: string): Promise<string> {
  const { run_id } = await refreshState(host, {
    ...here,
    classification,
    delivery_batch_scale: "implementation",
    delivery_outcome: "outcome_progress",
    artifact: ["src/parser.ts"],
    validation: "12 tests pass",
    next_action: `What follows ${classification}`,
  });
  wait(1_000);
  return run_id ?? "";
}

describe("a connected goal", () => {
  test.each([
    ["plain words", "Make the parser whole"],
    ["three hyphens, quotes and a colon", 'Cut --- here: "or" there --- and \\ there'],
    ["a rule of its own", "---"],
    ["Chinese", "让解析器完整：嵌套列表"],
  ])("has a state whose front matter it cuts in the right place, with %s for an objective (FIL-32)", async (_what, objective) => {
    await connect(host, { project, cwd: project, goal_id, objective });
    const { keys, body } = olderFrontMatter(state());
    expect(Object.keys(keys)).toEqual(["status", "owner_mode", "objective", "updated_at", "adapter_id"]);
    expect(keys).toMatchObject({ status: "active", owner_mode: "goal", adapter_id: goal_id, updated_at: "2026-11-21T09:00:00+08:00" });
    expect(keys["objective"]).toBe(objective.replace(/-{3,}/g, "--"));
    expect(body.trimStart().startsWith("# Active Goal State\n")).toBe(true);
    expect(olderTodos(body)).toMatchObject([{ role: "agent", done: false, text: expect.stringMatching(/^\[P1\] Inspect/) }]);
  });

  test("has a state that it reads though the goal's own id holds three hyphens", async () => {
    await connect(host, { project, cwd: project, goal_id: "a---b", objective: "Grow" });
    const text = readFileSync(join(project, ".codex", "goals", "a---b", "ACTIVE_GOAL_STATE.md"), "utf8");
    expect(Object.keys(olderFrontMatter(text).keys)).toEqual(["status", "owner_mode", "objective", "updated_at"]);
    expect(olderTodos(olderFrontMatter(text).body)).toHaveLength(1);
  });

  test("stands in both registries under the names it knows, with absolute places (FIL-112)", async () => {
    await connect(host, { project, cwd: project, goal_id, objective: "Grow", write_scope: ["src/**"] });
    const own = JSON.parse(read("project", ".loopx", "registry.json")) as { goals: Record<string, unknown>[] } & Record<string, unknown>;
    const global = JSON.parse(read("home", ".codex", "loopx", "registry.global.json")) as typeof own;
    for (const registry of [own, global]) {
      expect(registry["schema_version"]).toBe("0.1");
      expect(isAbsolute(String(registry["common_runtime_root"]))).toBe(true);
      const [goal = {}] = registry.goals;
      expect(goal).toMatchObject({
        id: goal_id,
        status: "active",
        adapter: { status: "connected" },
        coordination: { write_scope: ["src/**"] },
      });
      expect([isAbsolute(String(goal["repo"])), isAbsolute(String(goal["state_file"]))]).toEqual([true, false]);
    }
    expect(global["registry_role"]).toBe("global-local");
    expect(global.goals[0]).toMatchObject({ source_registry: join(project, ".loopx", "registry.json"), authority_source_count: 0 });
  });
});

describe("todos that we wrote", () => {
  beforeEach(async () => {
    await connect(host, { project, cwd: project, goal_id, objective: "Grow" });
    await addTodo(host, { ...here, role: "agent", text: "[P2] Read nested lists, a=b & 50% — 嵌套", note: 'say "so" --> and\ttab' });
    await addTodo(host, { ...here, role: "user", text: "May lists nest by indentation?" });
    await addTodo(host, { ...here, role: "user", text: "Read the plan", task_class: "user_action" });
    await addTodo(host, {
      ...here,
      role: "agent",
      text: "Watch the build",
      task_class: "continuous_monitor",
      cadence: "2h",
      monitor_target_key: "build",
    });
  });

  test("are the same todos to it: id, role, state and text, whatever we do with them", async () => {
    const agree = async (): Promise<void> => {
      const ours = (await listTodos(host, here)).todos.map(({ todo_id, role, done, text }) => ({ todo_id, role, done, text }));
      expect(olderTodos(olderFrontMatter(state()).body).map(({ todo_id, role, done, text }) => ({ todo_id, role, done, text }))).toEqual(
        ours,
      );
    };
    await agree();
    const [, , , second] = (await listTodos(host, here)).todos.map(({ todo_id }) => todo_id);
    const todo_id = second ?? "";
    await claimTodo(host, { ...here, todo_id, claimed_by: "codex-1" });
    await agree();
    await updateTodo(host, { ...here, todo_id, status: "blocked", reason: "waits" });
    await agree();
    await completeTodo(host, { ...here, todo_id, claimed_by: "codex-1", evidence: "12 tests pass", next_agent_todo: "[P1] Then tables" });
    await agree();
    const closed = olderTodos(state()).find((todo) => todo.todo_id === todo_id);
    expect(closed?.metadata).toMatchObject({
      status: "done",
      claimed_by: "codex-1",
      evidence: "12 tests pass",
      note: 'say "so" --> and tab',
    });
  });

  test("lose what it does not know when it writes them again: the claim's age is unknown and never stale, the question gates (FIL-113)", async () => {
    const { todos } = await listTodos(host, here);
    const [action, work] = [todos.find(({ title }) => title === "Read the plan"), todos.find(({ priority }) => priority === "P1")];
    await claimTodo(host, { ...here, todo_id: work?.todo_id ?? "", claimed_by: "codex-1" });
    expect((await shouldRun(host, here)).verdict.rule).toBe("user_gate");
    await completeTodo(host, {
      ...here,
      todo_id: todos.find(({ title }) => title.startsWith("May lists"))?.todo_id ?? "",
      evidence: "yes",
    });
    expect((await shouldRun(host, here)).verdict.should_run).toBe(true);
    wait(24 * 3_600_000);
    const claimOf = async () => (await listTodos(host, here)).todos.find(({ todo_id }) => todo_id === work?.todo_id);
    expect(await claimOf()).toMatchObject({ claimed_by: "codex-1", claim_stale: true });

    const lines = state().split("\n");
    const rewritten = lines.map((line) =>
      line.includes(action?.todo_id ?? "none") || line.includes(work?.todo_id ?? "none") ? olderRewrite(line) : line,
    );
    expect(rewritten).not.toEqual(lines);
    const file = join(project, ".codex", "goals", goal_id, "ACTIVE_GOAL_STATE.md");
    writeFileSync(file, rewritten.join("\n").replace(/ updated_at=\S+(?= -->)/g, ""));
    expect(await claimOf()).toMatchObject({ claimed_by: "codex-1", claim_stale: false, claim_age_minutes: null });
    expect((await shouldRun(host, here)).verdict).toMatchObject({ rule: "user_gate", should_run: false });
  });
});

describe("history that we wrote", () => {
  beforeEach(() => connect(host, { project, cwd: project, goal_id, objective: "Grow" }));

  test("has the same order to it, though it compares instants as text, and the same slots", async () => {
    const first = await delivered("first_result");
    await spendSlot(host, { ...here });
    wait(1_000);
    await delivered("second_result");
    await spendSlot(host, { ...here, slots: 3 });
    wait(1_000);
    await operatorGate(host, { ...here, decision: "approve", reason_summary: "agreed" });
    wait(750);
    await rewardRun(host, { ...here, run_id: first, decision: "go_on", reward: "positive", reason_summary: "good" });
    await rewardRun(host, { ...here, run_id: first, decision: "turn", reward: "mixed", reason_summary: "counters first" });

    const ours = (await history(host, { ...here, limit: 50 })).runs;
    const its = olderRuns(index());
    expect(its.map((row) => [row["generated_at"], row["classification"]])).toEqual(
      ours.map((run) => [run.generated_at, run.classification]),
    );
    expect(its.every((row) => /\.\d{3}\+08:00$/.test(String(row["generated_at"])))).toBe(true);
    expect(its.find((row) => row["run_id"] === first)?.["human_reward"]).toMatchObject({ decision: "turn" });
    expect(olderSpent(index())).toBe(4);
    expect((await shouldRun(host, here)).verdict.quota.spent_slots).toBe(4);

    const { run_id } = ours.find((run) => run.classification === "quota_slot_spent") ?? {};
    await voidSlot(host, { ...here, run_id: run_id ?? "", reason_summary: "paid by mistake" });
    expect(olderSpent(index())).toBe(1);
    expect((await quotaStatus(host, { cwd: project })).run_count).toBeGreaterThan(0);
  });

  test("sorts right beside a line of its own from the same second, which has no milliseconds (FIL-111)", async () => {
    const own = (second: string): string =>
      JSON.stringify({
        generated_at: `2026-11-21T09:00:0${second}+08:00`,
        goal_id,
        classification: `its_${second}`,
        recommended_action: "go on",
        health_check: "ok",
        json_path: `/srv/older/${second}.json`,
        markdown_path: `/srv/older/${second}.md`,
      });
    await delivered("ours");
    const file = join(root, "home", ".codex", "loopx", "goals", goal_id, "runs", "index.jsonl");
    writeFileSync(file, `${own("0")}\n${readFileSync(file, "utf8")}${own("1")}\n`);
    const order = ["its_1", "ours", "its_0"];
    expect((await history(host, here)).runs.map((run) => run.classification)).toEqual(order);
    expect(olderRuns(index()).map((row) => row["classification"])).toEqual(order);
  });
});
