import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { GOAL_STATE_LIMIT, TODO_LIMIT } from "./document.ts";
import { addTodo, type AddTodoRequest } from "./todo-add.ts";
import type { TodoContext, TodoEdited } from "./todo-outcome.ts";

const STAMP = "updated_at=2026-11-21T10:00:00%2B08:00";
const two = todoContext({ agents: { registered: ["main", "side"], primary: "main", handoff: null } });

const add = (text: string, request: Partial<AddTodoRequest> = {}, context: TodoContext = todoContext()) =>
  addTodo(goalStateOf(text), { role: "agent", text: "[P1] Do it", ...request }, context);
const edited = (text: string, request: Partial<AddTodoRequest> = {}, context?: TodoContext): TodoEdited => {
  const outcome = add(text, request, context);
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  return outcome;
};
const lines = (status = "open"): string =>
  `- [ ] [P1] Do it\n  <!-- loopx:todo todo_id=todo_new000001 status=${status} task_class=advancement_task ${STAMP} -->`;

test("a new todo goes to the end of the first section, class and time written down (FIL-35, CMD-91)", () => {
  const text = "---\nupdated_at: 2026-01-01T00:00:00Z\n---\n## Agent Todo\n\n- [ ] first\n\n## Codex Todo\n- [ ] x\n";
  const outcome = edited(text);
  expect(outcome.text).toBe(
    `---\nupdated_at: 2026-11-21T10:00:00+08:00\n---\n## Agent Todo\n\n- [ ] first\n${lines()}\n\n## Codex Todo\n- [ ] x\n`,
  );
  expect(outcome).toMatchObject({
    added: true,
    changed: true,
    updated_at: "2026-11-21T10:00:00+08:00",
    todo: { todo_id: "todo_new000001", priority: "P1", section: "Agent Todo" },
  });
});

test.each([
  ["an empty section", "## Agent Todo\n\n## Next Action\n", `## Agent Todo\n\n${lines()}\n\n## Next Action\n`],
  ["a bare heading at the end", "## Agent Todo", `## Agent Todo\n\n${lines()}`],
  ["CRLF and no last newline", "## Agent Todo\r\n- [ ] a", `## Agent Todo\r\n- [ ] a\r\n${lines().replace("\n", "\r\n")}`],
  ["before Next Action", "# x\n\n## Next Action\n- a\n", `# x\n\n## Agent Todo\n\n${lines()}\n\n## Next Action\n- a\n`],
  ["the end of the file", "# x\n\n\n", `# x\n\n## Agent Todo\n\n${lines()}\n\n\n`],
  ["an empty file", "", `## Agent Todo\n\n${lines()}\n`],
  ["before a fence that nothing closes", "## Agent Todo\n- [ ] a\n```\nx\n", `## Agent Todo\n- [ ] a\n${lines()}\n\`\`\`\nx\n`],
])("a new agent todo finds its place: %s (FIL-36)", (_, before, after) => {
  expect(edited(before).text).toBe(after);
});

test.each([
  ["## Agent Todo\n- [ ] a\n## Next Action\n", "## User Todo\n\nLINES\n\n## Agent Todo\n- [ ] a\n## Next Action\n"],
  ["## Next Action\n", "## User Todo\n\nLINES\n\n## Next Action\n"],
  ["# x\n", "# x\n\n## User Todo\n\nLINES\n"],
])("a new user todo stands before the agent's, else before Next Action, else last (FIL-36)", (before, after) => {
  const outcome = edited(before, { role: "user" });
  expect(outcome.text).toBe(after.replace("LINES", `- [ ] [P1] Do it\n  <!-- loopx:todo todo_id=todo_new000001 status=open ${STAMP} -->`));
  expect(outcome.todo.task_class).toBeNull();
});

test("an id that stands anywhere in the file is not given out again (FIL-46)", () => {
  expect(edited("## Agent Todo\n## Completed Work Archive\n- [x] a <!-- loopx:todo todo_id=todo_new000001 -->\n").todo.todo_id).toBe(
    "todo_new000002",
  );
  expect(add("todo_same", {}, todoContext({ newTodoId: () => "todo_same" }))).toMatchObject({ kind: "refused", code: "internal" });
});

