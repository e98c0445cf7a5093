import fc from "fast-check";
import { expect, test } from "vitest";
import { goalStateOf, momentAt, todoContext } from "../../testing/goal-states.ts";
import { newGoalState, type NewGoalState } from "./template.ts";
import { addTodo } from "./todo-add.ts";

const goal: NewGoalState = {
  goal_id: "project-goal",
  objective: "Ship the parser.",
  goal_doc: null,
  execution_profile_line: "bounded_progress_segment; multi_surface_or_implementation",
  now: momentAt("2026-11-21T10:00:00+08:00"),
  locale: "en",
  todo_id: "todo_0123456789ab",
};
const stateOf = (more: Partial<NewGoalState> = {}) => goalStateOf(newGoalState({ ...goal, ...more }));
const HEADINGS = [
  "Objective",
  "Authority Sources",
  "Operating Contract",
  "Execution Profile",
  "Non-Goals",
  "Agent Todo",
  "Next Action",
  "Recent User Feedback",
  "Progress Ledger",
];

test("a fresh state is this file, byte for byte (FIL-32, FIL-33)", () => {
  expect(newGoalState({ ...goal, goal_doc: "GOAL.md" })).toBe(`---
status: active
owner_mode: goal
objective: "Ship the parser."
updated_at: 2026-11-21T10:00:00+08:00
adapter_id: project-goal
---

# Active Goal State

## Objective

Ship the parser.

## Authority Sources

- GOAL.md (primary goal document)

## Operating Contract

- Ask \`loopx should-run\` before each step; do only what it allows.
- Work in bounded steps: an artifact, its validation, then the writeback here.
- Put questions for people under a user todo, not into chat.

## Execution Profile

- bounded_progress_segment; multi_surface_or_implementation

## Non-Goals

- No production change, publication or purchase without the user's approval.
- No work outside this goal's write scope.

## Agent Todo

- [ ] [P1] Inspect the goal document GOAL.md, then write the first bounded plan.
  <!-- loopx:todo todo_id=todo_0123456789ab status=open task_class=advancement_task updated_at=2026-11-21T10:00:00%2B08:00 -->

## Next Action

- [P1] Inspect the goal document GOAL.md, then write the first bounded plan.

## Recent User Feedback

## Progress Ledger

- 2026-11-21T10:00:00+08:00: Goal connected to LoopX.
`);
});

test("the Chinese one reads back with the same headings and one todo (FIL-33)", () => {
  const state = stateOf({ locale: "zh", goal_doc: "目标.md" });
  expect(state.sections.map((section) => section.heading)).toEqual(HEADINGS);
  expect(state.todos).toMatchObject([
    { text: "[P1] 阅读目标文档 目标.md，写出第一份有边界的计划。", status: "open", task_class: "advancement_task", todo_id: goal.todo_id },
  ]);
  expect(state.next_action).toEqual([state.todos[0]?.text]);
  expect(newGoalState({ ...goal, locale: "zh" })).not.toMatch(/[Ii]nspect|Goal connected|None declared/);
});

test.each([
  ["runs of hyphens", "a --- b ------ c", "a -- b -- c"],
  ["quotes and backslashes", 'say "hi" in C:\\x', 'say "hi" in C:\\x'],
  ["Chinese", "完成解析器：一、二", "完成解析器：一、二"],
  ["line breaks", "one\r\ntwo\n\n  three", "one two three"],
  ["control characters", "a\u0000b\u001b[31m", "a b [31m"],
  ["a heading", "## User Todo", "## User Todo"],
  ["a checkbox", "- [ ] x", "- [ ] x"],
  ["a fence", "```", "```"],
  ["a comment", "<!-- x", "<!-- x"],
])("an objective with %s survives (FIL-32, FIL-124)", (_, objective, kept) => {
  const text = newGoalState({ ...goal, objective });
  const state = goalStateOf(text);
  expect({ ...state.front_matter?.keys }).toEqual({
    status: "active",
    owner_mode: "goal",
    objective: kept,
    updated_at: "2026-11-21T10:00:00+08:00",
    adapter_id: "project-goal",
  });
  expect(state.sections.map((section) => section.heading)).toEqual(HEADINGS);
  expect(text.match(/---/g)?.length).toBe(2 + (objective.match(/-{3,}/g) ?? []).join("").length / 3);
});

test("`## Objective` keeps the exact text on one line (FIL-32)", () => {
  expect(newGoalState({ ...goal, objective: "a --- b" })).toContain("\n## Objective\n\na --- b\n");
  expect(newGoalState({ ...goal, objective: "# a" })).toContain("\n## Objective\n\n> # a\n");
});

test("a goal id with `---` is left out of the front matter, where the older reader would stop at it (FIL-32)", () => {
  expect(stateOf({ goal_id: "a---b" }).front_matter?.keys).not.toHaveProperty("adapter_id");
});

test("a document that makes no legal todo is not named in it, but declared", () => {
  const state = stateOf({ goal_doc: "<!--.md" });
  expect(state.todos[0]?.text).toBe("[P1] Inspect the goal and the project, then write the first bounded plan.");
  expect(state.text).toContain("- <!--.md (primary goal document)");
  expect(stateOf({ goal_doc: `${"d/".repeat(2000)}x.md` }).todos[0]?.text).toHaveLength(73);
});

test("whatever the objective is, the state reads back, and todos can be added (FIL-33, FIL-124)", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "---", "## Agent Todo\n", "```", "<!--", "\u2028", "\ufeff"),
      (words, start) => {
        const state = stateOf({ objective: start + words });
        expect(state.sections.map((section) => section.heading)).toEqual(HEADINGS);
        expect(state.findings).toEqual([]);
        const added = addTodo(state, { role: "user", text: "Decide" }, todoContext({ now: momentAt("2026-11-21T11:00:00+08:00") }));
        if (added.kind !== "edited") throw new Error(added.kind);
        expect(added.state.todos.map((todo) => todo.role)).toEqual(["user", "agent"]);
        expect(added.state.front_matter?.keys["objective"]).toBe(state.front_matter?.keys["objective"]);
      },
    ),
  );
});
