import fc from "fast-check";
import { expect, test } from "vitest";
import { goalStateOf, momentAt, todoContext } from "../../testing/goal-states.ts";
import type { GoalState } from "./document.ts";
import { applyEdits, insertSection } from "./edit.ts";
import { addLedgerEntry } from "./ledger.ts";
import { setNextAction } from "./next-action-edit.ts";
import { spanOf } from "./parse.ts";
import { addTodo } from "./todo-add.ts";
import { archiveCompleted } from "./todo-archive.ts";
import { claimTodo } from "./todo-claim.ts";
import { completeTodo } from "./todo-complete.ts";
import type { TodoContext } from "./todo-outcome.ts";
import { supersedeTodo } from "./todo-supersede.ts";
import { updateTodo } from "./todo-update.ts";

const PIECES = [
  "---",
  "--- ",
  "---js",
  "updated_at: 2026-01-01T00:00:00Z",
  "updated_at: 2099-01-01T00:00:00Z",
  "## Agent Todo",
  "## User Todo",
  "## Codex Todo",
  "## Next Action",
  "## Progress Ledger",
  "## Completed Work Archive",
  "## Notes",
  "### Sub",
  "- [ ] a",
  "- [ ] [P1] b",
  "* [x] c",
  "  - [-] d",
  "- [ ] ",
  "- plain",
  "  wrapped",
  "\ttabbed",
  "plain",
  "",
  "  ",
  "```",
  "~~~",
  "  ```",
  "<!--",
  "-->",
  "<!-- note -->",
  "  <!-- loopx:todo todo_id=todo_one status=open foo=1 -->",
  "  <!-- loopx:todo todo_id=todo_two status=done completed_at=2026-01-01T00:00:00Z -->",
  "<!-- loopx: note=x claimed_by=a -->",
  "- [x] e <!-- loopx:todo todo_id=todo_three status=open -->",
  "  tail <!-- loopx:todo note=y -->",
  "- [ ] u\u2028v \u0085w",
  "\ufeff## Agent Todo",
  "  <!-- loopx:todo task_class=nonsense required_capability=q -->",
];
const document = fc
  .tuple(
    fc.constantFrom("", "\ufeff", "---\nstatus: active\nupdated_at: 2026-01-01T00:00:00Z\n---\n"),
    fc.array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 24 }),
    fc.boolean(),
  )
  .map(([head, lines, ended]) => head + lines.map(([line, ending], at) => line + (ended || at + 1 < lines.length ? ending : "")).join(""));

test("reading never throws, whatever the text is", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), document), (text) => {
      const state = goalStateOf(text);
      expect(state.text).toBe(text);
      for (const todo of state.todos)
        expect([todo.todo_id, spanOf(state, todo).line + 1]).toEqual([expect.stringMatching(/^todo_[a-z0-9_-]{3,64}$/), todo.line]);
      expect(new Set(state.todos.map((todo) => todo.todo_id)).size).toBe(state.todos.length);
    }),
  );
});

test("todos read at once and todos read line by line are the same", () => {
  // CRLF never matches the expression for usual todos, so that the second reading takes the long way.
  const token = fc.constantFrom(
    "task_class=blocker",
    "action_kind=write",
    "claimed_by=a.b",
    "completed_at=2026-02-28T00:00:00%2B08:00",
    "updated_at=2026-11-21T01:08:04%2B08:00",
    "updated_at=2026-02-30T01:08:04%2B08:00",
    "claimed_at=2026-11-21T01:08:04-03:00",
    "note=x",
    "claimed_by=A",
  );
  const usual = fc
    .tuple(
      fc.constantFrom(" ", "x", "-"),
      fc.constantFrom("a", "[P1] b  c", "验收 d", "e --> f", "g <!-- loopx:todo note=z -->"),
      fc.constantFrom("todo_aaa", "todo_bbb", "todo_Ccc"),
      fc.constantFrom("open", "done", "blocked"),
      fc.uniqueArray(token, { maxLength: 3 }),
      fc.constantFrom("", "\n", "\n  more", "\n\n  late", "\n<!-- loopx: note=low -->", "\n## Agent Todo", "\n```"),
    )
    .map(
      ([box, text, id, status, tokens, tail]) =>
        `- [${box}] ${text}\n  <!-- loopx:todo todo_id=${id} status=${status} ${tokens.map((one) => `${one} `).join("")}-->${tail}\n`,
    );
  fc.assert(
    fc.property(fc.array(usual, { maxLength: 6 }), (blocks) => {
      const text = `## Agent Todo\n${blocks.join("")}`;
      const [short, long] = [goalStateOf(text), goalStateOf(text.replaceAll("\n", "\r\n"))];
      const seen = (state: GoalState): unknown => ({
        todos: state.todos.map((todo) => ({ ...todo })),
        findings: state.findings,
        ids: [...state.by_id],
      });
      expect(seen(short)).toEqual(seen(long));
    }),
    { numRuns: 1_000 },
  );
});

