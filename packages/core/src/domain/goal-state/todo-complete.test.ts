import { expect, test } from "vitest";
import { firstTodo, goalStateOf, stateDigest, todoContext, todoLease } from "../../testing/goal-states.ts";
import { parseGoalState } from "./parse.ts";
import { completeTodo, type CompleteTodoRequest } from "./todo-complete.ts";
import type { TodoContext, TodoEdited } from "./todo-outcome.ts";
import { supersedeTodo } from "./todo-supersede.ts";

const STAMP = "2026-11-21T10:00:00+08:00";
const agents = { registered: ["main", "side", "third"], primary: "main", handoff: null };
const team = todoContext({ agents });
const todo = (tokens = "", box = "[ ]", heading = "Agent Todo"): string =>
  `## ${heading}\n- ${box} [P1-high] a\n  <!-- loopx:todo todo_id=todo_abc foo=bar%20x ${tokens} -->\n`;
const live = "claimed_by=side claimed_at=2026-11-21T09:59:00%2B08:00";
const stale = "claimed_by=side claimed_at=2026-11-21T08:00:00%2B08:00";

const complete = (text: string, request: Partial<CompleteTodoRequest> = {}, context: TodoContext = todoContext()) =>
  completeTodo(goalStateOf(text), { todo_id: "todo_abc", ...request }, context);
const edited = (text: string, request: Partial<CompleteTodoRequest> = {}, context?: TodoContext): TodoEdited => {
  const outcome = complete(text, request, context);
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  return outcome;
};

test("done is written in checkbox and metadata; unknown tokens keep their place (CMD-95, FIL-45)", () => {
  const outcome = edited(todo("status=open"), { evidence: "all green", no_follow_up: true });
  expect(outcome.text).toBe(
    "## Agent Todo\n- [x] [P1-high] a\n  <!-- loopx:todo todo_id=todo_abc foo=bar%20x status=done no_followup=true evidence=all%20green completed_at=2026-11-21T10:00:00%2B08:00 updated_at=2026-11-21T10:00:00%2B08:00 -->\n",
  );
});

test("the first write to a todo without id writes its id down (FIL-46)", () => {
  const state = goalStateOf("## Agent Todo\n  - [ ] a\n    b\n\n- [ ] c\n");
  const first = firstTodo(state);
  const outcome = completeTodo(state, { todo_id: first.todo_id }, todoContext());
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  expect(outcome.todo).toMatchObject({ todo_id: first.todo_id, explicit_id: true, status: "done", text: "a b" });
  expect(outcome.text).toMatch(
    /^## Agent Todo\n {2}- \[x\] a\n {4}b\n {4}<!-- loopx:todo todo_id=todo_[0-9a-f]{12} status=done .* -->\n\n- \[ \] c\n$/,
  );
});

test("of two todos with one id each can be completed (FIL-47)", () => {
  let state = goalStateOf(
    "## Agent Todo\n- [ ] a\n  <!-- loopx:todo todo_id=todo_a1b -->\n- [ ] b\n  <!-- loopx:todo todo_id=todo_a1b -->\n",
  );
  for (const { todo_id } of state.todos) {
    const outcome = completeTodo(state, { todo_id }, todoContext());
    if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
    state = outcome.state;
  }
  expect(state.todos.map((row) => [row.status, row.explicit_id])).toEqual([
    ["done", true],
    ["done", true],
  ]);
  expect(new Set(state.todos.map((row) => row.todo_id)).size).toBe(2);
  expect(state.findings).toEqual([]);
});

test("no stale status stays in a second metadata line", () => {
  const outcome = edited(
    "## Agent Todo\n- [ ] a\n  <!-- loopx:todo todo_id=todo_abc status=open -->\n  <!-- loopx:todo status=blocked note=x -->\n",
  );
  expect(outcome.text.match(/status=\w+/g)).toEqual(["status=done"]);
});

test("completing again changes nothing (CMD-95)", () => {
  const first = edited(todo(), { next_agent_todo: "more" });
  expect(complete(first.text, { evidence: "again", next_agent_todo: "more" })).toMatchObject({
    kind: "unchanged",
    todo: { status: "done" },
    state: { text: first.text },
  });
  expect(complete(todo(live, "[x]"), { claimed_by: "third" }, team).kind).toBe("unchanged");
});

test("a person's tick counts, and the next completion repairs the metadata (FIL-45)", () => {
  expect(edited(todo("status=open", "[X]")).text).toContain("[X] [P1-high] a\n  <!-- loopx:todo todo_id=todo_abc foo=bar%20x status=done");
});

