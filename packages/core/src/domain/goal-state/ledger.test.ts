import { expect, test } from "vitest";
import { goalStateOf, todoContext } from "../../testing/goal-states.ts";
import { addLedgerEntry, type LedgerEntry } from "./ledger.ts";

const entry: LedgerEntry = {
  recorded_at: "2026-11-21T09:00:00.123+08:00",
  summary: "继续  当前路线",
  history_command: "loopx history --goal-id g1 --limit 3",
};
const LINES = "- 2026-11-21T09:00:00.123+08:00: 继续 当前路线\n  - project_agent_visibility: loopx history --goal-id g1 --limit 3";
const add = (text: string, more: Partial<LedgerEntry> = {}) => addLedgerEntry(goalStateOf(text), { ...entry, ...more }, todoContext());

test.each([
  ["above the entries", "## Progress Ledger\n\n- old\n", `## Progress Ledger\n\n${LINES}\n- old\n`],
  ["right below the heading", "## Progress Ledger\n- old", `## Progress Ledger\n${LINES}\n- old`],
  ["an empty ledger", "## Progress Ledger\n\n## X\n", `## Progress Ledger\n\n${LINES}\n\n## X\n`],
  ["a missing ledger", "# x\n## Recent Progress\n- a\n", `# x\n## Recent Progress\n- a\n\n## Progress Ledger\n\n${LINES}\n`],
  ["CRLF", "## Progress Ledger\r\n", `## Progress Ledger\r\n\r\n${LINES.replace("\n", "\r\n")}\r\n`],
])("an entry is written %s (FIL-50)", (_, before, after) => {
  expect(add(before)).toMatchObject({ kind: "edited", text: after, entry: LINES.split("\n")[0], section: "Progress Ledger" });
});

test("an identical entry is not written twice (FIL-50)", () => {
  const first = add("---\nupdated_at: x\n---\n## Progress Ledger\n");
  if (first.kind !== "edited") throw new Error(first.kind);
  expect(first.updated_at).toBe("2026-11-21T10:00:00+08:00");
  expect(add(first.text)).toMatchObject({ kind: "unchanged", state: { text: first.text }, entry: LINES.split("\n")[0] });
  expect(add(first.text, { summary: "another" })).toMatchObject({ kind: "edited" });
});

test.each([
  ["summary", { summary: "a <!-- b" }],
  ["summary", { summary: "a\nb" }],
  ["history_command", { history_command: "" }],
])("a bad %s is refused", (key, more) => {
  expect(add("", more)).toMatchObject({ kind: "refused", code: "invalid_value", details: { key } });
});

test("an entry that would make the file too large is refused", () => {
  expect(add("x".repeat(4 * 1024 * 1024))).toMatchObject({ kind: "refused", code: "too_large" });
});
