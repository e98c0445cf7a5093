import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { derivedAction } from "./derived-action.ts";
import { openItems } from "./next-action-done.ts";
import { completeTodo } from "./todo-complete.ts";
import { supersedeTodo } from "./todo-supersede.ts";
import { updateTodo } from "./todo-update.ts";

const TODO = "- [ ] [P1] Read  lists\n  <!-- loopx:todo todo_id=todo_abc -->\n";
const state = (next: string, more = "") => goalStateOf(`## Agent Todo\n\n${TODO}${more}\n## Next Action\n\n${next}\n\n## Notes\n\nmine\n`);
const nextAction = (text: string): string => /## Next Action\n\n([\s\S]*?)\n+## Notes/.exec(text)?.[1] ?? "no section";
const complete = (next: string, request: object = {}, more = ""): string => {
  const outcome = completeTodo(state(next, more), { todo_id: "todo_abc", ...request }, todoContext());
  if (outcome.kind === "refused") throw new Error(outcome.message);
  return nextAction(outcome.state.text);
};
const LATER = "- [ ] [P2] Read tables\n- [ ] [P0] Wait <!-- loopx:todo task_class=blocker -->\n";

test.each([
  ["what follows it", "- Read lists", { next_agent_todo: "Write lists" }, "", "- [P1] Write lists"],
  ["the next open todo", "- [P1] Read lists", {}, LATER, "- [P2] Read tables"],
  ["nothing, where nothing is left to do", "- Read lists", {}, "", ""],
  ["a question is no step", "- Read lists", { next_user_todo: "Is it right?" }, "", ""],
  ["its own bullet and wrapped lines", "1. [ ] Read\n   lists", { next_agent_todo: "Write lists" }, "", "1. [P1] Write lists"],
  ["a first paragraph", "Read\nlists", { next_agent_todo: "Write lists" }, "", "- [P1] Write lists"],
])("a finished step gives way to %s", (_, next, request, more, expected) => {
  expect(complete(next, request, more)).toBe(expected);
});

test.each([
  ["beside other steps it only goes", "- Read lists\n- Then tables", "- Then tables"],
  ["another step stays", "- Read other lists", "- Read other lists"],
  ["a longer one stays", "- Read lists\n  and tables", "- Read lists\n  and tables"],
  ["one with somebody's comment inside stays", "- Read\n<!-- mine -->\nlists", "- Read\n<!-- mine -->\nlists"],
])("what people wrote is left alone: %s", (_, next, expected) => {
  expect(complete(next, { next_agent_todo: "Write lists" })).toBe(expected);
});

test("superseding and deferring end a step, too; changing the text of an open todo does not", () => {
  const context = todoContext();
  const superseded = supersedeTodo(state("- Read lists"), { todo_id: "todo_abc", reason: "moot", next_agent_todo: "Ask" }, context);
  const deferred = updateTodo(state("- Read lists", LATER), { todo_id: "todo_abc", status: "deferred" }, context);
  const renamed = updateTodo(state("- Read lists"), { todo_id: "todo_abc", text: "Read trees" }, context);
  expect([superseded, deferred, renamed].map((outcome) => (outcome.kind === "refused" ? "" : nextAction(outcome.state.text)))).toEqual([
    "- [P1] Ask",
    "- [P2] Read tables",
    "- Read lists",
  ]);
});

test("a step that a person ticked off is no next step, unless an open todo says it again (DEC-77)", () => {
  const ticked = state("- Read lists\n- Go on").text.replace("- [ ] [P1]", "- [x] [P1]");
  const read = goalStateOf(ticked);
  expect(openItems(read.next_action, read.todos)).toEqual(["Go on"]);
  expect(derivedAction(read, "en")).toEqual({ action: "Go on", source: "active_state_next_action" });
  const again = goalStateOf(ticked.replace("\n## Next", "- [ ] Read lists\n\n## Next"));
  expect(openItems(again.next_action, again.todos)).toEqual(["Read lists", "Go on"]);
});