interface Step {
  readonly name: string;
  readonly run: (
    state: GoalState,
    pick: number,
    context: TodoContext,
  ) => { kind: string; state?: GoalState; edits?: readonly { start: number; end: number; replacement: string }[] };
}
const idAt = (state: GoalState, pick: number): string => state.todos[pick % Math.max(1, state.todos.length)]?.todo_id ?? "todo_none";
const STEPS: readonly Step[] = [
  {
    name: "add",
    run: (state, pick, context) =>
      addTodo(state, { role: pick % 2 === 0 ? "agent" : "user", text: `new ${pick}`, metadata: { note: "n" } }, context),
  },
  { name: "complete", run: (state, pick, context) => completeTodo(state, { todo_id: idAt(state, pick), evidence: "e" }, context) },
  {
    name: "complete and go on",
    run: (state, pick, context) =>
      completeTodo(state, { todo_id: idAt(state, pick), next_agent_todo: `next ${pick}`, next_user_todo: `ask ${pick}` }, context),
  },
  { name: "claim", run: (state, pick, context) => claimTodo(state, { todo_id: idAt(state, pick), claimed_by: "a" }, context) },
  {
    name: "update",
    run: (state, pick, context) =>
      updateTodo(
        state,
        { todo_id: idAt(state, pick), status: "blocked", text: `text ${pick}`, metadata: { required_capabilities: ["x"] } },
        context,
      ),
  },
  {
    name: "supersede",
    run: (state, pick, context) =>
      supersedeTodo(state, { todo_id: idAt(state, pick), reason: "r", next_agent_todo: `instead ${pick}` }, context),
  },
  { name: "archive", run: (state, pick, context) => archiveCompleted(state, { role: "agent", max_active_done: pick % 3 }, context) },
  { name: "next action", run: (state, pick, context) => setNextAction(state, `step ${pick}`, context) },
  {
    name: "ledger",
    run: (state, pick, context) => addLedgerEntry(state, { recorded_at: `t${pick}`, summary: "s", history_command: "h" }, context),
  },
];
const script = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(20)), { minLength: 1, maxLength: 6 });
const context = (): TodoContext => todoContext({ now: momentAt("2026-11-21T10:00:00+08:00") });

