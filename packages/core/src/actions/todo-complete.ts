/** `todo complete`: closes a todo and opens what follows it, in one write (CMD-95). */
import { completeTodo as completeInState } from "../domain/goal-state/todo-complete.ts";
import type { TaskClass } from "../domain/goal-state/todo.ts";
import { observed } from "./observed.ts";
import { requireSafeTodo } from "./todo-add.ts";
import { writeTodo, type LeasedTodoPlace, type TodoChangeResult } from "./write-todo.ts";

/** The flags of `todo complete` (CMD-95). */
export interface CompleteTodoInput extends LeasedTodoPlace {
  readonly todo_id: string;
  readonly claimed_by?: string | undefined;
  readonly evidence?: string | undefined;
  readonly note?: string | undefined;
  readonly next_agent_todo?: string | undefined;
  readonly next_user_todo?: string | undefined;
  readonly next_claimed_by?: string | undefined;
  readonly next_task_class?: TaskClass | undefined;
  readonly next_action_kind?: string | undefined;
  readonly no_follow_up?: boolean | undefined;
  readonly side_agent_self_merged?: boolean | undefined;
}

/** The closed todo and its successors; again: `changed:false`. Errors: `claim_conflict`, `lease_conflict`, `lease_fenced`, `completion_refused`. */
export const completeTodo = observed("complete_todo", async (host, input: CompleteTodoInput): Promise<TodoChangeResult> => {
  requireSafeTodo(input);
  const { todo_id, claimed_by, evidence, note, next_agent_todo, next_user_todo, next_claimed_by, next_task_class, next_action_kind } =
    input;
  const request = {
    todo_id,
    claimed_by: claimed_by ?? null,
    evidence: evidence ?? null,
    note: note ?? null,
    next_agent_todo: next_agent_todo ?? null,
    next_user_todo: next_user_todo ?? null,
    next_claimed_by: next_claimed_by ?? null,
    next_task_class: next_task_class ?? null,
    next_action_kind: next_action_kind ?? null,
    no_follow_up: input.no_follow_up ?? false,
    side_agent_self_merged: input.side_agent_self_merged ?? false,
  };
  return writeTodo(host, input, (state, context) => completeInState(state, request, context));
});
