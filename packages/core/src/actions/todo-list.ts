/** `todo list`: the todos of a goal with who holds them (CMD-92). */
import { claimAge } from "../domain/goal-state/claim.ts";
import { liveLease } from "../domain/goal-state/holding.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import type { TodoContext } from "../domain/goal-state/todo-outcome.ts";
import type { Todo, TodoRole, TodoStatus } from "../domain/goal-state/todo.ts";
import type { ListedTodo, TodoCounts, TodoListResult } from "../domain/payload/todo.ts";
import { unreadableError } from "../store/outcome.ts";
import { chooseGoal, openGoal, requireGoals } from "./goals.ts";
import { missingState } from "./missing-state.ts";
import { leaseOfNoUse } from "./lease-use.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireRegisteredPlace, todoContext, type TodoPlace } from "./todo-place.ts";

/** The flags of `todo list` (CMD-92); without a limit all. */
export interface ListTodosInput extends Omit<TodoPlace, "dry_run"> {
  readonly role?: TodoRole | undefined;
  readonly status?: TodoStatus | undefined;
  readonly limit?: number | undefined;
}

export type { ListedTodo, TodoListResult } from "../domain/payload/todo.ts";

/** In file order. Errors: `state_file_missing`, `goal_not_found`. */
export const listTodos = observed("list_todos", async (host, input: ListTodosInput): Promise<TodoListResult> => {
  const registry = await requireGoals(host);
  const goal = openGoal(host, registry, chooseGoal(registry, input.goal_id));
  requireRegisteredPlace(host, goal, input);
  const document = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (document.kind === "absent") throw missingState(goal.goal_id, goal.repo, goal.state_path);
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
  const state = parseGoalState(document.text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id });
  const fitting = state.todos.filter(
    (todo) => (input.role === undefined || todo.role === input.role) && (input.status === undefined || todo.status === input.status),
  );
  const now = momentOf(host.clock);
  const listing = await host.leases.list({ goal_id: goal.goal_id }, { skip: leaseOfNoUse(state) });
  const context = todoContext(host, goal, listing, now);
  return {
    read_only: true,
    goal_id: goal.goal_id,
    todos: fitting.slice(0, input.limit ?? fitting.length).map((todo) => listed(todo, context)),
    todo_count: fitting.length,
    user_todos: countsOf(state.todos, "user"),
    agent_todos: countsOf(state.todos, "agent"),
    state_file: goal.state_path,
    project: goal.repo,
    updated_at: state.updated_at,
  };
});

function listed(todo: Todo, context: TodoContext): ListedTodo {
  const { claimed_by, ...metadata } = todo.metadata;
  const { todo_id, role, index, section, line, status, text, title, priority, task_class } = todo;
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  const lease = context.leases.length === 0 ? null : liveLease(todo_id, context);
  return {
    todo_id,
    role,
    index,
    section,
    line,
    status,
    done: status === "done",
    text,
    title,
    priority,
    task_class,
    claimed_by: claimed_by ?? null,
    claim_age_minutes: age.age_minutes,
    claim_stale: age.stale,
    leased_by: lease?.holder ?? null,
    lease_expires_at: lease?.expires_at ?? null,
    ...metadata,
  };
}

function countsOf(todos: readonly Todo[], role: TodoRole): TodoCounts {
  const of = (status: TodoStatus) => todos.filter((todo) => todo.role === role && todo.status === status).length;
  const [open, blocked, done, deferred] = [of("open"), of("blocked"), of("done"), of("deferred")];
  return { total: open + blocked + done + deferred, open, blocked, done, deferred };
}
