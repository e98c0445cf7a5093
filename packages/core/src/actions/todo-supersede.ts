/** `todo supersede`: closes a todo because something else takes its place, and opens that in the same write (CMD-96). */
import { supersedeTodo as supersedeInState } from "../domain/goal-state/todo-supersede.ts";
import { observed } from "./observed.ts";
import { requireSafeTodo } from "./todo-add.ts";
import type { CompleteTodoInput } from "./todo-complete.ts";
import { writeTodo, type TodoChangeResult } from "./write-todo.ts";

/** The flags of `todo supersede` (CMD-96). */
export interface SupersedeTodoInput extends Omit<CompleteTodoInput, "note" | "side_agent_self_merged"> {
  readonly reason: string;
}

/** The closed todo, noted as superseded, and what takes its place; again: `changed:false`. Errors: `claim_conflict`, `lease_conflict`. */
export const supersedeTodo = observed("supersede_todo", async (host, input: SupersedeTodoInput): Promise<TodoChangeResult> => {
  requireSafeTodo(input);
  const { todo_id, reason, claimed_by, evidence, next_agent_todo, next_user_todo, next_claimed_by, next_task_class, next_action_kind } =
    input;
  const request = {
    todo_id,
    reason,
    claimed_by: claimed_by ?? null,
    evidence: evidence ?? null,
    next_agent_todo: next_agent_todo ?? null,
    next_user_todo: next_user_todo ?? null,
    next_claimed_by: next_claimed_by ?? null,
    next_task_class: next_task_class ?? null,
    next_action_kind: next_action_kind ?? null,
    no_follow_up: input.no_follow_up ?? false,
  };
  return writeTodo(host, input, (state, context) => supersedeInState(state, request, context));
});
