import fc from "fast-check";
import { expect, test } from "vitest";
import { goalStateOf } from "../../testing/goal-states.ts";
import { CREDENTIAL, PRIVATE_PATH } from "../../testing/private-texts.ts";
import { isSafe } from "../boundary/detector.ts";
import { derivedAction } from "./derived-action.ts";

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("Write the parser", "and its tests", "推进解析器", "the chapter about the secret token", "see docs/a.md"),
  },
  { weight: 1, arbitrary: fc.constantFrom(`use ${CREDENTIAL}`, `look at ${PRIVATE_PATH}`) },
);
const items = fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { maxLength: 8 });
const todos = fc.array(fc.record({ text: line, mark: fc.constantFrom(" ", "x") }), { maxLength: 3 });

test("the action is public-safe and a whole item, the first that is; a skipped one leaves nothing behind (DEC-77, property 9)", () => {
  fc.assert(
    fc.property(items, todos, fc.constantFrom("\n", "\r\n"), (list, tasks, eol) => {
      const section = list.flatMap((lines) => lines.map((text, at) => (at === 0 ? `- ${text}` : `  ${text}`)));
      const work = tasks.map(({ text, mark }, at) => `- [${mark}] ${text} ${at}`);
      const state = goalStateOf(["# Goal", "## Next Action", "", ...section, "## Agent Todo", "", ...work, ""].join(eol));
      const { action, source } = derivedAction(state, "en");
      expect(isSafe(action, "next_action")).toBe(true);
      let read = 0;
      const whole = list.filter((lines) => (read += lines.length) <= 16).map((lines) => lines.join(" "));
      const expected = whole.find((text) => isSafe(text, "next_action"));
      const task = tasks
        .map(({ text, mark }, at) => ({ text: `${text} ${at}`, mark }))
        .find((one) => one.mark === " " && isSafe(one.text, "next_action"));
      if (expected !== undefined) expect([action, source]).toEqual([expected, "active_state_next_action"]);
      else if (task !== undefined) expect([action, source]).toEqual([task.text, "agent_todo_fallback"]);
      else expect(source).toBe("default_refresh_action");
    }),
    { numRuns: 1_000 },
  );
});

test("without an item the best open agent todo speaks: by class, rank and place (DEC-77)", () => {
  const todo = (text: string, metadata = "") => `- [ ] ${text}\n  <!-- loopx:todo ${metadata} -->\n`;
  const of = (...lines: string[]) => derivedAction(goalStateOf(`## Agent Todo\n\n${lines.join("")}`), "zh");
  const watch = todo("[P0] Watch", "task_class=continuous_monitor");
  expect(of(watch, todo("[P2] Later"), todo("[P1] First"), todo("[P1] Second")).action).toBe("[P1] First");
  expect(of(watch, todo("[P3] Stuck", "task_class=blocker")).action).toBe("[P3] Stuck");
  expect(of(watch, todo("[P1] Held", "status=blocked")).action).toBe("[P1] Held");
  expect(of(watch)).toEqual({ action: "[P0] Watch", source: "agent_todo_fallback" });
  expect(of(`- [x] [P0] Done\n`).source).toBe("default_refresh_action");
});