test.each([
  ["another live agent", todo(live), { claimed_by: "third" }, "claim_conflict"],
  ["the primary agent, on a side agent's claim", todo(live), { agent_id: "main" }, "claim_conflict"],
  ["nobody named, on a side agent's claim", todo(live), {}, "claim_conflict"],
  ["a claim of unknown age", todo("claimed_by=side"), { claimed_by: "main" }, "claim_conflict"],
  ["an unregistered agent", todo(), { claimed_by: "ghost" }, "agent_not_registered"],
  ["an unknown todo", todo(), { todo_id: "todo_none" }, "todo_not_found"],
  ["bad evidence", todo(), { evidence: "a\nb" }, "invalid_value"],
  ["a next todo and no follow-up", todo(), { next_agent_todo: "x", no_follow_up: true }, "conflicting_flags"],
  ["a class for no next todo", todo(), { next_task_class: "blocker" }, "usage"],
  ["an agent for no next todo", todo(), { next_claimed_by: "main" }, "usage"],
  ["a bad next todo", todo(), { next_agent_todo: "[P1]" }, "invalid_value"],
  ["a bad next class", todo(), { next_agent_todo: "x", next_task_class: "nonsense" }, "invalid_value"],
  ["a user action for an agent", todo(), { next_agent_todo: "x", next_task_class: "user_action" }, "invalid_value"],
  ["a next gate that names nobody", todo(), { next_user_todo: "x", next_task_class: "user_gate" }, "invalid_value"],
] as const)("a completion is refused: %s (CMD-95, DEC-85)", (_, text, request, code) => {
  expect(complete(text, request, team)).toMatchObject({ kind: "refused", code });
});

test.each([
  ["another's", "main", { claimed_by: "side" }, true],
  ["its own", "side", { claimed_by: "side", side_agent_self_merged: true, evidence: "x" }, false],
  ["the primary's, nobody named", "main", {}, false],
  ["a side agent's, nobody named", "side", {}, true],
])("a live lease: %s (CMD-95)", (_, holder, request, refused) => {
  const outcome = complete(todo(), request, todoContext({ agents, leases: [todoLease(holder)] }));
  expect(outcome.kind === "refused" && outcome.code === "lease_conflict").toBe(refused);
});

test("whoever holds the live lease completes the todo, also over another's live claim, which is recorded (DEC-85)", () => {
  const leased = todoContext({ agents, leases: [todoLease("main")] });
  expect(edited(todo(live), { claimed_by: "main" }, leased).todo.metadata).toMatchObject({ claimed_by: "main", claim_taken_from: "side" });
  expect(complete(todo(live), { claimed_by: "main" }, team)).toMatchObject({ code: "claim_conflict" });
});

test("a review is a todo of its own, even where another one is worded alike (CMD-95)", () => {
  const review =
    "- [ ] [P1-high] Review it\n  <!-- loopx:todo todo_id=todo_rev claimed_by=side blocks_agent=third unblocks_todo_id=todo_x -->\n";
  const outcome = edited(`${todo(live)}${review}`, { claimed_by: "side", next_agent_todo: "Review it" }, team);
  expect(outcome.successors).toMatchObject([
    { todo_id: "todo_new000001", metadata: { claimed_by: "main", blocks_agent: "side", unblocks_todo_id: "todo_abc" } },
  ]);
  expect(outcome.text).toContain(review);
});

test("a lease that outlives its todo is warned of", () => {
  const leased = todoContext({ agents, leases: [todoLease("main")] });
  expect(edited(todo(), { claimed_by: "main" }, leased).warnings).toEqual([
    { kind: "lease_left", todo_id: "todo_abc", holder: "main", token: 1, expires_at: "2026-11-21T10:30:00.000+08:00" },
  ]);
  expect(edited(todo(), { claimed_by: "main" }, team).warnings).toEqual([]);
});

test("an archived todo is not found, and said to be archived", () => {
  expect(complete("## Work Archive\n- [x] a <!-- loopx:todo todo_id=todo_abc -->\n")).toMatchObject({
    code: "todo_not_found",
    details: { archived: true },
  });
});

test("a stale claim stops nobody, and the takeover is recorded (DEC-85)", () => {
  expect(edited(todo(stale), { claimed_by: "main" }, team).todo.metadata).toMatchObject({
    claimed_by: "main",
    claim_taken_from: "side",
    claim_taken_at: STAMP,
  });
  expect(edited(todo(stale), {}, team).todo.metadata).toMatchObject({ claimed_by: "side" });
  expect(edited(todo("claimed_by=ghost"), { claimed_by: "main" }, team).todo.metadata).toMatchObject({ claim_taken_from: "ghost" });
  expect(edited(todo(), { claimed_by: "main" }, team).todo.metadata).toMatchObject({ claimed_by: "main" });
});

