import { expect, test } from "vitest";
import { firstTodo, goalStateOf, todoContext, todoLease } from "../../testing/goal-states.ts";
import type { TodoContext, TodoEdited } from "./todo-outcome.ts";
import { updateTodo, type UpdateTodoRequest } from "./todo-update.ts";

const STAMP = "2026-11-21T10:00:00+08:00";
const agents = { registered: ["main", "side", "third"], primary: "main", handoff: null };
const team = todoContext({ agents });
const todo = (tokens = "", box = "[ ]", heading = "Agent Todo"): string =>
  `## ${heading}\n- ${box} a\n  <!-- loopx:todo todo_id=todo_abc ${tokens} -->\n`;
const live = "claimed_by=side claimed_at=2026-11-21T09:59:00%2B08:00";
const stale = "claimed_by=side claimed_at=2026-11-21T08:00:00%2B08:00";

const update = (text: string, request: Partial<UpdateTodoRequest>, context: TodoContext = team) =>
  updateTodo(goalStateOf(text), { todo_id: "todo_abc", ...request }, context);
const edited = (text: string, request: Partial<UpdateTodoRequest>, context?: TodoContext): TodoEdited => {
  const outcome = update(text, request, context);
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  return outcome;
};

test.each([
  ["blocked", "[ ]", "blocked"],
  ["deferred", "[-]", "deferred"],
  ["done", "[x]", "done"],
] as const)("status %s is written in checkbox and metadata (CMD-94, FIL-45)", (status, box, written) => {
  expect(edited(todo("status=open"), { status }).text).toMatch(
    new RegExp(`^## Agent Todo\n- ${box.replace(/[[\]]/g, "\\$&")} a\n.* status=${written} `),
  );
});

test("done notes when; reopening forgets it and keeps the rest (CMD-94)", () => {
  const done = edited(todo(), { status: "done", metadata: { evidence: "e" } });
  expect(done.todo.metadata).toMatchObject({ completed_at: STAMP, evidence: "e" });
  const open = edited(done.text, { status: "open" });
  expect(open.todo).toMatchObject({ status: "open", metadata: { evidence: "e" } });
  expect(open.todo.metadata.completed_at).toBeUndefined();
});

test("a new text replaces all wrapped lines and keeps the metadata (CMD-94)", () => {
  const text =
    "## Agent Todo\r\n- [ ] a\r\n  b <!-- loopx:todo todo_id=todo_abc -->\r\n  c\r\n  <!-- note -->\r\n\r\n  d\r\n  e\r\n- [ ] next";
  expect(edited(text, { text: "[P2] new" }).text).toBe(
    `## Agent Todo\r\n- [ ] [P2] new\r\n  <!-- loopx:todo todo_id=todo_abc status=open updated_at=2026-11-21T10:00:00%2B08:00 -->\r\n  <!-- note -->\r\n\r\n- [ ] next`,
  );
});

