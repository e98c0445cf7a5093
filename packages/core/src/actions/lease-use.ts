/** Which leases a decision can do without: a goal keeps a file for every todo that ever had one (FIL-80). */
import { isOpen } from "../domain/gate/effects.ts";
import type { GoalState } from "../domain/goal-state/document.ts";
import type { Survey } from "../domain/goal-state/survey.ts";
import type { TodoId } from "../domain/ids.ts";

/** True for the todos of this state that are closed or archived. A name that the state does not know is looked at. */
export function leaseOfNoUse(state: GoalState | null, survey: Survey | null = null): (todo_id: TodoId) => boolean {
  if (state === null) return () => false;
  const archived = new Set(state.archived_ids);
  const isOpenTodo = survey?.isOpen ?? openIn(state);
  return (todo_id) => {
    const open = isOpenTodo(todo_id);
    return open === null ? archived.has(todo_id) : !open;
  };
}

function openIn({ todos, by_id }: GoalState): (todo_id: TodoId) => boolean | null {
  return (todo_id) => {
    const todo = todos[by_id.get(todo_id) ?? -1];
    return todo === undefined ? null : isOpen(todo);
  };
}
