import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { firstTodo, goalStateOf } from "../../testing/goal-states.ts";
import { findTodo, GOAL_STATE_LARGE, GOAL_STATE_LIMIT, stateSha, TODO_LIMIT, todosOf } from "./document.ts";
import { parseGoalState, spanOf } from "./parse.ts";

const agent = (lines: string): string => `## Agent Todo\n\n${lines}\n`;
const only = (lines: string) => goalStateOf(agent(lines)).todos[0];
const derived = (identity: string): string => `todo_${createHash("sha1").update(identity).digest("hex").slice(0, 12)}`;
const codes = (text: string): string[] => goalStateOf(text).findings.map((finding) => finding.code);

test("a byte order mark hides nothing: not the first heading, not the gate below it (FIL-1)", () => {
  const state = goalStateOf("\ufeff## User Todo\n- [ ] Choose a name\n");
  expect(state.sections.map((section) => section.heading)).toEqual(["User Todo"]);
  expect(state.todos.map((todo) => [todo.role, todo.text, todo.line])).toEqual([["user", "Choose a name", 2]]);
  expect(goalStateOf("\ufeff```\n## User Todo\n- [ ] code\n```\n").todos).toEqual([]);
});

test("a todo as LoopX writes it is read whole (FIL-40 to FIL-44)", () => {
  const line = "- [ ] [P1-high] Write  the plan";
  const meta =
    "  <!-- loopx:todo todo_id=todo_ag0001 status=open task_class=blocker claimed_by=codex-main updated_at=2026-11-21T01:08:04%2B08:00 -->";
  expect(only(`${line}\n${meta}`)).toEqual({
    todo_id: "todo_ag0001",
    explicit_id: true,
    role: "agent",
    index: 1,
    section: "Agent Todo",
    line: 3,
    status: "open",
    text: "[P1-high] Write the plan",
    title: "Write the plan",
    priority: "P1",
    rank: 1,
    task_class: "blocker",
    metadata: { claimed_by: "codex-main", updated_at: "2026-11-21T01:08:04+08:00" },
  });
});

test.each(["- [ ] a", "* [x] a", "-\t[X]\ta", "    - [-] a", "\u3000- [ ]\u3000a", "-  [ ]  a  "])("%j is a todo (FIL-40)", (line) => {
  expect(only(line)?.text).toBe("a");
});

test.each(["+ [ ] a", "1. [ ] a", "- [~] a", "- [] a", "- [ ]a", "- [ ]", "- [ ]   ", "-[ ] a", "text - [ ] a", "- [xx] a"])(
  "%j is no todo (FIL-40)",
  (line) => {
    expect(only(line)).toBeUndefined();
  },
);

test.each([
  ["[P0] a", "P0", 0, "a"],
  ["[p4] a", "P4", 4, "a"],
  ["[P2-later (maybe)] a", "P2", 2, "a"],
  ["[P1]a", "P1", 1, "a"],
  ["[P5] a", null, 50, "[P5] a"],
  ["[P10] a", null, 50, "[P10] a"],
  ["[P1 a", null, 50, "[P1 a"],
  ["P1 a", null, 50, "P1 a"],
])("%j has priority %j (FIL-41)", (text, priority, rank, title) => {
  expect(only(`- [ ] ${text}`)).toMatchObject({ priority, rank, title });
});

test.each([
  ["## User Todo", "user"],
  ["## My USER TODOs for today", "user"],
  ["## Owner Review Reading Queue", "user"],
  ["## Owner reading queue", "user"],
  ["## Codex Todo", "agent"],
  ["## Project Agent Todo", "agent"],
  ["## Agent Todo Archive", null],
  ["## Agent Todo 完成归档", null],
  ["## User Todo (completed work)", null],
  ["### Agent Todo", null],
  ["##Agent Todo", null],
  [" ## Agent Todo", null],
])("%j holds todos of %j (FIL-34, FIL-35)", (heading, role) => {
  expect(goalStateOf(`${heading}\n- [ ] a\n`).todos[0]?.role ?? null).toBe(role);
});

