// What a page can do with `@loopx/core/domain`: show who has to act in a goal state, and close a todo in its text.
// No file, no clock, no Node: the text and the instant come from the page, and the new text goes back to it.
// Any bundler takes it; nothing has to be left out or replaced.
import { completeTodo, parseGoalState } from "@loopx/core/domain";

export const SAMPLE = `# Parser

## User Todo

- [ ] Confirm the grammar
  <!-- loopx:todo todo_id=todo_grammar -->

## Agent Todo

- [ ] [P1] Read nested lists
  <!-- loopx:todo todo_id=todo_lists -->
`;

/** User todos that inform and wait for nobody; every other one is a question. */
const INFORMING = new Set(["user_action", "continuous_monitor"]);

/**
 * The open todos; `asks` marks those that wait for a person's answer.
 * @param {string} text
 */
export function show(text) {
  const open = read(text).todos.filter((todo) => todo.status === "open");
  return open.map(({ todo_id, text, role, task_class }) => ({ todo_id, text, asks: role === "user" && !INFORMING.has(task_class ?? "") }));
}

/**
 * The text with that todo closed and every other byte as it was; with `refused`, the text as it is and why.
 * @param {string} text
 * @param {string} todo_id
 * @param {string} evidence
 * @param {Date} at
 */
export function close(text, todo_id, evidence, at) {
  const context = {
    now: { ms: at.getTime(), offset_minutes: -at.getTimezoneOffset() },
    newTodoId: () => `todo_${Math.random().toString(36).slice(2, 14)}`,
    agents: { registered: [], primary: null, handoff: null },
    claim_ttl_minutes: 30,
    leases: [],
  };
  const outcome = completeTodo(read(text), { todo_id, evidence }, context);
  return { text: outcome.kind === "edited" ? outcome.text : text, refused: outcome.kind === "refused" ? outcome.message : null };
}

/** @param {string} text */
function read(text) {
  return parseGoalState(text, { digest, file: "ACTIVE_GOAL_STATE.md" });
}

/**
 * A hash is asked for only where a todo has no written id yet; a page that shows such ids gives a real sha1.
 * @type {import("@loopx/core/domain").Digest}
 */
function digest(_algorithm, text) {
  return [...text]
    .reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xffff_ffff, 7)
    .toString(16)
    .padEnd(40, "0");
}
