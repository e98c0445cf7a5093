/** `todo update`: status, text, metadata or claim of one todo (CMD-94). */
import { updateTodo as updateInState } from "../domain/goal-state/todo-update.ts";
import type { TodoStatus } from "../domain/goal-state/todo.ts";
import { observed } from "./observed.ts";
import { requireSafeTodo } from "./todo-add.ts";
import { metadataOf, type TodoMetadataFlags } from "./todo-metadata-input.ts";
import { writeTodo, type LeasedTodoPlace, type TodoChangeResult } from "./write-todo.ts";

/** The flags of `todo update` (CMD-94). */
export interface UpdateTodoInput extends Omit<LeasedTodoPlace, "claimed_by">, TodoMetadataFlags {
  readonly todo_id: string;
  readonly status?: TodoStatus | undefined;
  readonly text?: string | undefined;
  readonly clear_claim?: boolean | undefined;
  readonly no_follow_up?: boolean | undefined;
}

/** The todo after the change. Closing, reopening and giving up respect who holds it: else `claim_conflict`. */
export const updateTodo = observed("update_todo", async (host, input: UpdateTodoInput): Promise<TodoChangeResult> => {
  requireSafeTodo(input);
  const request = {
    todo_id: input.todo_id,
    metadata: metadataOf(input),
    clear_claim: input.clear_claim ?? false,
    no_follow_up: input.no_follow_up ?? false,
    ...(input.status === undefined ? {} : { status: input.status }),
    ...(input.text === undefined ? {} : { text: input.text }),
  };
  return writeTodo(host, input, (state, context) => updateInState(state, request, context));
});