test("text outside the edits is identical after every verb, on any document (FIL-30, REL-70, REL-71)", () => {
  fc.assert(
    fc.property(document, script, (text, steps) => {
      let state = goalStateOf(text);
      const now = context();
      for (const [step, pick] of steps) {
        const outcome = step.run(state, pick, now);
        if (outcome.kind === "refused" || outcome.state === undefined) continue;
        let at = 0;
        let rebuilt = "";
        for (const edit of outcome.edits ?? []) {
          rebuilt += state.text.slice(at, edit.start) + edit.replacement;
          at = edit.end;
        }
        expect(outcome.state.text).toBe(rebuilt + state.text.slice(at));
        state = outcome.state;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("todos survive any sequence of verbs: none is lost, none is doubled, none loses its text (FIL-120, FIL-130)", () => {
  fc.assert(
    fc.property(document, script, (text, steps) => {
      let state = goalStateOf(text);
      const now = context();
      for (const [step, pick] of steps) {
        const before = state;
        const target = idAt(state, pick);
        const outcome = step.run(state, pick, now);
        if (outcome.kind === "refused")
          expect(["todo_not_found", "invalid_value", "claim_conflict"]).toContain((outcome as { code?: string }).code);
        if (outcome.state === undefined) continue;
        state = outcome.state;
        const kept = new Map(state.todos.map((todo) => [todo.todo_id, todo]));
        for (const todo of before.todos) {
          if (!todo.explicit_id) continue;
          if (kept.has(todo.todo_id)) {
            if (todo.todo_id !== target || step.name !== "update") expect(kept.get(todo.todo_id)?.text).toBe(todo.text);
          } else expect(state.archived_ids).toContain(todo.todo_id);
        }
        expect(state.findings.filter((finding) => finding.severity === "error")).toEqual([]);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("the byte order mark stays first, and a file of CRLF lines stays one (FIL-1, FIL-30)", () => {
  const crlf = document.map((text) => text.replaceAll(/\r?\n/g, "\r\n")).filter((text) => text.includes("\n"));
  fc.assert(
    fc.property(crlf, script, (text, steps) => {
      let state = goalStateOf(text);
      for (const [step, pick] of steps) state = step.run(state, pick, context()).state ?? state;
      expect(state.text).not.toMatch(/(?<!\r)\n/);
      expect(state.text.lastIndexOf("\ufeff", 0)).toBe(text.lastIndexOf("\ufeff", 0));
    }),
    { numRuns: 1_000 },
  );
  const section = (text: string): string => applyEdits(text, [insertSection(goalStateOf(text), "Agent Todo", [], [])]);
  expect(["\ufeff", "\ufeff```\r\n", "", "```\r\n"].map(section)).toEqual([
    "\ufeff## Agent Todo\n\n",
    "\ufeff## Agent Todo\r\n\r\n```\r\n",
    "## Agent Todo\n\n",
    "## Agent Todo\r\n\r\n```\r\n",
  ]);
});

test("what a verb added or completed is there afterwards", () => {
  fc.assert(
    fc.property(document, fc.nat(20), (text, pick) => {
      const state = goalStateOf(text);
      const added = addTodo(state, { role: "agent", text: `fresh ${pick}` }, context());
      expect(added).toMatchObject({ kind: "edited", todo: { text: `fresh ${pick}`, status: "open", explicit_id: true } });
      if (added.kind !== "edited") return;
      const done = completeTodo(added.state, { todo_id: added.todo.todo_id, next_agent_todo: "and then" }, context());
      expect(done).toMatchObject({
        kind: "edited",
        todo: { status: "done", text: `fresh ${pick}` },
        successors: [{ text: "and then", status: "open" }],
      });
      expect(done.kind === "edited" && completeTodo(done.state, { todo_id: added.todo.todo_id }, context()).kind).toBe("unchanged");
    }),
    { numRuns: 1_000 },
  );
});

test("a file with CRLF, byte order mark, unknown headings, U+2028 and no last newline changes only on the edited lines (FIL-30)", () => {
  const text =
    "\ufeff---\r\nstatus: active\r\nupdated_at: 2026-01-01T00:00:00Z\r\nx: y\r\n---\r\n## Odd\u2028heading\r\n\r\n- [ ] not a todo\r\n\r\n## Agent Todo\r\n- [ ] a\u2028b\r\n  <!-- loopx:todo todo_id=todo_abc foo=bar -->\r\n\r\n## Strange\r\nlast";
  const lines = (value: string): string[] => value.split("\r\n");
  const added = addTodo(goalStateOf(text), { role: "agent", text: "c" }, context());
  if (added.kind !== "edited") throw new Error(added.kind);
  const done = completeTodo(added.state, { todo_id: "todo_abc" }, context());
  if (done.kind !== "edited") throw new Error(done.kind);
  const archived = archiveCompleted(done.state, { role: "agent", max_active_done: 0 }, context());
  if (archived.kind !== "edited") throw new Error(archived.kind);
  const [before, after] = [lines(text), lines(archived.text)];
  expect(after.filter((line) => before.includes(line))).toEqual(
    before.filter((line) => !/^updated_at|a\u2028b|todo_abc/.test(line)).toSpliced(12, 0, "", ""),
  );
  expect(archived.text.startsWith("\ufeff---\r\n")).toBe(true);
  expect(archived.text).not.toMatch(/[^\r]\n/);
  expect(archived.text.endsWith("-->")).toBe(true);
});