test("all matching sections are read, and a subheading ends none (FIL-34, FIL-35, FIL-130)", () => {
  const state = goalStateOf(
    "## Agent Todo\n- [ ] a\n### Later\n- [ ] b\n## Notes\n- [ ] no\n## Codex Todo\n- [ ] c\n## User Todo\n- [ ] u\n",
  );
  expect(todosOf(state, "agent").map((todo) => [todo.text, todo.index, todo.section])).toEqual([
    ["a", 1, "Agent Todo"],
    ["b", 2, "Agent Todo"],
    ["c", 3, "Codex Todo"],
  ]);
  expect(todosOf(state, "user").map((todo) => todo.index)).toEqual([1]);
});

test("a section that is read once and stands twice is reported, and the first wins (FIL-35)", () => {
  const state = goalStateOf("## Next Action\n- first\n## Next Action\n- second\n## Notes\n## Notes\n");
  expect(state.next_action).toEqual(["first"]);
  expect(state.findings).toMatchObject([{ code: "section_duplicate", line: 3 }]);
});

test("lines in fences and multi-line comments are no todos and start no section (FIL-34)", () => {
  const state = goalStateOf(
    [
      "## Agent Todo",
      "```md",
      "- [ ] fenced",
      "## User Todo",
      "~~~",
      "``` x",
      "```",
      "<!--",
      "- [ ] hidden",
      "## User Todo",
      "-->",
      "~~~~",
      "- [ ] tilde",
      "~~~",
      "~~~~~",
      "- [ ] real",
    ].join("\n"),
  );
  expect(state.todos.map((todo) => todo.text)).toEqual(["real"]);
  expect(state.sections).toHaveLength(1);
});

test("an unclosed fence ends at the end of the file; an unclosed comment hides nothing (FIL-34)", () => {
  const fenced = goalStateOf("## Agent Todo\n- [ ] a\n```\n- [ ] b\n## User Todo\n- [ ] c\n");
  expect(fenced.todos.map((todo) => todo.text)).toEqual(["a"]);
  expect(fenced.open_fence_line).toBe(2);
  const commented = goalStateOf("## Agent Todo\n- [ ] a\n<!-- forgotten\n- [ ] b\n<!-- again\n## User Todo\n- [ ] gate\n");
  expect(commented.todos.map((todo) => todo.text)).toEqual(["a", "b", "gate"]);
});

test("a comment reaches to its own end, whatever comments stand in it; a forgotten end takes no other's (FIL-34)", () => {
  const wrapped = "<!--\n- [ ] off\n  <!-- loopx:todo todo_id=todo_off -->\n-->\n";
  const meta = "  <!-- loopx:todo todo_id=todo_yes status=open -->\n";
  expect(goalStateOf(`## User Todo\n${wrapped}- [ ] gate\n${meta}`).todos.map((todo) => todo.todo_id)).toEqual(["todo_yes"]);
  expect(goalStateOf(`## User Todo\n<!-- forgotten\n- [ ] gate\n${meta}`).todos.map((todo) => todo.todo_id)).toEqual(["todo_yes"]);
});

test("what an unclosed fence swallows is no part of the todo above it", () => {
  const state = goalStateOf("## Agent Todo\n- [ ] a\n  ```` sh\n  ```\n  x\n");
  expect(state.todos[0]?.text).toBe("a");
  expect(goalStateOf("## Agent Todo\n- [ ] a\n  ``` sh\n  x ```\n  ```` \n  b\n").todos[0]?.text).toBe("a ``` sh x ``` ```` b");
});

test("inline code of three backticks is no fence", () => {
  expect(goalStateOf("## Agent Todo\n```x``` is code\n``\n- [ ] a\n<!-- one --> <!-- two -->\n<!-- a --> b\n- [ ] c\n").todos).toHaveLength(
    2,
  );
});

test("wrapped lines are joined, blank lines pass, and a line at column 0 ends the todo (FIL-40)", () => {
  expect(only("- [ ] one\n  two\n\n\tthree  \nplain\n  four")?.text).toBe("one two three");
});

