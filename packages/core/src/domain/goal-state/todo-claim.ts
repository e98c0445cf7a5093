/** `todo claim`: an agent takes a todo, renews its own claim, or takes over a stale one (CMD-93). */
import type { GoalState } from "./document.ts";
import { claimTokens } from "./holding.ts";
import { changeTodo } from "./todo-edit.ts";
import {
  edited,
  isRefused,
  refuse,
  requestedAgent,
  requestedTodo,
  rewrite,
  unchanged,
  type TodoContext,
  type TodoOutcome,
} from "./todo-outcome.ts";

/** Who wants which todo; `take_over` needs a `reason`. */
export interface ClaimTodoRequest {
  readonly todo_id: string;
  readonly claimed_by: string;
  readonly take_over?: boolean;
  readonly reason?: string | null;
}

/** The state with the claim. Another live holder is `claim_conflict` or `lease_conflict`; one's own claim restarts its age (CMD-93). */
export function claimTodo(state: GoalState, request: ClaimTodoRequest, context: TodoContext): TodoOutcome {
  const agent = requestedAgent(request.claimed_by, "claimed_by", context.agents);
  if (isRefused(agent)) return agent;
  const todo = requestedTodo(state, request.todo_id);
  if (isRefused(todo)) return todo;
  if (todo.status === "done" || todo.status === "deferred") {
    return refuse("invalid_value", `${todo.todo_id} is ${todo.status}; only an open todo can be claimed.`, {
      todo_id: todo.todo_id,
      status: todo.status,
    });
  }
  if (todo.role === "user")
    return refuse("invalid_value", `${todo.todo_id} is for a person; agents claim agent todos.`, { todo_id: todo.todo_id });
  const takes = request.take_over === true;
  const reason = request.reason ?? null;
  if (takes && (reason ?? "").trim() === "") return refuse("usage", "Taking over a claim needs a reason.", { key: "reason" });
  if (!takes && reason !== null) return refuse("usage", "A reason goes with a take-over only.", { key: "reason" });
  const tokens = claimTokens(todo, agent, context, takes ? reason : null);
  if (isRefused(tokens)) return tokens;
  const own = todo.metadata.claimed_by === agent;
  const edits = changeTodo(state, todo, { tokens }, context.now);
  if (edits === null) return unchanged(state, todo);
  return edited(rewrite(state, edits, context.now), todo.todo_id, { changed: !own });
}
