/** Writing down the id of a todo that has none yet (FIL-46): from then on it keeps its id wherever its line goes. */
import type { GoalState } from "./document.ts";
import { changeTodo } from "./todo-edit.ts";
import { edited, isRefused, requestedTodo, rewrite, unchanged, type TodoContext, type TodoOutcome } from "./todo-outcome.ts";

/** The state in which the todo names its id; unchanged when it does already. */
export function nameTodo(state: GoalState, todo_id: string, context: Pick<TodoContext, "now">): TodoOutcome {
  const todo = requestedTodo(state, todo_id);
  if (isRefused(todo)) return todo;
  const edits = todo.explicit_id ? null : changeTodo(state, todo, { tokens: new Map([["todo_id", todo.todo_id]]) }, context.now);
  return edits === null ? unchanged(state, todo) : edited(rewrite(state, edits, context.now), todo.todo_id, { metadata_updated: true });
}
