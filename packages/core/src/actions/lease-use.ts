/** Which leases a decision can do without: a goal keeps a file for every todo that ever had one (FIL-80). */
import type { GoalState } from "../domain/goal-state/document.ts";
import type { TodoId } from "../domain/ids.ts";

/** True for the todos of this state that are closed or archived. A name that the state does not know is looked at. */
export function leaseOfNoUse(state: GoalState | null): (todo_id: TodoId) => boolean {
  if (state === null) return () => false;
  const archived = new Set(state.archived_ids);
  return (todo_id) => {
    const position = state.by_id.get(todo_id);
    const status = position === undefined ? undefined : state.todos[position]?.status;
    return status === undefined ? archived.has(todo_id) : status === "done" || status === "deferred";
  };
}
