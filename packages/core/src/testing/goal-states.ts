/** Goal states for tests: real digests, a fixed clock, ids in sequence. */
import { createHash } from "node:crypto";
import type { Digest } from "../domain/digest.ts";
import { parseGoalState, type GoalState } from "../domain/goal-state/parse.ts";
import type { Section } from "../domain/goal-state/headings.ts";
import type { Todo } from "../domain/goal-state/todo.ts";
import type { TodoContext, TodoLease } from "../domain/goal-state/todo-outcome.ts";
import { instantMs, type Moment } from "../domain/time.ts";

export const stateDigest: Digest = (algorithm, text) => createHash(algorithm).update(text, "utf8").digest("hex");

/** The state of a text, as the file `STATE.md`. */
export function goalStateOf(text: string): GoalState {
  return parseGoalState(text, { digest: stateDigest, file: "STATE.md" });
}

/** An instant at +08:00. */
export function momentAt(text: string): Moment {
  return { ms: instantMs(text) ?? 0, offset_minutes: 480 };
}

/** No registered agents, no leases, 30 minutes for a claim, ids `todo_new000001` and on. */
export function todoContext(more: Partial<TodoContext> = {}): TodoContext {
  let made = 0;
  return {
    now: momentAt("2026-11-21T10:00:00+08:00"),
    newTodoId: () => {
      made += 1;
      return `todo_new${String(made).padStart(6, "0")}`;
    },
    agents: { registered: [], primary: null, handoff: null },
    claim_ttl_minutes: 30,
    leases: [],
    ...more,
  };
}

/** A live lease on `todo_abc`, of token 1, until 10:30. */
export function todoLease(holder: string, more: Partial<TodoLease> = {}): TodoLease {
  return { todo_id: "todo_abc", holder, token: 1, expires_at: "2026-11-21T10:30:00.000+08:00", live: true, ...more };
}

/** The first todo of a state that has one. */
export function firstTodo(state: GoalState): Todo {
  const [todo] = state.todos;
  if (todo === undefined) throw new Error(`No todo in ${JSON.stringify(state.text)}`);
  return todo;
}

/** The first section of a state that has one. */
export function firstSection(state: GoalState): Section {
  const [section] = state.sections;
  if (section === undefined) throw new Error(`No section in ${JSON.stringify(state.text)}`);
  return section;
}
