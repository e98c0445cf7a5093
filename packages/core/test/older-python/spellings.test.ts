/** Rarer spellings of the older Python LoopX, each with the meaning it had (FIL-42, FIL-51, FIL-63, FIL-68, FIL-110). */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addTodo, configureGoal, history, inspectRegistry, listTodos, shouldRun, status } from "../../src/index.ts";
import { EVAL, oldProject, replaced, type OldProject } from "./rig.ts";

let old: OldProject;
beforeEach(() => {
  old = oldProject();
});
afterEach(() => old.remove());

const ask = async (goal_id: string, agent_id?: string) =>
  (await shouldRun(old.host, { goal_id, agent_id, cwd: old.project, detail: true })).verdict;
const runs = (): string => join(old.runtime, "goals", EVAL, "runs");

/** One more line of its index, with the artifact beside it. */
function recorded(
  stem: string,
  generated_at: string,
  classification: string,
  artifact: Readonly<Record<string, unknown>>,
  folder = runs(),
): void {
  const paths = { json_path: join(folder, `${stem}.json`), markdown_path: join(folder, `${stem}.md`) };
  const row = { generated_at, goal_id: EVAL, classification, recommended_action: "Continue.", health_check: "ok", ...paths };
  appendFileSync(join(runs(), "index.jsonl"), `${JSON.stringify(row)}\n`);
  writeFileSync(join(runs(), `${stem}.json`), JSON.stringify({ generated_at, goal_id: EVAL, classification, ...artifact }));
}

