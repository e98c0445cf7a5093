/**
 * We change what the older Python LoopX wrote, and every byte outside the change is the same: the expected text is its
 * own text with exactly the named parts replaced (FIL-2, FIL-42, FIL-60, REL-4).
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  addTodo,
  claimTodo,
  completeTodo,
  connect,
  history,
  listTodos,
  refreshState,
  shouldRun,
  spendSlot,
  updateTodo,
} from "../../src/index.ts";
import { EVAL, NOON, oldProject, replaced, type OldProject } from "./rig.ts";

let old: OldProject;
let state: string;
beforeEach(() => {
  old = oldProject();
  state = old.read("Nightly-Eval.md");
});
afterEach(() => {
  expect(statSync(join(old.project, `.codex/goals/${EVAL}/ACTIVE_GOAL_STATE.md.lock`)).size).toBe(0);
  old.remove();
});

const WRITTEN_AT = ["updated_at: 2026-06-15T09:30:00+08:00", `updated_at: ${NOON}`] as const;
const AT = NOON.replace("+", "%2B");
const SUMMARY =
  "  <!-- loopx:todo todo_id=todo_owner_summary status=open task_class=advancement_task claimed_by=codex-side role=agent watch_only=false completion_turn_key=turn%2F7 updated_at=2026-06-14T20:00:00%2B00:00 -->";

const goal = (goal_id: string = EVAL) => ({ goal_id, cwd: old.project });

/** The id of the todo with this title. */
async function idOf(title: string, goal_id = EVAL): Promise<string> {
  const { todos } = await listTodos(old.host, goal(goal_id));
  const found = todos.find((todo) => todo.title.startsWith(title));
  if (found === undefined) throw new Error(`no todo ${title}`);
  return found.todo_id;
}

