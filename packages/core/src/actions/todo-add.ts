/** `todo add`: a todo for an agent or a question for a person (CMD-91). */
import { addTodo as addToState } from "../domain/goal-state/todo-add.ts";
import type { TodoRole } from "../domain/goal-state/todo.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { metadataOf, type TodoMetadataFlags } from "./todo-metadata-input.ts";
import type { TodoPlace } from "./todo-place.ts";
import { writeTodo, type TodoChangeResult } from "./write-todo.ts";

/** The flags of `todo add` (CMD-91). */
export interface AddTodoInput extends TodoPlace, TodoMetadataFlags {
  readonly role: TodoRole;
  readonly text: string;
}

/** The new todo, or the open one that says the same (`already_exists`), with the metadata merged into it. */
export const addTodo = observed("add_todo", async (host, input: AddTodoInput): Promise<TodoChangeResult> => {
  requireSafeTodo(input);
  const metadata = metadataOf(input);
  return writeTodo(host, input, (state, context) => addToState(state, { role: input.role, text: input.text, metadata }, context));
});

/** Every text of a todo that would be recorded (CMD-15). */
export function requireSafeTodo(input: {
  text?: string | undefined;
  note?: string | undefined;
  evidence?: string | undefined;
  reason?: string | undefined;
  next_agent_todo?: string | undefined;
  next_user_todo?: string | undefined;
}): void {
  requireSafe("--text", input.text);
  requireSafe("--note", input.note);
  requireSafe("--evidence", input.evidence);
  requireSafe("--reason", input.reason);
  requireSafe("--next-agent-todo", input.next_agent_todo);
  requireSafe("--next-user-todo", input.next_user_todo);
}