describe("an index", () => {
  test("with a void whose payload stands in its artifact takes that spend back", async () => {
    expect((await ask(EVAL, "codex-main")).quota.spent_slots).toBe(3);
    recorded("20260615T070000Z-quota-slot-voided", "2026-06-15T07:00:00+00:00", "quota_slot_voided", {
      quota_event: {
        event_type: "quota_slot_voided",
        source: "controller",
        slots: 2,
        voided_run_generated_at: "2026-06-15T06:30:00+08:00",
      },
    });
    expect((await ask(EVAL, "codex-main")).quota.spent_slots).toBe(1);
  });

  test("whose artifacts lie under a root that was moved is read by their names, whatever their modes", async () => {
    const moved = join("/srv/before-the-move/goals", EVAL, "runs");
    const event = { event_type: "quota_slot_spent", source: "heartbeat", slots: 4 };
    recorded("20260615T080000Z-quota-slot-spent", "2026-06-15T08:00:00+00:00", "quota_slot_spent", { quota_event: event }, moved);
    chmodSync(join(runs(), "20260615T080000Z-quota-slot-spent.json"), 0o755);
    expect((await ask(EVAL, "codex-main")).quota.spent_slots).toBe(7);
    expect(
      (await history(old.host, { goal_id: EVAL, limit: 20 })).runs.find((run) => run.generated_at === "2026-06-15T08:00:00+00:00"),
    ).toMatchObject({
      json_exists: true,
      markdown_exists: false,
    });
  });

  test("in Windows lines and with blank ones is the same history", async () => {
    const before = await history(old.host, { goal_id: EVAL, limit: 50 });
    old.write("runs/index.jsonl", `\r\n${old.read("runs/index.jsonl").replaceAll("\n", "\r\n\r\n")}`);
    const { runs: after, bad_lines } = await history(old.host, { goal_id: EVAL, limit: 50 });
    expect(bad_lines).toEqual([]);
    expect(after.map((run) => [run.generated_at, run.classification, run.human_rewards?.length])).toEqual(
      before.runs.map((run) => [run.generated_at, run.classification, run.human_rewards?.length]),
    );
  });

  test("with escaped and plain non-ASCII text, and with the keys in another order, is the same run", async () => {
    const row = {
      markdown_path: `${runs()}/z.md`,
      classification: "评测",
      goal_id: EVAL,
      json_path: `${runs()}/z.json`,
      generated_at: "2026-06-15T09:00:00.5Z",
      recommended_action: "继续",
    };
    const escaped = JSON.stringify(row).replace(
      /[\u0080-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    appendFileSync(join(runs(), "index.jsonl"), `${escaped}\n${JSON.stringify(row)}\n`);
    expect((await history(old.host, { goal_id: EVAL, limit: 1 })).runs).toMatchObject([
      { classification: "评测", recommended_action: "继续" },
    ]);
  });
});

describe("a goal state", () => {
  const state = (...lines: string[]): void => old.write("Nightly-Eval.md", `${lines.join("\n")}\n`);

  test("of prose alone, hard-wrapped, with tables, fences and no todo section, is sound and waits for a todo (FIL-51)", async () => {
    const prose = [
      "---",
      "status: active-read-only",
      "objective: Keep the eval green: run, read, fix",
      "---",
      "# Nightly",
      "",
      ...Array.from(
        { length: 6_000 },
        (_, line) => `Line ${line} of a long account, wrapped by hand at about eighty characters; | a | b |`,
      ),
      "```",
      "## Agent Todo",
      "- [ ] an example in a fence",
      "```",
      "## Next Action",
      "",
      "- Re-run the shard.",
      "## Recent Progress",
      "- 2026-06-14: wired.",
    ];
    state(...prose);
    const { findings = [], rule } = await ask(EVAL, "codex-main");
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(rule).toBe("projection_gap");
    expect((await listTodos(old.host, { goal_id: EVAL, cwd: old.project })).todos).toEqual([]);
    await addTodo(old.host, { goal_id: EVAL, cwd: old.project, role: "agent", text: "Re-run the shard" });
    const block = /^## Agent Todo\n\n- \[ \] Re-run the shard\n {2}<!-- loopx:todo .* -->\n\n(?=## Next Action)/m;
    const after = old.read("Nightly-Eval.md");
    expect(after).toMatch(block);
    const added = /^updated_at: 2026-06-15T12:00:00\+00:00\n/m;
    expect(after.replace(block, "").replace(added, "").replace("```\n\n## Next", "```\n## Next")).toBe(`${prose.join("\n")}\n`);
  });

  test("has metadata in every spelling it used: singular lists, later lines over earlier, keys of its own", async () => {
    state(
      "## Agent Todo",
      "",
      "- [ ] [P0 urgent] Wire the cache",
      "  in two lines",
      "  <!-- loopx:todo todo_id=todo_cache status=open required_write_scopes=docs/**%2Ctests/** required_write_scope=src/** -->",
      "  <!-- loopx: completion_continuation=next%20shard required_capability=git claimed_by=Codex%20Main note=first -->",
      "  <!-- loopx:todo note=second unblocks_todo_id=todo_other -->",
      "- [X] Closed by hand",
      "  <!-- loopx:todo todo_id=todo_closed status=open -->",
      "- [ ] Closed by its writer",
      "  <!-- loopx:todo todo_id=todo_done status=completed -->",
    );
    const { todos } = await listTodos(old.host, { goal_id: EVAL, cwd: old.project });
    expect(todos[0]).toMatchObject({
      todo_id: "todo_cache",
      priority: "P0",
      title: "Wire the cache in two lines",
      claimed_by: "codex-main",
      note: "second",
      unblocks_todo_id: "todo_other",
      required_capabilities: ["git"],
    });
    expect([...(todos[0]?.required_write_scopes ?? [])].sort()).toEqual(["docs/**", "src/**", "tests/**"]);
    // The mark that a person sees counts; a status that means done under an open mark was ticked off by nobody.
    expect(todos.slice(1).map(({ todo_id, status: said }) => [todo_id, said])).toEqual([
      ["todo_closed", "done"],
      ["todo_done", "open"],
    ]);
  });

  test.each([
    ["待办归档", "- [ ] 旧的"],
    ["Completed Work Archive", "- [x] Old"],
    ["User Todo Archive", "- [ ] Old question"],
  ])("has an archive under `%s`, which asks nothing of anybody", async (heading, line) => {
    state("## Agent Todo", "", "- [ ] Go on", "", `## ${heading}`, "", line);
    expect((await listTodos(old.host, { goal_id: EVAL, cwd: old.project })).todos.map(({ title }) => title)).toEqual(["Go on"]);
    expect((await ask(EVAL, "codex-main")).rule).toBe("advance_todo");
  });
});

describe("a registry", () => {
  test("keeps every byte but those of the changed value and the date, unknown keys and number spellings included (FIL-2)", async () => {
    const before = old.read("registry.json");
    await configureGoal(old.host, { goal_id: EVAL, quota_compute: 0.5 });
    expect(old.read("registry.json")).toBe(
      replaced(
        before,
        ['"updated_at": "2026-06-14"', '"updated_at": "2026-06-15"'],
        ['"compute": 1.0, "window_hours"', '"compute": 0.5, "window_hours"'],
      ),
    );
    expect((await ask(EVAL, "codex-main")).quota).toMatchObject({ compute: 0.5, allowed_slots: 24 });
  });

  test.each([
    [
      "a literal ~ for the runtime root",
      (text: string) => text.replace(/"common_runtime_root": "[^"]*"/, '"common_runtime_root": "~/runtime"'),
    ],
    [
      "no runtime root, a byte order mark and Windows lines",
      (text: string) => `\ufeff${text.replace(/ *"common_runtime_root": "[^"]*",\n/, "").replaceAll("\n", "\r\n")}`,
    ],
    [
      "a whole number for its version and agents as strings",
      (text: string) =>
        text
          .replace('"schema_version": 0.1', '"schema_version": 2')
          .replace(/"registered_agents": \[[^\]]*\]/, '"registered_agents": ["Codex Main", "codex-side"]'),
    ],
  ])("with %s is read", async (_what, change) => {
    old.write("registry.json", change(old.read("registry.json")));
    const { unhealthy, goals } = await inspectRegistry(old.host);
    expect([unhealthy, goals.map(({ goal_id, usable }) => [goal_id, usable])]).toEqual([
      false,
      [
        [EVAL, true],
        ["docs-map", true],
        ["long-retired", true],
      ],
    ]);
    expect(goals[0]?.registered_agents.slice(0, 2)).toEqual(["codex-main", "codex-side"]);
  });

  test("with a goal that it let live outside the project blocks that goal alone (FIL-115)", async () => {
    const outside = join(dirname(old.project), "elsewhere.md");
    writeFileSync(outside, "## Agent Todo\n\n- [ ] Outside\n");
    old.write("registry.json", old.read("registry.json").replace(".codex/goals/docs-map/ACTIVE_GOAL_STATE.md", outside));
    const { attention_queue } = await status(old.host, { cwd: old.project });
    expect(attention_queue.items.map(({ goal_id, rule }) => [goal_id, rule])).toEqual(
      expect.arrayContaining([
        ["docs-map", "contract_broken"],
        [EVAL, "advance_todo"],
      ]),
    );
    expect(readFileSync(outside, "utf8")).toContain("- [ ] Outside");
  });
});

test("its other files in the runtime root are left alone and disturb nothing (FIL-69)", async () => {
  const folder = join(old.runtime, "goals", "Left-Behind", "runs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.jsonl"), "{}\n");
  writeFileSync(join(old.runtime, "goals", EVAL, "rollout-event-log.jsonl"), "not json\n");
  const { goals } = await history(old.host, {});
  expect(JSON.stringify(goals)).toContain("Left-Behind");
});