describe("a goal state", () => {
  test("gets a todo at the end of its section", async () => {
    await addTodo(old.host, { ...goal(), role: "agent", text: "[P2] Publish the score" });
    const after = "<!-- loopx:todo todo_id=todo_tidy status=blocked reason=waits%20for%20disk -->\n";
    expect(old.read("Nightly-Eval.md")).toBe(
      replaced(state, WRITTEN_AT, [
        after,
        `${after}- [ ] [P2] Publish the score\n  <!-- loopx:todo todo_id=todo_000000000001 status=open task_class=advancement_task updated_at=${AT} -->\n`,
      ]),
    );
  });

  test("gets a user todo in the section that the older one calls a reading queue", async () => {
    await addTodo(old.host, { ...goal(), role: "user", text: "Name the next image" });
    const after = "todo_id=todo_read_june -->\n";
    expect(old.read("Nightly-Eval.md")).toBe(
      replaced(state, WRITTEN_AT, [
        after,
        `${after}- [ ] Name the next image\n  <!-- loopx:todo todo_id=todo_000000000001 status=open updated_at=${AT} -->\n`,
      ]),
    );
    expect((await shouldRun(old.host, { ...goal(), agent_id: "codex-main" })).verdict.rule).toBe("user_gate");
  });

  test("a wrapped todo without metadata is closed in place, and its shown id is written down", async () => {
    const todo_id = await idOf("Re-run the tokenizer");
    await completeTodo(old.host, { ...goal(), todo_id, claimed_by: "codex-main", evidence: "score 0.91, as before" });
    const todo =
      "- [ ] [P1-high] Re-run the tokenizer shard with the pinned\n  image and compare the score with that of\n  the last green night.\n";
    const closed = `${todo.replace("[ ]", "[x]")}  <!-- loopx:todo todo_id=${todo_id} status=done claimed_by=codex-main evidence=score%200.91%2C%20as%20before completed_at=${AT} updated_at=${AT} -->\n`;
    expect(old.read("Nightly-Eval.md")).toBe(replaced(state, WRITTEN_AT, [todo, closed]));
  });

  test("a stale claim is taken over token by token; what we do not know stays where it was", async () => {
    await claimTodo(old.host, {
      ...goal(),
      todo_id: "todo_owner_summary",
      claimed_by: "codex-main",
      take_over: true,
      reason: "codex-side went quiet",
    });
    const taken = SUMMARY.replace("claimed_by=codex-side", "claimed_by=codex-main reason=codex-side%20went%20quiet").replace(
      "updated_at=2026-06-14T20:00:00%2B00:00",
      `updated_at=${AT} claimed_at=${AT} claim_taken_from=codex-side claim_taken_at=${AT}`,
    );
    expect(old.read("Nightly-Eval.md")).toBe(replaced(state, WRITTEN_AT, [SUMMARY, taken]));
    expect(await idOf("Draft the owner summary")).toBe("todo_owner_summary");
  });

  test("metadata at column 0 and at the end of a checkbox line are changed where they stand", async () => {
    await updateTodo(old.host, { ...goal(), todo_id: "todo_tidy", status: "open", note: "disk is back" });
    const opened = replaced(state, WRITTEN_AT, [
      "<!-- loopx:todo todo_id=todo_tidy status=blocked reason=waits%20for%20disk -->",
      `<!-- loopx:todo todo_id=todo_tidy status=open note=disk%20is%20back reason=waits%20for%20disk updated_at=${AT} -->`,
    ]);
    expect(old.read("Nightly-Eval.md")).toBe(opened);
    await completeTodo(old.host, { ...goal(), todo_id: "todo_read_june", evidence: "read" });
    expect(old.read("Nightly-Eval.md")).toBe(
      replaced(opened, [
        "- [ ] Read the June regression report before Friday <!-- loopx: task_class=user_action todo_id=todo_read_june -->",
        `- [x] Read the June regression report before Friday <!-- loopx: task_class=user_action todo_id=todo_read_june status=done evidence=read completed_at=${AT} updated_at=${AT} -->`,
      ]),
    );
  });

  test("a bullet with a star and a nested one keep their bullets", async () => {
    await updateTodo(old.host, { ...goal(), todo_id: await idOf("Wire the shard cache"), status: "open" });
    await updateTodo(old.host, { ...goal(), todo_id: await idOf("Ask how the queue"), status: "done" });
    const text = old.read("Nightly-Eval.md");
    expect(text).toMatch(/^\* \[ \] Wire the shard cache\n {2}<!-- loopx:todo todo_id=todo_[0-9a-f]{12} status=open updated_at=/m);
    expect(text).toMatch(
      /^ {2}- \[x\] \[p3\] Ask how the queue is drained\n {4}<!-- loopx:todo todo_id=todo_[0-9a-f]{12} status=done completed_at=/m,
    );
    const back = text
      .replace(/^ *<!-- loopx:todo todo_id=todo_[0-9a-f]{12} status=.*\n/gm, "")
      .replace("* [ ] Wire", "* [x] Wire")
      .replace("  - [x] [p3]", "  - [ ] [p3]");
    expect(back).toBe(replaced(state, WRITTEN_AT));
  });

  test("without front matter and in Windows lines it keeps both; no front matter is invented", async () => {
    const before = old.read("docs-map.md");
    await completeTodo(old.host, { ...goal("docs-map"), todo_id: await idOf("Approve the list", "docs-map"), evidence: "yes" });
    await addTodo(old.host, { ...goal("docs-map"), role: "agent", text: "Map the tests" });
    const [question, listed] = ["- [ ] Approve the list of source folders\r\n", "- [x] List the folders\r\n"];
    const answered = /^ {2}<!-- loopx:todo todo_id=todo_e40ee373692e .*\r\n/m.exec(old.read("docs-map.md"))?.[0] ?? "";
    expect(answered).toContain("status=done evidence=yes");
    expect(old.read("docs-map.md")).toBe(
      replaced(
        before,
        [question, `${question.replace("[ ]", "[x]")}${answered}`],
        [
          listed,
          `${listed}- [ ] Map the tests\r\n  <!-- loopx:todo todo_id=todo_000000000001 status=open task_class=advancement_task updated_at=${AT} -->\r\n`,
        ],
      ),
    );
  });

  test("`## Next Action` is rewritten without the comment's neighbours moving", async () => {
    await refreshState(old.host, { ...goal(), agent_id: "codex-main", next_action: "Publish the score" });
    const text = old.read("Nightly-Eval.md");
    const [head, tail] = [replaced(state, WRITTEN_AT).split("## Next Action\n")[0] ?? "", state.slice(state.indexOf("## Open Questions"))];
    expect(text.startsWith(`${head}## Next Action\n`)).toBe(true);
    expect(text.endsWith(tail)).toBe(true);
    expect(text.slice(head.length, -tail.length)).toContain("- Publish the score\n");
  });
});

