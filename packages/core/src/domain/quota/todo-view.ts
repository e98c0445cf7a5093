/** Todos as a verdict shows them: counts, the next three, the selected one. */
import { byRank, isGating, isOpen } from "../gate/effects.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { Moment } from "../time.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { holderOf } from "./holders.ts";
import { shownText } from "./shown-text.ts";
import type { SelectedTodo, TodoList } from "./verdict-schema.ts";

export const NEXT_SHOWN = 3;
const NEXT_TEXT_LIMIT = 120;
const SELECTED_TEXT_LIMIT = 200;

/** The agent's todos, those counted that the facts do not list. */
export function agentTodos(context: Pick<Context, "facts" | "now">): TodoList {
  const { agent, left_out } = context.facts.todos;
  const list = todoList(agent, context);
  return { ...list, open_count: list.open_count + (left_out?.open ?? 0) };
}

/** How many are open, and the first three: gating ones, then by rank and place. */
export function todoList(todos: readonly Todo[], { facts, now }: Pick<Context, "facts" | "now">): TodoList {
  let open_count = 0;
  const first: Todo[] = [];
  for (const todo of todos) {
    if (!isOpen(todo)) continue;
    open_count += 1;
    const last = first[NEXT_SHOWN - 1];
    if (last !== undefined && !comesBefore(todo, last)) continue;
    const at = first.findIndex((other) => comesBefore(todo, other));
    first.splice(at === -1 ? first.length : at, 0, todo);
    if (first.length > NEXT_SHOWN) first.pop();
  }
  return {
    open_count,
    next: first.map((todo) => ({
      todo_id: todo.todo_id,
      text: shownText(todo.text, NEXT_TEXT_LIMIT),
      task_class: classOf(todo),
      ...(todo.role === "user" && isGating(todo) ? { gates: true } : {}),
      ...heldBy(todo, facts, now),
    })),
  };
}

function heldBy(todo: Todo, facts: Facts, now: Moment): { held_by?: string; held_until?: string } {
  const held = todo.role === "agent" ? holderOf(todo, facts, now) : null;
  if (held === null || !held.live) return {};
  return { held_by: held.holder, ...(held.until === null ? {} : { held_until: held.until }) };
}

function comesBefore(a: Todo, b: Todo): boolean {
  const gating = isGating(a);
  return gating === isGating(b) ? byRank(a, b) < 0 : gating;
}

/** The todo this decision hands to the agent, or null. */
export function selectedTodo(decision: Decision): SelectedTodo | null {
  const selection = "selected" in decision ? decision.selected : null;
  if (selection === null) return null;
  const { todo, selected_by, holding } = selection;
  const scopes = todo.metadata.required_write_scopes ?? [];
  return {
    todo_id: todo.todo_id,
    text: shownText(todo.text, SELECTED_TEXT_LIMIT),
    priority: todo.priority,
    task_class: classOf(todo),
    selected_by,
    claimed_by: claimantOf(todo, decision.context),
    claim_required_before_work: decision.context.caller.role !== null && holding.kind !== "own",
    ...(scopes.length === 0 ? {} : { required_write_scopes: [...scopes] }),
  };
}

/** A user todo without a class is a gate (design D9); an agent todo without one is work. */
export function classOf(todo: Todo): NonNullable<Todo["task_class"]> {
  return todo.task_class ?? (todo.role === "user" ? "user_gate" : "advancement_task");
}

/** Who holds it by claim, or by a live lease when nobody claims it. */
function claimantOf(todo: Todo, { facts, now }: Context): string | null {
  if (todo.metadata.claimed_by !== undefined) return todo.metadata.claimed_by;
  return facts.leases.find((lease) => lease.todo_id === todo.todo_id && lease.expires_at_ms > now.ms)?.holder ?? null;
}