test("a nested checkbox is a todo of its own, with its own metadata (FIL-40)", () => {
  const state = goalStateOf(agent("- [ ] parent\n  more\n  - [x] child\n    <!-- loopx:todo todo_id=todo_child status=done -->\n"));
  expect(state.todos.map((todo) => [todo.text, todo.status, todo.explicit_id])).toEqual([
    ["parent more", "open", false],
    ["child", "done", true],
  ]);
});

test.each([
  ["one line below", "- [ ] a\n  <!-- loopx:todo todo_id=todo_abc -->"],
  ["the short mark", "- [ ] a\n  <!-- loopx: todo_id=todo_abc -->"],
  ["no blank behind the mark", "- [ ] a\n  <!-- loopx:todo_id=todo_abc -->"],
  ["at the end of the checkbox line", "- [ ] a <!-- loopx:todo todo_id=todo_abc -->  "],
  ["at column 0 right below", "- [ ] a\n<!-- loopx:todo todo_id=todo_abc -->"],
  ["at the end of a wrapped line", "- [ ] a\n  <!-- loopx:todo status=open -->\n  b <!--loopx:todo\ttodo_id=TODO_ABC-->"],
  ["behind a comment at column 0", "- [ ] a\n<!-- loopx:next-action -->\n  <!-- loopx:todo todo_id=todo_abc -->"],
])("metadata is read from %s (FIL-42)", (_, lines) => {
  expect(only(lines)?.todo_id).toBe("todo_abc");
});

test.each([
  ["another comment", "- [ ] a\n  <!-- loopx:next-action todo_id=todo_abc -->"],
  ["a comment with text behind it", "- [ ] a\n  <!-- loopx:todo todo_id=todo_abc --> and more"],
  ["column 0 after a gap", "- [ ] a\n\n<!-- loopx:todo todo_id=todo_abc -->"],
  ["a fence", "- [ ] a\n  ```\n  <!-- loopx:todo todo_id=todo_abc -->\n  ```"],
  ["a multi-line comment", "- [ ] a\n  <!-- loopx:todo\n  todo_id=todo_abc -->"],
  ["an empty mark", "- [ ] a\n  <!-- loopx:todo -->"],
  ["an unfinished comment", "- [ ] a\n  <!-- loopx:todo todo_id=todo_abc"],
])("metadata is not read from %s", (_, lines) => {
  expect(only(lines)?.explicit_id).toBe(false);
});

test("comments are no text; fenced lines of a todo are, up to a fenced checkbox", () => {
  expect(only("- [ ] a\n  <!-- note -->\n  <!-- loopx:next-action -->\n  b")?.text).toBe("a b");
  expect(only("- [ ] a\n  <!-- long\n  note -->\n  b")?.text).toBe("a b");
  expect(only("- [ ] a\n  ```sh\n  run\n  - [ ] x\n  ```\n  b")?.text).toBe("a ```sh run");
  expect(only("- [ ] <!-- loopx:todo todo_id=todo_abc -->")).toMatchObject({ explicit_id: false });
});

test.each([
  ["[x]", "open", "done", true],
  ["[X]", "done", "done", false],
  ["[-]", "done", "deferred", true],
  ["[ ]", "blocked", "blocked", false],
  ["[ ]", "done", "open", true],
  ["[ ]", "completed", "open", true],
  ["[x]", "archived", "done", false],
  ["[ ]", "", "open", false],
])("checkbox %s with metadata %j is %s (FIL-45)", (marker, written, status, differs) => {
  const text = agent(`- ${marker} a\n  <!-- loopx:todo todo_id=todo_abc ${written === "" ? "" : `status=${written}`} -->`);
  expect(goalStateOf(text).todos[0]?.status).toBe(status);
  expect(codes(text)).toEqual(differs ? ["todo_marker_differs"] : []);
});

test("no word in a text decides a class (FIL-44)", () => {
  const state = goalStateOf("## User Todo\n- [ ] monitor this, just an info\n## Agent Todo\n- [ ] watch and poll the gate\n");
  expect(state.todos.map((todo) => todo.task_class)).toEqual([null, "advancement_task"]);
});

