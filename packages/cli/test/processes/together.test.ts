/** Many processes at once: nothing that was acknowledged is lost (FIL-120, FIL-121, REL-3, DEC-61). */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { goalIds, indexRows, openYard, type Ended, type Yard } from "./built.ts";

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.remove());

const numbers = (count: number): number[] => Array.from({ length: count }, (_each, at) => at + 1);
const ids = (count: number): string[] =>
  numbers(count)
    .map((number) => `goal-${number}`)
    .sort();
const GLOBAL = "home/.codex/loopx/registry.global.json";

/** All ended well. */
function allDone(ends: readonly Ended[]): void {
  expect(ends.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(ends.map(() => "0 "));
}

/** No temporary file and no lock of a process that has ended is left anywhere. */
function noLitter(): void {
  const names = readdirSync(yard.root, { recursive: true, encoding: "utf8" }).filter((name) => !name.startsWith("program"));
  expect(names.filter((name) => /loopx-tmp|\.owner\.json$|\.clear\.|\/locks\/.+/.test(name))).toEqual([]);
}

test("16 connects in one project keep 16 goals in both registries", async () => {
  const project = yard.folder("project");
  allDone(await Promise.all(ids(16).map((id) => yard.start(project, "connect", "--goal-id", id))));
  expect(goalIds(yard.read("project/.loopx/registry.json")).sort()).toEqual(ids(16));
  expect(goalIds(yard.read(GLOBAL)).sort()).toEqual(ids(16));
  expect(readdirSync(join(project, ".codex/goals")).sort()).toEqual(ids(16));
  expect(yard.run(project, "registry").code).toBe(0);
  noLitter();
});

test("16 connects in 16 projects with one home keep 16 goals in the global registry", async () => {
  allDone(await Promise.all(ids(16).map((id) => yard.start(yard.folder(id), "connect", "--goal-id", id))));
  expect(goalIds(yard.read(GLOBAL)).sort()).toEqual(ids(16));
  for (const id of ids(16)) expect(goalIds(yard.read(id, ".loopx/registry.json"))).toEqual([id]);
  noLitter();
});

test("8 todos and 8 runs written at the same time are all there, the state and the index whole", async () => {
  const project = yard.folder("project");
  allDone([yard.run(project, "connect", "--goal-id", "main")]);
  const [adds, runs] = await Promise.all([
    Promise.all(
      numbers(8).map((number) =>
        yard.start(project, "todo", "add", "-g", "main", "--role", "agent", "--text", `[P2] part ${number}`, "--json"),
      ),
    ),
    Promise.all(
      numbers(8).map((number) => yard.start(project, "refresh-state", "-g", "main", "--classification", `run_${number}`, "--json")),
    ),
  ]);
  allDone([...adds, ...runs]);

  const added = adds.map((end) => (JSON.parse(end.stdout) as { todo_id: string }).todo_id).sort();
  const list = yard.json(project, "todo", "list", "-g", "main")["todos"] as { todo_id: string; text: string }[];
  expect(
    list
      .slice(1)
      .map((todo) => todo.todo_id)
      .sort(),
  ).toEqual(added);
  expect(
    list
      .slice(1)
      .map((todo) => todo.text)
      .sort(),
  ).toEqual(numbers(8).map((number) => `[P2] part ${number}`));
  const state = yard.read("project/.codex/goals/main/ACTIVE_GOAL_STATE.md");
  expect(state.match(/^## /gm)).toHaveLength(9);
  expect(state.match(/^- \[ \] /gm)).toHaveLength(9);
  expect(state.match(/^ {2}<!-- loopx:todo todo_id=todo_[0-9a-f]{12} /gm)).toHaveLength(9);
  expect(state.endsWith("Goal connected to LoopX.\n")).toBe(true);

  const recorded = runs.map((end) => (JSON.parse(end.stdout) as { run_id: string }).run_id).sort();
  const rows = indexRows(yard.read("home/.codex/loopx/goals/main/runs/index.jsonl"));
  expect(rows.map((row) => String(row["run_id"])).sort()).toEqual(recorded);
  expect(new Set(rows.map((row) => row["artifact_stem"])).size).toBe(8);
  for (const row of rows)
    expect(JSON.parse(yard.read(String(row["json_path"]).slice(yard.root.length)))).toMatchObject({
      run_id: row["run_id"],
      classification: row["classification"],
    });
  noLitter();
});

test("6 spends that cite one run: one is accepted, five are refused", async () => {
  const project = yard.folder("project");
  allDone([yard.run(project, "connect", "--goal-id", "main")]);
  const run = yard.json(
    project,
    "refresh-state",
    "-g",
    "main",
    "--delivery-batch-scale",
    "implementation",
    "--delivery-outcome",
    "outcome_progress",
  );
  const ends = await Promise.all(
    numbers(6).map(() =>
      yard.start(project, "quota", "spend-slot", "-g", "main", "--run-id", String(run["run_id"]), "--execute", "--json"),
    ),
  );
  expect(ends.map((end) => end.code).toSorted((a, b) => (a ?? -1) - (b ?? -1))).toEqual([0, 1, 1, 1, 1, 1]);
  for (const end of ends.filter((each) => each.code === 1))
    expect(JSON.parse(end.stdout)).toMatchObject({
      appended: false,
      error: { code: "spend_refused", details: { reason: "record_already_spent" } },
    });
  expect(indexRows(yard.read("home/.codex/loopx/goals/main/runs/index.jsonl"))).toHaveLength(2);
  expect(yard.json(project, "quota", "should-run", "-g", "main")["quota"]).toMatchObject({ spent_slots: 1 });
});