test("without registered agents a nameless completion passes; another label does not", () => {
  expect(complete(todo(live)).kind).toBe("edited");
  expect(complete(todo(live), { claimed_by: "other" })).toMatchObject({ code: "claim_conflict" });
});

test("a successor is added in the same edit, and inherits priority and claim (CMD-95)", () => {
  const outcome = edited(todo("claimed_by=main"), { next_agent_todo: "go on", next_action_kind: "write" }, team);
  expect(outcome.successors).toMatchObject([
    { text: "[P1-high] go on", task_class: "advancement_task", metadata: { claimed_by: "main", claimed_at: STAMP, action_kind: "write" } },
  ]);
  expect(outcome.todo.status).toBe("done");
  expect(outcome.state.todos.map((row) => row.status)).toEqual(["done", "open"]);
});

test("a successor's own priority, class and agent win", () => {
  const outcome = edited(
    todo("claimed_by=main"),
    { next_agent_todo: "[P3] go on", next_task_class: "blocker", next_claimed_by: "side" },
    team,
  );
  expect(outcome.successors).toMatchObject([{ priority: "P3", task_class: "blocker", metadata: { claimed_by: "side" } }]);
});

test("an agent and a user todo can follow together; the details are the agent todo's", () => {
  const outcome = edited("# x\n## Agent Todo\n- [ ] a", {
    todo_id: firstTodo(goalStateOf("# x\n## Agent Todo\n- [ ] a")).todo_id,
    next_agent_todo: "b",
    next_user_todo: "c",
    next_task_class: "blocker",
  });
  expect(outcome.successors.map((row) => [row.role, row.text, row.task_class])).toEqual([
    ["agent", "b", "blocker"],
    ["user", "c", null],
  ]);
  expect(outcome.text).toMatch(/^# x\n\n## User Todo\n\n- \[ \] c\n.*\n\n## Agent Todo\n- \[x\] a\n.*\n- \[ \] b\n {2}<!--.*-->$/);
});

test("a user gate that follows an agent's work stops that agent alone", () => {
  const outcome = edited(todo(), { claimed_by: "main", next_user_todo: "decide", next_task_class: "user_gate" }, team);
  expect(outcome.successors).toMatchObject([{ role: "user", task_class: "user_gate", metadata: { blocks_agent: "main" } }]);
});

test("a successor that exists already is merged, and its holder keeps it (FIL-48)", () => {
  const text = `${todo("claimed_by=main")}- [ ] [P1-high] go on\n  <!-- loopx:todo todo_id=todo_old ${live} -->\n- [ ] [P1-high] free\n`;
  const held = edited(text, { next_agent_todo: "go on", next_task_class: "blocker" }, team);
  expect(held.successors).toMatchObject([{ todo_id: "todo_old", task_class: "blocker", metadata: { claimed_by: "side" } }]);
  expect(edited(text, { next_agent_todo: "free" }, team).successors).toMatchObject([
    { line: expect.any(Number), metadata: { claimed_by: "main", claimed_at: STAMP } },
  ]);
  expect(complete(text, { next_agent_todo: "go on", next_task_class: "user_action" }, team)).toMatchObject({ code: "invalid_value" });
  expect(edited(text, { next_agent_todo: "go on" }, team).successors).toHaveLength(1);
});

test("a todo may be followed by one that says the same", () => {
  expect(edited(todo(), { next_agent_todo: "a" }).successors).toMatchObject([{ text: "[P1-high] a", status: "open" }]);
});

test.each([
  ["nothing", {}, "completion_refused"],
  ["a user todo only", { next_user_todo: "x" }, "completion_refused"],
  ["a self-merge without evidence", { side_agent_self_merged: true }, "completion_refused"],
  ["a self-merge with empty evidence", { side_agent_self_merged: true, evidence: "  " }, "completion_refused"],
  ["evidence without a self-merge", { evidence: "x" }, "completion_refused"],
  ["a review by itself", { next_agent_todo: "review", next_claimed_by: "side" }, "completion_refused"],
  ["a review by another side agent", { next_agent_todo: "review", next_claimed_by: "third" }, "completion_refused"],
  ["a review by a stranger", { next_agent_todo: "review", next_claimed_by: "ghost" }, "agent_not_registered"],
])("a side agent completes not with %s (CMD-95)", (_, request, code) => {
  expect(complete(todo(), { claimed_by: "side", ...request }, team)).toMatchObject({ kind: "refused", code });
});

test("a side agent hands its work to the primary agent, or to the handoff agent, for review (CMD-95)", () => {
  const outcome = edited(todo(live), { claimed_by: "side", next_agent_todo: "review a" }, team);
  expect(outcome.successors).toMatchObject([
    { text: "[P1-high] review a", metadata: { claimed_by: "main", blocks_agent: "side", unblocks_todo_id: "todo_abc" } },
  ]);
  const handed = (claimed_by: string, more: Partial<CompleteTodoRequest> = {}) =>
    edited(todo(), { claimed_by, next_agent_todo: "review a", ...more }, todoContext({ agents: { ...agents, handoff: "third" } }))
      .successors[0]?.metadata.claimed_by;
  expect([handed("side"), handed("side", { next_claimed_by: "main" }), handed("third")]).toEqual(["third", "main", "main"]);
  const gone = todoContext({ agents: { ...agents, handoff: "ghost" } });
  expect(edited(todo(), { claimed_by: "side", next_agent_todo: "review a" }, gone).successors[0]?.metadata.claimed_by).toBe("main");
});

test("without a primary agent every agent is a side agent, and names its reviewer (DEC-12)", () => {
  const context = todoContext({ agents: { registered: ["side", "third"], primary: null, handoff: null } });
  expect(complete(todo(), { claimed_by: "side", next_agent_todo: "review" }, context)).toMatchObject({ code: "completion_refused" });
  expect(edited(todo(), { claimed_by: "side", next_agent_todo: "review", next_claimed_by: "third" }, context).successors).toHaveLength(1);
});

test.each([
  ["its own merge with evidence", todo(), { claimed_by: "side", side_agent_self_merged: true, evidence: "merged" }],
  ["a user todo", todo("task_class=user_action", "[ ]", "User Todo"), { claimed_by: "side" }],
])("a side agent completes %s (CMD-95)", (_, text, request) => {
  expect(complete(text, request, team).kind).toBe("edited");
});

test("a superseded todo is done, and names what takes its place (CMD-96)", () => {
  const state = goalStateOf(todo());
  const outcome = supersedeTodo(
    state,
    { todo_id: "todo_abc", reason: "better plan", next_agent_todo: "new plan", evidence: "e" },
    todoContext(),
  );
  expect(outcome).toMatchObject({
    kind: "edited",
    todo: { status: "done", metadata: { note: "superseded", reason: "better plan", superseded_by: "todo_new000001", evidence: "e" } },
    successors: [{ text: "[P1-high] new plan" }],
  });
  const bare = supersedeTodo(state, { todo_id: "todo_abc", reason: "gone", no_follow_up: true }, todoContext());
  expect(bare).toMatchObject({ kind: "edited", todo: { metadata: { note: "superseded", no_followup: true } }, successors: [] });
  expect(bare.kind === "edited" && "superseded_by" in bare.todo.metadata).toBe(false);
});

test.each([
  ["no reason", todo(), { reason: " " }, "usage"],
  ["a bad reason", todo(), { reason: "a\nb" }, "invalid_value"],
  ["another's live claim", todo(live), { reason: "r" }, "claim_conflict"],
])("superseding is refused: %s (CMD-96)", (_, text, request, code) => {
  expect(supersedeTodo(goalStateOf(text), { todo_id: "todo_abc", ...request }, team)).toMatchObject({ kind: "refused", code });
});

test("superseding a done todo changes nothing", () => {
  expect(supersedeTodo(goalStateOf(todo("", "[x]")), { todo_id: "todo_abc", reason: "r" }, team).kind).toBe("unchanged");
});

test("note and reason of a completion are written", () => {
  expect(edited(todo(), { note: "n", reason: "r" }).todo.metadata).toMatchObject({ note: "n", reason: "r" });
});

test("a completion that would make the file too large, or finds no id, is refused whole", () => {
  const full = `${todo()}${"x".repeat(4 * 1024 * 1024 - 150)}`;
  expect(complete(full, { evidence: "e".repeat(200) })).toMatchObject({ kind: "refused", code: "too_large" });
  expect(complete(todo(), { next_agent_todo: "b" }, todoContext({ newTodoId: () => "todo_abc" }))).toMatchObject({
    kind: "refused",
    code: "internal",
  });
});

test("the state after an edit is the same goal's", () => {
  const state = parseGoalState(todo(), { digest: stateDigest, file: "f", goal_id: "g1" });
  expect(completeTodo(state, { todo_id: "todo_abc" }, todoContext())).toMatchObject({
    kind: "edited",
    state: { file: "f", goal_id: "g1" },
  });
});