test.each(["task_class=nonsense", "task_class=", "task_class=user_action task_class=%zz", "status=later", "status=open status=nope"])(
  "a user todo with %j stays an open gate (FIL-43)",
  (tokens) => {
    const text = `## User Todo\n- [ ] a\n  <!-- loopx:todo todo_id=todo_abc ${tokens} -->\n`;
    expect(goalStateOf(text).todos[0]).toMatchObject({ task_class: null, status: "open" });
    expect(goalStateOf(text).findings).toMatchObject([{ code: "todo_metadata_invalid", line: 3, key: tokens.split("=")[0] }]);
  },
);

test("a todo without id has the id the older LoopX shows (FIL-46)", () => {
  const long = `start ${"word ".repeat(200)}`;
  const state = goalStateOf(
    `## Agent Todo\n- [ ] a\n  b\n- [ ] ${long}\n## Codex Todo\n- [ ] c\n## User Todo / Owner Review Reading Queue\n- [ ] 确认\n`,
  );
  const cut = `${long.trim().slice(0, 499).trimEnd()}…`;
  expect(state.todos.map((todo) => todo.todo_id)).toEqual([
    derived("agent|Agent Todo|1|a b"),
    derived(`agent|Agent Todo|2|${cut}`),
    // The older one names the first section of the role for all of them.
    derived("agent|Agent Todo|3|c"),
    derived("user|User Todo / Owner Review Reading Queue|1|确认"),
  ]);
});

test("a fenced checkbox counts in the index that ids are derived from (FIL-46)", () => {
  const state = goalStateOf("## Agent Todo\n```\n- [ ] example\n```\n- [ ] real\n");
  expect(state.todos).toHaveLength(1);
  expect(state.todos[0]).toMatchObject({ index: 2, todo_id: derived("agent|Agent Todo|2|real") });
});

test("a derived id costs a digest only when it is asked for", () => {
  let digests = 0;
  const digest = (): string => {
    digests += 1;
    return "0123456789abcdef";
  };
  const state = parseGoalState("## Agent Todo\n- [ ] a\n- [ ] b\n", { digest, file: "f" });
  expect(digests).toBe(0);
  const [first] = state.todos;
  expect([first?.todo_id, first?.todo_id, { ...first }.todo_id]).toEqual(["todo_0123456789ab", "todo_0123456789ab", "todo_0123456789ab"]);
  expect(digests).toBe(1);
});

test("two todos with one id: the first keeps it, both lines are named, both are found (FIL-47)", () => {
  const pasted = "  <!-- loopx:todo todo_id=todo_a1b status=open -->";
  const state = goalStateOf(`## Agent Todo\n- [ ] a\n${pasted}\n- [ ] b\n${pasted}\n`);
  const [first, second] = state.todos;
  expect([first?.todo_id, second?.todo_id]).toEqual(["todo_a1b", derived("agent|Agent Todo|2|b")]);
  expect(state.findings).toMatchObject([{ code: "todo_id_duplicate", message: expect.stringMatching(/Lines 2 and 4 /) }]);
  expect(findTodo(state, "todo_a1b")).toBe(first);
  expect(findTodo(state, second?.todo_id ?? "")).toBe(second);
  expect(findTodo(state, "todo_none")).toBeNull();
});

test("a derived id that an explicit one uses already is derived again", () => {
  const used = derived("agent|Agent Todo|1|a");
  const state = goalStateOf(`## Agent Todo\n- [ ] a\n- [ ] b\n  <!-- loopx:todo todo_id=${used} -->\n`);
  expect(state.todos[1]?.todo_id).toBe(used);
  expect(state.todos[0]?.todo_id).toBe(derived("agent|Agent Todo|1|a|1"));
});

test("archived todos are no todos, but their ids are known (FIL-49)", () => {
  const state = goalStateOf(
    "## Completed Work Archive\n- [x] a\n  <!-- loopx:todo todo_id=todo_old cadence=bad -->\n- [x] b\n## 待办归档\n- [x] c <!-- loopx:todo todo_id=todo_old2 -->\n",
  );
  expect(state.todos).toEqual([]);
  expect(state.archived_ids).toEqual(["todo_old", "todo_old2"]);
  expect(state.findings).toEqual([]);
});