test.each([
  ["", "at least one character"],
  ["a\nb", "one line, without line breaks"],
  ["a <!-- b", "a text without `<!--`"],
  ["[P1]  ", "words behind its priority"],
  ["x".repeat(4001), "at most 4000 characters"],
])("the text %.20j is refused (FIL-48)", (text, expected) => {
  expect(add("", { text })).toMatchObject({ kind: "refused", code: "invalid_value", details: { key: "text", expected } });
});

test("4,000 characters are a text, and white space is collapsed (FIL-48)", () => {
  expect(edited("", { text: "验".repeat(4000) }).todo.text).toHaveLength(4000);
  expect(edited("", { text: "  a \t b " }).todo.text).toBe("a b");
});

test.each([
  ["open", "- [ ]", ""],
  ["blocked", "- [ ]", " status=blocked"],
])("an add of an %s todo's text merges the metadata (FIL-48)", (status, box, token) => {
  const outcome = edited(`## Agent Todo\n${box} [P1]  Do\n  it\n  <!-- loopx:todo todo_id=todo_old${token} foo=1 -->\n`, {
    metadata: { note: "more", action_kind: "write" },
  });
  expect(outcome).toMatchObject({
    already_exists: true,
    added: false,
    metadata_updated: true,
    todo: { todo_id: "todo_old", status, metadata: { note: "more", action_kind: "write" } },
  });
  expect(outcome.text).toContain("foo=1");
  expect(outcome.state.todos).toHaveLength(1);
});

test("an add that says nothing new changes nothing (FIL-48)", () => {
  const text = "---\nupdated_at: 2026-01-01T00:00:00Z\n---\n## Agent Todo\n- [ ] [P1] Do it\n";
  expect(add(text)).toMatchObject({ kind: "unchanged", already_exists: true, state: { text } });
});

test.each(["- [x] [P1] Do it", "- [-] [P1] Do it", "- [ ] [P1] do it", "- [ ] [P2] Do it"])(
  "%s is left alone, and a new todo is added (FIL-48)",
  (line) => {
    expect(edited(`## Agent Todo\n${line}\n`)).toMatchObject({ added: true, already_exists: false });
  },
);

test("the same text of the other role is another todo (FIL-48)", () => {
  expect(edited("## User Todo\n- [ ] [P1] Do it\n").added).toBe(true);
});

test("every kind of metadata is written in its stored form (FIL-42)", () => {
  const metadata = {
    task_class: "continuous_monitor",
    required_write_scopes: ["src/**", "src/**", "a.md"],
    required_capabilities: "net,shell",
    claimed_by: "Codex Main",
    global_gate: false,
    cadence: "15m",
    next_due_at: "2026-12-01T00:00:00Z",
    target_key: "ci main",
    consecutive_no_change: 0,
    note: "a -->  b",
    evidence: null,
    target_capabilities: [],
  } as const;
  const outcome = edited("", { metadata });
  expect(outcome.todo).toMatchObject({
    task_class: "continuous_monitor",
    metadata: {
      required_write_scopes: ["src/**", "a.md"],
      required_capabilities: ["net", "shell"],
      claimed_by: "codex-main",
      claimed_at: "2026-11-21T10:00:00+08:00",
      global_gate: false,
      cadence: "15m",
      next_due_at: "2026-12-01T00:00:00Z",
      target_key: "ci main",
      consecutive_no_change: 0,
      note: "a --> b",
    },
  });
  expect(outcome.state.findings).toEqual([]);
});

test.each([
  [{ action_kind: "No Kind" }, "action_kind"],
  [{ required_write_scopes: ["src", "/etc"] }, "required_write_scopes"],
  [{ required_write_scopes: "../x" }, "required_write_scopes"],
  [{ note: ["a"] }, "note"],
  [{ note: "a\nb" }, "note"],
  [{ note: "a <!-- b" }, "note"],
  [{ target_key: "x".repeat(201) }, "target_key"],
  [{ cadence: "often" }, "cadence"],
  [{ next_due_at: "tomorrow" }, "next_due_at"],
  [{ task_class: "nonsense" }, "task_class"],
  [{ claimed_by: "9" }, "claimed_by"],
  [{ blocks_agent: "" }, "blocks_agent"],
  [{ unblocks_todo_id: "x" }, "unblocks_todo_id"],
  [{ required_capabilities: Array.from({ length: 65 }, (_, at) => `c${at}`) }, "required_capabilities"],
  [{ consecutive_no_change: -1 }, "consecutive_no_change"],
])("%.60j is refused, with its key and what would be right (FIL-43)", (metadata, key) => {
  expect(add("", { metadata })).toMatchObject({ kind: "refused", code: "invalid_value", details: { key, expected: expect.any(String) } });
});

