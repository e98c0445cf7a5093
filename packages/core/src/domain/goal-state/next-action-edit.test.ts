import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { setNextAction } from "./next-action-edit.ts";

const after = (text: string, action = "go"): string => {
  const outcome = setNextAction(goalStateOf(text), action, todoContext());
  if (outcome.kind === "refused") throw new Error(outcome.message);
  return outcome.state.text;
};

test.each([
  ["all items become one", "## Next Action\n\n- a\n  b\n\n1. c\n\n## Progress Ledger\n", "## Next Action\n\n- go\n\n## Progress Ledger\n"],
  ["an empty section", "## Next Action\n\n## X\n", "## Next Action\n\n- go\n\n## X\n"],
  ["CRLF, no last newline", "## Next Action\r\n- a", "## Next Action\r\n- go"],
  [
    "a missing section, before the feedback",
    "# x\n\n## Recent User Feedback\n## Progress Ledger\n",
    "# x\n\n## Next Action\n\n- go\n\n## Recent User Feedback\n## Progress Ledger\n",
  ],
  ["a missing section, before the ledger", "## Progress Ledger\n", "## Next Action\n\n- go\n\n## Progress Ledger\n"],
  ["a missing section, at the end", "# x\n", "# x\n\n## Next Action\n\n- go\n"],
  [
    "what a forgotten fence swallowed stays",
    "## Next Action\n- a\n```\n## User Todo\n- [ ] gate\n",
    "## Next Action\n- go\n```\n## User Todo\n- [ ] gate\n",
  ],
])("the section is rewritten to one bullet: %s (CMD-110)", (_, before, expected) => {
  expect(after(before)).toBe(expected);
  expect(goalStateOf(after(before)).next_action).toEqual(["go"]);
});

test("updated_at follows, and the same action changes nothing (FIL-50)", () => {
  const text = "---\nupdated_at: 2026-01-01T00:00:00Z\n---\n## Next Action\n- go\n";
  expect(after(text)).toBe(text);
  expect(after(text, "other")).toContain("updated_at: 2026-11-21T10:00:00+08:00");
});

test.each(["", "a\nb", "<!-- x"])("%j is no action", (action) => {
  expect(setNextAction(goalStateOf(""), action, todoContext())).toMatchObject({
    kind: "refused",
    code: "invalid_value",
    details: { key: "next_action" },
  });
});

test("an action that would make the file too large is refused", () => {
  expect(setNextAction(goalStateOf("x".repeat(4 * 1024 * 1024)), "go", todoContext())).toMatchObject({
    kind: "refused",
    code: "too_large",
  });
});
