/** The first day of a project, word for word as its people type it, in a real repository with real processes. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTree } from "../rig/tree.ts";
import { goalIds, indexRows, openYard, type Ended, type Yard } from "./built.ts";

let yard: Yard;
let project: string;
const loopx = (line: string): Ended => yard.shell(project, `loopx ${line}`);

beforeAll(() => {
  yard = openYard();
  project = yard.folder("project");
  writeFileSync(join(project, "GOAL.md"), "# Make the parser whole\n");
  const git = (...words: string[]): string =>
    execFileSync("git", ["-c", "user.name=dev", "-c", "user.email=dev@example.com", ...words], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: yard.home },
    });
  git("init", "--quiet");
  git("add", "GOAL.md");
  git("commit", "--quiet", "--message", "start");
});
afterAll(() => yard.remove());

test("two goals are connected, and stand in the project's registry and in the global one", () => {
  const first = loopx('connect --goal-id main-control --objective "Make the parser whole" --goal-doc GOAL.md');
  expect([first.code, first.stderr]).toEqual([0, ""]);
  const second = loopx(
    'connect --goal-id side-bypass --objective "Map the project" --goal-doc GOAL.md --adapter-kind read_only_project_map_v0 --adapter-status connected-read-only',
  );
  expect([second.code, second.stderr]).toEqual([0, ""]);
  expect(goalIds(yard.read("project/.loopx/registry.json"))).toEqual(["main-control", "side-bypass"]);
  expect(goalIds(yard.read("home/.codex/loopx/registry.global.json"))).toEqual(["main-control", "side-bypass"]);
  expect(second.stdout).toContain("private_state_not_ignored");
});

test("status shows both goals as one JSON document", () => {
  const { code, stdout, stderr } = loopx("--format json status");
  expect([code, stderr]).toEqual([0, ""]);
  const status = JSON.parse(stdout) as { ok: boolean; goal_count: number; attention_queue: { items: { goal_id: string }[] } };
  expect(status).toMatchObject({ ok: true, goal_count: 2 });
  expect(status.attention_queue.items.map((item) => item.goal_id).sort()).toEqual(["main-control", "side-bypass"]);
});

test("the second goal's first turn is a read-only map", () => {
  const { code, stdout } = loopx("quota should-run --goal-id side-bypass");
  expect(code).toBe(0);
  expect(stdout).toContain("run_first_read_only_map");
  const verdict = yard.json(project, "quota", "should-run", "--goal-id", "side-bypass");
  expect(verdict).toMatchObject({
    should_run: true,
    heartbeat_recommendation: { recommended_mode: "run_first_read_only_map", notify: "NOTIFY" },
    execution_obligation: { must_attempt_work: true, kind: "run_first_read_only_map" },
  });
});

test("the prompt of a recurring automation names the goal and its guard", () => {
  const { code, stdout } = loopx("heartbeat-prompt --thin --goal-id main-control");
  expect(code).toBe(0);
  expect(stdout).toContain("main-control");
  expect(stdout).toContain("quota should-run --goal-id main-control");
});

test("a slice is recorded once and paid once; a second spend is refused because the record is spent", () => {
  const refresh = loopx(
    "refresh-state --goal-id main-control --classification first_slice --delivery-batch-scale multi_surface --delivery-outcome outcome_progress",
  );
  expect([refresh.code, refresh.stderr]).toEqual([0, ""]);
  const spend = "quota spend-slot --goal-id main-control --slots 1 --source heartbeat --execute";
  expect(loopx(spend)).toMatchObject({ code: 0, stderr: "" });
  const again = loopx(`${spend} --json`);
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({
    ok: false,
    appended: false,
    error: { code: "spend_refused", details: { reason: "record_already_spent" } },
  });
  const rows = indexRows(yard.read("home/.codex/loopx/goals/main-control/runs/index.jsonl"));
  expect(rows.map((row) => row["classification"])).toEqual(["first_slice", "quota_slot_spent"]);
});

test("`loopx should-run -g main-control && echo go` prints go", () => {
  const { code, stdout } = yard.shell(project, "loopx should-run -g main-control && echo go");
  expect(code).toBe(0);
  expect(stdout.endsWith("\ngo\n")).toBe(true);
  expect(stdout.split("\n")).toHaveLength(3);
});

test("with `quota.compute` 0 it does not, exits 12, and why names the rule and a command that works", () => {
  const file = join(project, ".loopx/registry.json");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, before.replace('"id": "main-control",', '"id": "main-control",\n      "quota": { "compute": 0 },'));
  const paused = yard.shell(project, "loopx should-run -g main-control && echo go");
  expect([paused.code, paused.stdout.includes("go\n")]).toEqual([12, false]);
  const why = yard.json(project, "why", "-g", "main-control") as { rule: string; to_change: { command: string }[] };
  expect(why).toMatchObject({
    rule: "paused",
    to_change: [{ verdict: "advance_todo", command: expect.stringMatching(/^loopx .*--goal-id main-control/) }],
  });
  expect(loopx("why -g main-control").stdout).toContain(why.to_change[0]?.command ?? "no command");
  writeFileSync(file, before);
});

test("none of the questions changed a byte of project or home", () => {
  const tree = (): Record<string, string> => ({ ...readTree(project), ...readTree(yard.home, (path) => path.endsWith("/cache")) });
  const before = tree();
  for (const question of [
    "--format json status",
    "quota should-run --goal-id side-bypass",
    "should-run -g main-control",
    "why -g main-control",
    "history",
    "heartbeat-prompt --thin --goal-id main-control",
    "connect --goal-id third --dry-run",
    "refresh-state --goal-id main-control --dry-run",
    "--help",
    "connect --help",
  ])
    expect(loopx(question).code, question).toBe(0);
  expect(tree()).toEqual(before);
});
