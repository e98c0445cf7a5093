import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { captureFollowUps, FOLLOW_UPS, type CaptureRequest } from "./todo-capture.ts";

const STATE = "## Agent Todo\n\n- [ ] [P1] Read lists\n- [x] Cover empty lists\n\n## Next Action\n\n- Go on\n";
const capture = (follow_ups: readonly string[], more: Partial<CaptureRequest> = {}, context = todoContext()) =>
  captureFollowUps(goalStateOf(STATE), { follow_ups, ...more }, context);
const edited = (...args: Parameters<typeof capture>) => {
  const outcome = capture(...args);
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  return outcome;
};

test("each becomes an open agent todo that nobody holds, in one write and in the order given", () => {
  const outcome = edited(["[P2] Name  the tokens", "Cover empty lists"], { metadata: { evidence: "review of todo_x" } });
  expect(outcome.captured.map(({ todo, added }) => [todo.todo_id, todo.text, todo.task_class, todo.metadata.claimed_by, added])).toEqual([
    ["todo_new000001", "[P2] Name the tokens", "advancement_task", undefined, true],
    ["todo_new000002", "Cover empty lists", "advancement_task", undefined, true],
  ]);
  expect(outcome.captured.every(({ todo }) => todo.metadata.evidence === "review of todo_x")).toBe(true);
  expect(outcome.edits.length).toBe(1);
  expect(outcome.text.endsWith("\n\n## Next Action\n\n- Go on\n")).toBe(true);
});

test("what an open todo says, and what was given twice, is written once", () => {
  const outcome = edited(["[P1] Read lists", "New", "New "]);
  expect(outcome.captured.map(({ todo, added }) => [todo.text, added])).toEqual([
    ["[P1] Read lists", false],
    ["New", true],
  ]);
  expect(capture(["[P1] Read lists"])).toMatchObject({ kind: "unchanged", captured: [{ added: false }] });
});

test.each<[string, readonly string[], Partial<CaptureRequest>, string]>([
  ["none", [], {}, "usage"],
  ["too many", Array.from({ length: FOLLOW_UPS + 1 }, (_, n) => `x${n}`), {}, "invalid_value"],
  ["one that is no todo among good ones", ["good", "[P1]"], {}, "invalid_value"],
  ["one of two lines", ["a\nb"], {}, "invalid_value"],
  ["a class of people's todos", ["a"], { metadata: { task_class: "user_action" } }, "invalid_value"],
  ["a bad scope", ["a"], { metadata: { required_write_scopes: ["../x"] } }, "invalid_value"],
])("nothing is written for %s", (_, follow_ups, more, code) => {
  expect(capture(follow_ups, more)).toMatchObject({ kind: "refused", code });
});