test.each([
  ["a monitor flag without the class", { metadata: { cadence: "1h" } }, "invalid_value"],
  ["a monitor flag on a user todo", { role: "user", metadata: { cadence: "1h", task_class: "continuous_monitor" } }, "invalid_value"],
  ["a monitor of the user", { role: "user", metadata: { task_class: "continuous_monitor" } }, "invalid_value"],
  ["a user_action of an agent", { metadata: { task_class: "user_action" } }, "invalid_value"],
  ["a gate without a scope", { role: "user", metadata: { task_class: "user_gate" } }, "invalid_value"],
  ["a gate with global_gate=false", { role: "user", metadata: { task_class: "user_gate", global_gate: false } }, "invalid_value"],
  [
    "a gate with both scopes",
    { role: "user", metadata: { task_class: "user_gate", blocks_agent: "side", global_gate: true } },
    "conflicting_flags",
  ],
  ["an unregistered agent", { metadata: { claimed_by: "ghost" } }, "agent_not_registered"],
  [
    "a gate for an unregistered agent",
    { role: "user", metadata: { task_class: "user_gate", blocks_agent: "ghost" } },
    "agent_not_registered",
  ],
] as const)("with two agents %s is refused (CMD-90, CMD-91)", (_, request, code) => {
  expect(add("", request, two)).toMatchObject({ kind: "refused", code });
});

test.each([
  { role: "user", metadata: { task_class: "user_gate", blocks_agent: "side" } },
  { role: "user", metadata: { task_class: "user_gate", global_gate: true } },
  { role: "user", metadata: { task_class: "user_action" } },
  { role: "user" },
  { metadata: { task_class: "continuous_monitor", cadence: "1h", target_key: "x", expires_at: "2027-01-01T00:00:00Z" } },
] as const)("with two agents %j is added (CMD-91)", (request) => {
  expect(add("", request, two).kind).toBe("edited");
});

test("a merge that claims another's todo is a claim conflict; one by its holder is none", () => {
  const text =
    "## Agent Todo\n- [ ] [P1] Do it\n  <!-- loopx:todo todo_id=todo_old claimed_by=main claimed_at=2026-11-21T09:55:00%2B08:00 -->\n";
  expect(add(text, { metadata: { claimed_by: "side" } }, two)).toMatchObject({ kind: "refused", code: "claim_conflict" });
  expect(add(text, { metadata: { claimed_by: "main" } }, two).kind).toBe("unchanged");
  expect(add(text, { metadata: { cadence: "1h" } }, two)).toMatchObject({ kind: "refused", code: "invalid_value" });
});

test.each([
  ["a cadence alone begins now", { cadence: "6h" }, "2026-11-21T10:00:00+08:00", 0],
  ["a given time stands", { cadence: "6h", next_due_at: "2027-01-01T00:00:00Z" }, "2027-01-01T00:00:00Z", 0],
  ["without either it is never due, and said so", {}, undefined, 1],
])("a new monitor: %s (CMD-91, DEC-10)", (_, metadata, due, warnings) => {
  const outcome = edited("", { metadata: { task_class: "continuous_monitor", ...metadata } });
  expect([outcome.todo.metadata.next_due_at, outcome.warnings.length]).toEqual([due, warnings]);
});

test("a file that would be over a limit is refused, not cut (FIL-101, FIL-105)", () => {
  expect(add(`## Agent Todo\n${"x".repeat(GOAL_STATE_LIMIT - 20)}`)).toMatchObject({
    kind: "refused",
    code: "too_large",
    details: { limit: GOAL_STATE_LIMIT },
  });
  expect(add(`## Agent Todo\n${"- [ ] a\n".repeat(TODO_LIMIT)}`)).toMatchObject({
    kind: "refused",
    code: "too_large",
    details: { limit: TODO_LIMIT },
  });
});