test("a new text of a todo without metadata, at the end of the file", () => {
  const state = goalStateOf("## Agent Todo\n- [ ] a\n  b\n  c");
  const outcome = updateTodo(state, { todo_id: firstTodo(state).todo_id, text: "new" }, team);
  expect(outcome).toMatchObject({ kind: "edited", todo: { todo_id: firstTodo(state).todo_id, text: "new" } });
  expect(outcome.kind === "edited" && outcome.text).toMatch(/^## Agent Todo\n- \[ \] new\n {2}<!-- loopx:todo .* -->$/);
});

test("what says nothing new changes nothing", () => {
  const text = todo("status=blocked note=x");
  expect(update(text, { status: "blocked", text: "a", metadata: { note: "x" } })).toMatchObject({ kind: "unchanged", state: { text } });
  expect(update(text, { clear_claim: true }).kind).toBe("unchanged");
  const bare = goalStateOf("## Agent Todo\n- [ ] a\n");
  expect(updateTodo(bare, { todo_id: firstTodo(bare).todo_id, metadata: { note: null } }, team).kind).toBe("unchanged");
});

test("a tick without its metadata is repaired by any write (FIL-45)", () => {
  expect(edited(todo("status=open", "[x]"), { metadata: { note: "n" } }).text).toContain("status=done");
});

test("metadata is set and cleared key by key (CMD-94)", () => {
  expect(edited(todo("note=x cadence=1h foo=1"), { metadata: { note: null, reason: "r" }, no_follow_up: true }).text).toContain(
    "todo_id=todo_abc status=open no_followup=true cadence=1h reason=r updated_at=2026-11-21T10:00:00%2B08:00 foo=1",
  );
});

test.each([
  ["nothing given", todo(), {}, "usage"],
  ["a bad text", todo(), { text: "" }, "invalid_value"],
  ["a bad value", todo(), { metadata: { cadence: "x" } }, "invalid_value"],
  ["an unknown todo", todo(), { todo_id: "todo_none", status: "open" }, "todo_not_found"],
  ["an unregistered caller", todo(), { agent_id: "ghost", status: "open" }, "agent_not_registered"],
  ["a class of the other role", todo(), { metadata: { task_class: "user_action" } }, "invalid_value"],
  ["a gate without its scope", todo("", "[ ]", "User Todo"), { metadata: { task_class: "user_gate" } }, "invalid_value"],
  [
    "a gate that loses its scope",
    todo("task_class=user_gate blocks_agent=side", "[ ]", "User Todo"),
    { metadata: { blocks_agent: null } },
    "invalid_value",
  ],
  ["a monitor key on other work", todo(), { metadata: { next_due_at: "2026-12-01T00:00:00Z" } }, "invalid_value"],
  ["done over another's claim", todo(live), { status: "done", agent_id: "third" }, "claim_conflict"],
  ["done by a side agent", todo(), { status: "done", agent_id: "side" }, "completion_refused"],
  [
    "done by a side agent, named by its claim",
    todo(),
    { status: "done", metadata: { claimed_by: "side", evidence: "e" } },
    "completion_refused",
  ],
  ["deferring another's todo", todo(live), { status: "deferred", agent_id: "third" }, "claim_conflict"],
  ["reopening another's todo", todo(live, "[x]"), { status: "open", agent_id: "third" }, "claim_conflict"],
  ["claiming another's todo", todo(live), { metadata: { claimed_by: "third" } }, "claim_conflict"],
  ["clearing another's claim", todo(live), { clear_claim: true, agent_id: "third" }, "claim_conflict"],
  ["clearing another's claim, named by the flag", todo(live), { clear_claim: true, metadata: { claimed_by: "third" } }, "claim_conflict"],
] as const)("an update is refused: %s (CMD-94, DEC-85)", (_, text, request, code) => {
  expect(update(text, request)).toMatchObject({ kind: "refused", code });
});

test.each([
  ["its owner", todo(live), { agent_id: "side" }],
  ["its owner, named by the flag", todo(live), { metadata: { claimed_by: "side" } }],
  ["the primary agent", todo(live), { agent_id: "main" }],
  ["a person", todo(live), {}],
  ["another, when stale", todo(stale), { agent_id: "third" }],
  ["anyone, when void", todo("claimed_by=ghost"), { agent_id: "third" }],
])("a claim is cleared by %s (CMD-94)", (_, text, request) => {
  const { metadata } = edited(text, { clear_claim: true, ...request }).todo;
  expect([metadata.claimed_by, metadata.claimed_at]).toEqual([undefined, undefined]);
});

test("a live lease of another keeps its claim from being cleared (DEC-85)", () => {
  const leased = (holder: string) =>
    update(todo(live), { clear_claim: true, agent_id: "main" }, todoContext({ agents, leases: [todoLease(holder)] }));
  expect(leased("side")).toMatchObject({ code: "lease_conflict" });
  expect(leased("main").kind).toBe("edited");
});

test("claimed_by as null clears the claim, too", () => {
  expect(edited(todo(live), { metadata: { claimed_by: null }, agent_id: "side" }).todo.metadata.claimed_by).toBeUndefined();
});

test("a claim by update gets its time; the owner's is left as it is", () => {
  expect(edited(todo(), { metadata: { claimed_by: "side" } }).todo.metadata).toMatchObject({ claimed_by: "side", claimed_at: STAMP });
  expect(update(todo(live), { metadata: { claimed_by: "side" } }).kind).toBe("unchanged");
});

test("blocking and unblocking needs no claim, and closing a closed todo no holder", () => {
  expect(update(todo(live), { status: "blocked", agent_id: "third" }).kind).toBe("edited");
  expect(update(todo(`${live} status=blocked`), { status: "open" }).kind).toBe("edited");
  expect(update(todo(live, "[x]"), { status: "deferred", agent_id: "third" }).kind).toBe("edited");
});

test("done by update notes who ended it", () => {
  expect(edited(todo(stale), { status: "done", agent_id: "main" }).todo.metadata).toMatchObject({
    claimed_by: "main",
    claim_taken_from: "side",
  });
  const completed = (text: string, request: Partial<UpdateTodoRequest>, context?: TodoContext) =>
    edited(text, { status: "done", ...request }, context).todo.metadata;
  expect(completed(todo(), { metadata: { claimed_by: "main" } })).toMatchObject({ claimed_by: "main", completed_at: STAMP });
  expect(completed(todo(stale), { metadata: { claimed_by: "main" } })).toMatchObject({ claim_taken_from: "side" });
  expect(completed(todo(live), { metadata: { claimed_by: "side" } }, todoContext())).toMatchObject({ claimed_by: "side" });
  expect(completed(todo(live), { clear_claim: true }, todoContext()).claimed_by).toBeUndefined();
});

test("deferred becomes done only as complete judges it", () => {
  expect(update(todo(live, "[-]"), { status: "done", agent_id: "third" })).toMatchObject({ code: "claim_conflict" });
  expect(edited(todo("", "[-]"), { status: "open" }).todo.status).toBe("open");
});

test("a class given in capitals is read; clearing one falls back to the role's (FIL-44)", () => {
  expect(edited(todo(), { metadata: { task_class: "Blocker", note: undefined } }).todo.task_class).toBe("blocker");
  expect(edited(todo("task_class=blocker"), { metadata: { task_class: null } }).todo.task_class).toBe("advancement_task");
  expect(
    edited(todo("task_class=user_gate global_gate=true", "[ ]", "User Todo"), { metadata: { task_class: null } }).todo.task_class,
  ).toBeNull();
});

test("a global_gate that says false gives a gate no scope (CMD-91)", () => {
  expect(update(todo("global_gate=false", "[ ]", "User Todo"), { metadata: { task_class: "user_gate" } })).toMatchObject({
    code: "invalid_value",
  });
});
