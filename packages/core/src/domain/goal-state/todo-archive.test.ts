import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { archiveCompleted, type ArchiveRequest } from "./todo-archive.ts";

const archive = (text: string, request: Partial<ArchiveRequest> = {}) =>
  archiveCompleted(goalStateOf(text), { role: "agent", max_active_done: 0, ...request }, todoContext());
const textAfter = (text: string, request?: Partial<ArchiveRequest>): string => {
  const outcome = archive(text, request);
  if (outcome.kind === "refused") throw new Error(outcome.message);
  return outcome.state.text;
};

test("closed todos move with all their lines, byte for byte, oldest first (FIL-49)", () => {
  const newer =
    "* [X] newer  \r\n  wrapped\r\n\r\n  more\r\n  <!-- loopx:todo todo_id=todo_new completed_at=2026-02-01T00:00:00Z foo=1 -->";
  const older = "- [-] older <!-- loopx:todo todo_id=todo_old completed_at=2026-01-01T09:00:00%2B08:00 -->";
  const before = `## Agent Todo\r\n\r\n${newer}\r\n- [ ] open\r\n${older}\r\n\r\n## Notes\r\nx\r\n`;
  expect(textAfter(before)).toBe(
    `## Agent Todo\r\n\r\n- [ ] open\r\n\r\n## Notes\r\nx\r\n\r\n## Completed Work Archive\r\n\r\n${older}\r\n${newer}\r\n`,
  );
});

test("archived ids still resolve, open and user todos stay (FIL-49)", () => {
  const outcome = archive("## User Todo\n- [x] u\n## Agent Todo\n- [x] a <!-- loopx:todo todo_id=todo_abc -->\n- [ ] b\n");
  expect(outcome).toMatchObject({ kind: "edited", archived: [{ todo_id: "todo_abc" }], kept: [], state: { archived_ids: ["todo_abc"] } });
  expect(outcome.kind === "edited" && outcome.state.todos.map((todo) => todo.text)).toEqual(["u", "b"]);
});

test("the newest closed todos stay; an unknown time is the oldest (CMD-97)", () => {
  const done = (name: string, tokens: string): string => `- [x] ${name} <!-- loopx:todo ${tokens} -->\n`;
  const text = `## Agent Todo\n${done("b", "updated_at=2026-03-01T00:00:00Z")}${done("c", "completed_at=2026-02-01T00:00:00Z updated_at=2026-09-01T00:00:00Z")}${done("a", "note=x")}`;
  const outcome = archive(text, { max_active_done: 1 });
  expect(outcome.kind !== "refused" && [outcome.archived.map((todo) => todo.text), outcome.kept.map((todo) => todo.text)]).toEqual([
    ["a", "c"],
    ["b"],
  ]);
  expect(archive(text, { max_active_done: 3 })).toMatchObject({ kind: "unchanged", archived: [], state: { text } });
});

test.each([
  [
    "behind what is archived",
    "## Agent Todo\n- [x] a\n## Completed Work Archive\n\n- [x] old\n  x\n\n## Notes\n",
    "## Agent Todo\n## Completed Work Archive\n\n- [x] old\n  x\n- [x] a\n\n## Notes\n",
  ],
  ["into an empty archive", "## Agent Todo\n- [x] a\n## Completed Work Archive\n", "## Agent Todo\n## Completed Work Archive\n\n- [x] a\n"],
  [
    "into an archive above",
    "## Completed Work Archive\n- [x] old\n## Agent Todo\n- [x] a\n- [x] b",
    "## Completed Work Archive\n- [x] old\n- [x] a\n- [x] b\n## Agent Todo",
  ],
  [
    "into a new archive where nothing else stays",
    "## Agent Todo\n- [x] a\n- [x] b",
    "## Agent Todo\n\n## Completed Work Archive\n\n- [x] a\n- [x] b",
  ],
  ["past a blank line", "## Agent Todo\n\n- [x] a\n\n- [x] b\n", "## Agent Todo\n\n\n\n## Completed Work Archive\n\n- [x] a\n- [x] b\n"],
  [
    "before an unclosed fence",
    "## Agent Todo\n- [x] a\n## Notes\n```\n- [x] no\n",
    "## Agent Todo\n## Notes\n\n## Completed Work Archive\n\n- [x] a\n```\n- [x] no\n",
  ],
  [
    "an open child stays",
    "## Agent Todo\n- [x] a\n  - [ ] child\n",
    "## Agent Todo\n  - [ ] child\n\n## Completed Work Archive\n\n- [x] a\n",
  ],
])("todos move %s (FIL-49)", (_, before, after) => {
  expect(textAfter(before)).toBe(after);
});

test("the whole archive moves in one edit of a large file", () => {
  const text = `## Agent Todo\n${Array.from({ length: 2000 }, (_, at) => `- [x] ${at} <!-- loopx:todo todo_id=todo_${String(at).padStart(5, "0")} -->`).join("\n")}\n`;
  const outcome = archive(text, { max_active_done: 12 });
  expect(outcome.kind === "edited" && [outcome.archived.length, outcome.state.todos.length, outcome.state.archived_ids.length]).toEqual([
    1988, 12, 1988,
  ]);
});

test("an archive heading that no longer fits the file is refused", () => {
  expect(archive(`## Agent Todo\n- [x] a\n${"x".repeat(4 * 1024 * 1024 - 25)}`)).toMatchObject({ kind: "refused", code: "too_large" });
});
