/** Todos that end without being done, and closed todos that move out of the way, as actions over files. */
import { describe, expect, it } from "vitest";
import { archiveTodos } from "../../src/actions/todo-archive.ts";
import { listTodos } from "../../src/actions/todo-list.ts";
import { supersedeTodo } from "../../src/actions/todo-supersede.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { PRIVATE_PATH } from "../../src/testing/private-texts.ts";

const STATE_PATH = ".codex/goals/g1/ACTIVE_GOAL_STATE.md";
const PLACE = { goal_id: "g1", cwd: "/srv/project" };
const STATE = `---
updated_at: 2026-11-20T00:00:00+00:00
---

## Agent Todo

- [x] [P1] Old work
  wrapped line
  <!-- loopx:todo todo_id=todo_ag0001 completed_at=2026-11-01T00%3A00%3A00%2B00%3A00 colour=red -->
- [ ] [P1] Read two grammars
  <!-- loopx:todo todo_id=todo_ag0002 claimed_by=codex-1 -->
- [x] Newer work
  <!-- loopx:todo todo_id=todo_ag0003 completed_at=2026-11-10T00%3A00%3A00%2B00%3A00 -->

## Next Action

- Go on
`;

function host(state = STATE): MemoryHost {
  const goal = {
    id: "g1",
    domain: "d",
    status: "active",
    repo: "/srv/project",
    state_file: STATE_PATH,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
  };
  return project({ ".loopx/registry.json": JSON.stringify({ schema_version: "0.1", goals: [goal] }), [STATE_PATH]: state });
}

describe("supersedeTodo (CMD-96)", () => {
  const moot = { ...PLACE, todo_id: "todo_ag0002", reason: "one grammar is enough" };

  it("closes the todo and opens what takes its place in one write", async () => {
    const at = host();
    const made = await supersedeTodo(at, { ...moot, claimed_by: "codex-1", next_agent_todo: "Read one grammar" });
    expect(made).toMatchObject({
      applied: true,
      status: "done",
      successor: { text: expect.stringContaining("Read one grammar"), claimed_by: "codex-1" },
    });
    const closed = (await listTodos(at, PLACE)).todos.find((todo) => todo.todo_id === "todo_ag0002");
    expect(closed).toMatchObject({
      status: "done",
      note: "superseded",
      reason: "one grammar is enough",
      superseded_by: made.successor?.todo_id,
    });
  });

  it("again changes nothing", async () => {
    const at = host();
    await supersedeTodo(at, moot);
    const before = at.files();
    expect(await supersedeTodo(at, moot)).toMatchObject({ changed: false, applied: false });
    expect(at.files()).toEqual(before);
  });

  it("as a dry run says the same and writes nothing", async () => {
    const at = host();
    const before = at.files();
    const preview = await supersedeTodo(at, { ...moot, dry_run: true });
    expect(at.files()).toEqual(before);
    expect({ ...preview, dry_run: false, applied: true }).toEqual(await supersedeTodo(at, moot));
  });

  it.each([
    ["a todo that another agent holds", { ...moot, claimed_by: "codex-2" }, "claim_conflict"],
    ["an unknown todo", { ...moot, todo_id: "todo_nowhere" }, "todo_not_found"],
    ["no reason", { ...moot, reason: "  " }, "usage"],
    ["a reason that may not be recorded", { ...moot, reason: `see ${PRIVATE_PATH}` }, "unsafe_text"],
  ])("refuses %s and leaves the file", async (_what, input, code) => {
    const at = host();
    const before = at.files();
    await expect(supersedeTodo(at, input)).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });
});

describe("archiveTodos (CMD-97, FIL-49)", () => {
  it("moves the oldest closed todos byte for byte and keeps the newest", async () => {
    const at = host();
    const moved = await archiveTodos(at, { ...PLACE, max_active_done: 1 });
    expect(moved).toMatchObject({
      applied: true,
      archived_count: 1,
      kept_count: 1,
      archived: [{ todo_id: "todo_ag0001", text: "[P1] Old work wrapped line" }],
      section: "Completed Work Archive",
    });
    const [lives, archive] = (at.textOf(STATE_PATH) ?? "").split("## Completed Work Archive");
    const block = STATE.slice(STATE.indexOf("- [x] [P1] Old"), STATE.indexOf("- [ ] [P1] Read"));
    expect(archive).toContain(block);
    expect(lives).not.toContain("Old work");
    expect((await listTodos(at, PLACE)).todo_count).toBe(2);
  });

  it("again moves nothing", async () => {
    const at = host();
    await archiveTodos(at, { ...PLACE, max_active_done: 0 });
    const before = at.files();
    expect(await archiveTodos(at, { ...PLACE, max_active_done: 0 })).toMatchObject({ changed: false, archived_count: 0 });
    expect(at.files()).toEqual(before);
  });

  it("as a preview says the same and writes nothing; 12 stay unless told otherwise", async () => {
    const at = host();
    const before = at.files();
    const preview = await archiveTodos(at, { ...PLACE, max_active_done: 0, dry_run: true });
    expect(preview).toMatchObject({ archived_count: 2, applied: false, changed: true });
    expect(await archiveTodos(at, PLACE)).toMatchObject({ archived_count: 0, kept_count: 2, max_active_done: 12 });
    expect(at.files()).toEqual(before);
    expect({ ...preview, dry_run: false, applied: true }).toEqual(await archiveTodos(at, { ...PLACE, max_active_done: 0 }));
  });

  it("touches the todos of one role only", async () => {
    expect(await archiveTodos(host(), { ...PLACE, role: "user", max_active_done: 0 })).toMatchObject({ changed: false, role: "user" });
  });

  it("lists at most 50 of many and counts all", async () => {
    const many = Array.from({ length: 80 }, (_, at) => `- [x] Done ${at}\n`).join("");
    const moved = await archiveTodos(host(`## Agent Todo\n\n${many}`), { ...PLACE, max_active_done: 0 });
    expect([moved.archived_count, moved.archived.length]).toEqual([80, 50]);
  });

  it.each([-1, 1.5, 20_001])("refuses to keep %d", async (max_active_done) => {
    await expect(archiveTodos(host(), { ...PLACE, max_active_done })).rejects.toMatchObject({ code: "invalid_value" });
  });

  it("refuses a goal whose state file is gone", async () => {
    const at = host();
    at.disk.remove(`/srv/project/${STATE_PATH}`);
    await expect(archiveTodos(at, PLACE)).rejects.toMatchObject({ code: "state_file_missing" });
  });
});