test("files of the older LoopX are read without an error finding (FIL-51, FIL-110)", () => {
  const state = goalStateOf(
    [
      "---",
      "status: active-read-only",
      "updated_at: 2026-01-01T00:00:00+00:00",
      "---",
      "",
      "## User Todo / Owner Review Reading Queue",
      "",
      "- [ ] [P0] Approve the packet that is described over",
      "  several lines of this file.",
      "  <!-- loopx:todo todo_id=todo_user_gate role=user status=open task_class=user_gate watch_only=true blocks-agent=Codex-Main -->",
      "",
      "## Agent Todo",
      "<!-- loopx:next-action todo_user_gate -->",
      "- [ ] [P1-high] Hard-wrapped work without any",
      "  metadata.",
      "- [x] done work <!-- loopx: todo_id=todo_done status=completed completion_turn_key=abc completion_continuation=x%20y -->",
      "## Recent Progress",
      "- did things",
    ].join("\r\n"),
  );
  expect(state.findings).toEqual([]);
  expect(state.todos).toMatchObject([
    {
      todo_id: "todo_user_gate",
      text: "[P0] Approve the packet that is described over several lines of this file.",
      metadata: { blocks_agent: "codex-main" },
    },
    { priority: "P1", text: "[P1-high] Hard-wrapped work without any metadata.", explicit_id: false },
    { todo_id: "todo_done", status: "done" },
  ]);
});

test("a span names the todo's own lines and offsets", () => {
  const state = goalStateOf("## Agent Todo\n  - [ ] a  \n    b\n\n    c\n  <!-- loopx:todo todo_id=todo_abc -->\n\n- [ ] next\n");
  const todo = firstTodo(state);
  const span = spanOf(state, todo);
  expect(span).toMatchObject({ line: 1, last_line: 5, metadata_after: 2, indent: "  ", comments: [expect.anything()] });
  expect(state.text.slice(span.text_start, span.text_end)).toBe("a");
  expect(() => spanOf(state, { ...todo, line: 1 })).toThrow(/is no todo/);
});

test("512 KiB is worth a note, 4 MiB is read, one byte more is not (FIL-101, REL-101)", () => {
  const filled = (bytes: number): string =>
    `## Agent Todo\n- [ ] a\n${"验".repeat((bytes - 22 - ((bytes - 22) % 3)) / 3)}${"x".repeat((bytes - 22) % 3)}`;
  expect(codes(filled(GOAL_STATE_LARGE))).toEqual([]);
  expect(codes(filled(GOAL_STATE_LARGE + 1))).toEqual(["state_file_large"]);
  expect(goalStateOf(filled(GOAL_STATE_LIMIT)).todos).toHaveLength(1);
  const over = goalStateOf(filled(GOAL_STATE_LIMIT + 1));
  expect([over.findings.map((finding) => finding.severity), over.todos]).toEqual([["error"], []]);
});

test("20,000 todos are read, one more is too many (FIL-105)", () => {
  const many = (count: number): string => `## Agent Todo\n${"- [ ] a\n".repeat(count)}`;
  expect(codes(many(TODO_LIMIT))).toEqual([]);
  expect(codes(many(TODO_LIMIT + 1))).toEqual(["too_large"]);
});

test("a flood of findings of one kind is listed up to a limit and counted", () => {
  const state = parseGoalState(`## Agent Todo\n${"- [ ] a <!-- loopx:todo cadence=x -->\n".repeat(250)}`, {
    digest: () => "",
    file: "f",
    goal_id: "g1",
  });
  expect(state.findings).toHaveLength(101);
  expect(state.findings.at(-1)).toMatchObject({ goal_id: "g1", message: "f: 150 more findings like this one." });
});

test("the state's hash is the first 16 hex of its sha256", () => {
  expect(stateSha(goalStateOf("x"))).toBe(createHash("sha256").update("x").digest("hex").slice(0, 16));
});