describe("the registries", () => {
  test("connecting another goal changes the date and appends one entry, in their indent; every other byte stays", async () => {
    const [before, global] = [old.read("registry.json"), old.read("registry.global.json")];
    await connect(old.host, { project: old.project, cwd: old.project, goal_id: "new-goal", objective: "Grow" });
    const after = old.read("registry.json");
    const entry = (JSON.parse(after) as { goals: unknown[] }).goals[3];
    const shown = JSON.stringify(entry, null, 4).replaceAll("\n", "\n        ");
    expect(after).toBe(
      replaced(
        before,
        ['"updated_at": "2026-06-14"', '"updated_at": "2026-06-15"'],
        ["        }\n    ]\n}\n", `        },\n        ${shown}\n    ]\n}\n`],
      ),
    );

    const synced = old.read("registry.global.json");
    const globalEntry = JSON.stringify((JSON.parse(synced) as { goals: unknown[] }).goals[2], null, 2).replaceAll("\n", "\n    ");
    const head = '"updated_at": "2026-06-14T23:10:02+08:00",\n  "registry_role"';
    expect(synced).toBe(
      replaced(
        global,
        [head, head.replace("2026-06-14T23:10:02+08:00", NOON)],
        ["    }\n  ]\n}\n", `    },\n    ${globalEntry}\n  ]\n}\n`],
      ),
    );
  });

  test("connecting a goal again keeps entry and state, bytes included", async () => {
    const before = old.read("registry.json");
    await connect(old.host, { project: old.project, cwd: old.project, goal_id: EVAL, no_global_sync: true });
    expect([old.read("registry.json"), old.read("Nightly-Eval.md")]).toEqual([before, state]);
  });
});

describe("the run index", () => {
  test("a refresh appends one line; the older lines and artifacts stay byte for byte", async () => {
    const before = old.read("runs/index.jsonl");
    const { run_id } = await refreshState(old.host, {
      ...goal(),
      agent_id: "codex-main",
      classification: "shard_compared",
      delivery_batch_scale: "multi_surface",
      delivery_outcome: "outcome_progress",
    });
    const after = old.read("runs/index.jsonl");
    expect(after.startsWith(before)).toBe(true);
    const line = after.slice(before.length);
    expect(line.split("\n")).toHaveLength(2);
    expect(JSON.parse(line)).toMatchObject({
      run_id,
      goal_id: EVAL,
      agent_id: "codex-main",
      recommended_action: "Re-run the tokenizer shard and compare its score.",
      recommended_action_source: "active_state_next_action",
    });
    expect((await history(old.host, goal())).runs[0]).toMatchObject({ classification: "shard_compared" });
  });

  test("a cut last line is closed before ours is written (FIL-123)", async () => {
    const before = `${old.read("runs/index.jsonl")}{"generated_at": "2026-06-15T11:0`;
    old.write("runs/index.jsonl", before);
    await refreshState(old.host, { ...goal(), agent_id: "codex-main" });
    expect(old.read("runs/index.jsonl").startsWith(`${before}\n{"generated_at":"2026-06-15T12:00:00.000+00:00"`)).toBe(true);
    expect((await history(old.host, goal())).runs[0]).toMatchObject({ classification: "state_refreshed", agent_id: "codex-main" });
  });

  test("older spends have paid for older runs: only new work can be paid, once", async () => {
    const spend = () => spendSlot(old.host, { ...goal(), agent_id: "codex-main", dry_run: false });
    expect(await spend()).toMatchObject({ appended: false });
    const { run_id } = await refreshState(old.host, {
      ...goal(),
      agent_id: "codex-main",
      delivery_batch_scale: "multi_surface",
      delivery_outcome: "outcome_progress",
    });
    old.wait(1_000);
    const before = old.read("runs/index.jsonl");
    expect(await spend()).toMatchObject({
      appended: true,
      cited_run: { run_id },
      before: { spent_slots: 3 },
      after: { spent_slots: 4, remaining_slots: 44 },
    });
    expect(old.read("runs/index.jsonl").startsWith(before)).toBe(true);
    expect(await spend()).toMatchObject({ appended: false });
  });
});

test("the older one's lock file is never a lock of ours (FIL-93)", async () => {
  const file = join(old.project, `.codex/goals/${EVAL}/ACTIVE_GOAL_STATE.md.lock`);
  const inode = statSync(file).ino;
  await addTodo(old.host, { ...goal(), role: "agent", text: "[P2] Publish the score" });
  expect([existsSync(file), statSync(file).ino, readFileSync(file, "utf8")]).toEqual([true, inode, ""]);
});
