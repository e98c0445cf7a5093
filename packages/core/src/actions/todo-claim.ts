/** `todo claim`: an agent takes a todo before it works on it, or takes a stale claim over (CMD-93). */
import { claimTodo as claimInState } from "../domain/goal-state/todo-claim.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import type { TodoPlace } from "./todo-place.ts";
import { writeTodo, type TodoChangeResult } from "./write-todo.ts";

/** The flags of `todo claim` (CMD-93); `take_over` needs a `reason`. */
export interface ClaimTodoInput extends TodoPlace {
  readonly todo_id: string;
  readonly claimed_by: string;
  readonly take_over?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** The claimed todo. Errors: `claim_conflict` and `lease_conflict` name who holds it; `changed:false` for one's own claim. */
export const claimTodo = observed("claim_todo", async (host, input: ClaimTodoInput): Promise<TodoChangeResult> => {
  requireSafe("--reason", input.reason);
  const request = {
    todo_id: input.todo_id,
    claimed_by: input.claimed_by,
    take_over: input.take_over ?? false,
    reason: input.reason ?? null,
  };
  return writeTodo(host, input, (state, context) => claimInState(state, request, context));
});
