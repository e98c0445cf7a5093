import { expect, test } from "vitest";
import { cpuMs } from "../../../../../test/cpu-time.ts";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { addTodo } from "./todo-add.ts";
import { updateTodo } from "./todo-update.ts";

const SIZE = 4 * 1024 * 1024 - 200;
const filled = (piece: string, head = "## Agent Todo\n"): string =>
  (head + piece.repeat(Math.floor((SIZE - head.length) / piece.length))).slice(0, SIZE);

test.each([
  ["blanks", filled(" ")],
  ["newlines", filled("\n")],
  ["one long todo", filled("a ", "## Agent Todo\n- [ ] ")],
  ["one long word", filled("a", "## Agent Todo\n- [ ] ")],
  ["one long wrapped todo", filled("  b\n", "## Agent Todo\n- [ ] a\n")],
  ["unfinished comments", filled("<!-- loopx:todo a=b\n", "## Agent Todo\n- [ ] a\n")],
  ["indented unfinished comments", filled("  <!-- loopx:todo\n", "## Agent Todo\n- [ ] a\n")],
  ["comment ends without beginnings", filled("- x -->\n")],
  ["wrapped comment ends", filled("  x -->\n", "## Agent Todo\n- [ ] a\n")],
  ["comments on one line", filled("<!-- --> ")],
  ["nested comments", filled("<!--\n") + "-->"],
  ["fences", filled("```\n")],
  ["fences that do not fit", filled("```a\n~~~\n")],
  ["growing fences", Array.from({ length: 2000 }, (_, at) => "`".repeat(at + 3)).join("\n")],
  ["sections", filled("## Next Action\n")],
  ["other sections first", `${filled("## N\n").slice(0, SIZE / 2)}${filled("## Next Action\n", "\n").slice(0, SIZE / 2 - 10)}`],
  ["one long list", filled("a,", "## Agent Todo\n- [ ] a <!-- loopx:todo required_capabilities=") + " -->"],
  [
    "one long body of blanks",
    `${filled(" ", "## Agent Todo\n- [ ] a <!-- loopx:todo ").slice(0, SIZE / 4)}note=x${" ".repeat(SIZE / 4)}-->`,
  ],
  ["many tokens", filled("a=b ", "## Agent Todo\n- [ ] a <!-- loopx:todo ") + "-->"],
  ["a long value", filled("a/", "## Agent Todo\n- [ ] a <!-- loopx:todo resume_when=pr_merged:") + " -->"],
  ["percent signs", filled("%", "## Agent Todo\n- [ ] a <!-- loopx:todo note=") + " -->"],
  ["bad metadata", filled("- [ ] a <!-- loopx:todo cadence=x -->\n").slice(0, SIZE / 8)],
  ["an unclosed head", filled("a: b\n", "---\n")],
  ["one next action", filled("a ", "## Next Action\n- ")],
  ["wide blanks", filled("\u3000", "## Agent Todo\n- [ ] a").slice(0, SIZE / 3)],
])("4 MiB of %s are read within a second and can be edited (FIL-101, REL-170)", (_, text) => {
  const began = cpuMs();
  const state = goalStateOf(text);
  const read = cpuMs() - began;
  const [todo] = state.todos;
  const outcome =
    todo === undefined
      ? addTodo(state, { role: "user", text: "x" }, todoContext())
      : updateTodo(state, { todo_id: todo.todo_id, metadata: { reason: "r" } }, todoContext());
  expect(["edited", "refused"]).toContain(outcome.kind);
  // Ten times what it takes here; a quadratic reader takes minutes.
  expect(read).toBeLessThan(3000);
});
