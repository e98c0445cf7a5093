/**
 * Who may ask for a lease of a todo, and for what: the checks before the store's own (CMD-101). What other leases say is
 * decided by `rules.ts` under their lock; nothing here grants anything.
 */
import { claimAge, claimHolder } from "../goal-state/claim.ts";
import type { GoalState } from "../goal-state/document.ts";
import { claimConflict } from "../goal-state/holding.ts";
import { isRefused, refuse, requestedAgent, requestedTodo, type Refused, type TodoContext } from "../goal-state/todo-outcome.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { TodoId } from "../ids.ts";
import { isLive } from "./rules.ts";
import type { Lease } from "./lease.ts";
import { leaseFault } from "./limits.ts";
import type { LeaseRequest } from "./rules.ts";

/** The flags of `lease acquire` (CMD-100); null is what was not said. */
export interface LeaseWish {
  readonly todo_id: string;
  readonly holder: string;
  readonly ttl_minutes: number | null;
  readonly write_scopes: readonly string[] | null;
  readonly take_over: boolean;
  readonly reason: string | null;
  readonly idempotency_key: string | null;
}

/** What the store is asked for. */
export interface AdmittedWish {
  readonly kind: "admitted";
  readonly todo_id: TodoId;
  /** False while the todo's id follows from its place: a lease on it would be lost when the line moves (FIL-46). */
  readonly explicit_id: boolean;
  readonly request: LeaseRequest;
}

/** The request with its defaults, or the first refusal in the order of CMD-101. `current` is the todo's lease as it stands. */
export function admitWish(state: GoalState, wish: LeaseWish, current: Lease | null, context: TodoContext): AdmittedWish | Refused {
  const flags = flagFault(wish);
  if (flags !== null) return flags;
  const holder = requestedAgent(wish.holder, "holder", context.agents);
  if (isRefused(holder)) return holder;
  const todo = requestedTodo(state, wish.todo_id);
  if (isRefused(todo)) return todo;
  const refused = terminalRefusal(todo) ?? takeOverRefusal(wish, holder, context) ?? claimRefusal(todo, wish, holder, current, context);
  if (refused !== null) return refused;
  const request = requestOf(wish, holder, todo, context);
  const fault = leaseFault(request);
  return fault === null
    ? { kind: "admitted", todo_id: todo.todo_id, explicit_id: todo.explicit_id, request }
    : refuse("invalid_value", `${sentence(fault.message)}.`, { key: fault.key });
}

function flagFault({ take_over, reason, idempotency_key }: LeaseWish): Refused | null {
  if (take_over && (reason ?? "").trim() === "") return refuse("usage", "Taking over a live lease needs a reason.", { key: "reason" });
  if (!take_over && reason !== null) return refuse("usage", "A reason goes with --take-over only.", { key: "reason" });
  return idempotency_key?.trim() === ""
    ? refuse("invalid_value", "An idempotency key has at least one character.", { key: "idempotency_key" })
    : null;
}

function terminalRefusal(todo: Todo): Refused | null {
  if (todo.role === "user")
    return refuse("invalid_value", `${todo.todo_id} is for a person; agents lease agent todos.`, { todo_id: todo.todo_id });
  if (todo.status !== "done" && todo.status !== "deferred") return null;
  return refuse("invalid_value", `${todo.todo_id} is ${todo.status}; only an open todo can be leased.`, {
    todo_id: todo.todo_id,
    status: todo.status,
  });
}

/** A live lease is taken by the primary agent; a goal without one leaves it to whoever operates it. */
function takeOverRefusal({ take_over }: LeaseWish, holder: string, { agents }: TodoContext): Refused | null {
  if (!take_over || agents.primary === null || agents.primary === holder) return null;
  return refuse("lease_conflict", `Only the primary agent ${agents.primary} may take over a live lease; ${holder} is another.`, {
    holder,
    primary_agent: agents.primary,
  });
}

/**
 * A claim of another agent, stale or not, stands until it is taken over as a claim. A take-over of the lease covers the
 * claim of the agent it takes from.
 */
function claimRefusal(todo: Todo, { take_over }: LeaseWish, holder: string, current: Lease | null, context: TodoContext): Refused | null {
  const claimant = claimHolder(todo, context.agents);
  if (claimant === null || claimant === holder) return null;
  const live = current !== null && isLive(current, context.now);
  if (take_over && live && (current.holder === claimant || (current.holder === holder && current.taken_over_from === claimant)))
    return null;
  return claimConflict(todo, claimant, claimAge(todo, context.now, context.claim_ttl_minutes), context.now);
}

function requestOf(wish: LeaseWish, holder: string, todo: Todo, context: TodoContext): LeaseRequest {
  return {
    holder,
    ttl_minutes: wish.ttl_minutes ?? context.claim_ttl_minutes,
    write_scopes: wish.write_scopes ?? todo.metadata.required_write_scopes ?? [],
    ...(wish.idempotency_key === null ? {} : { idempotency_key: wish.idempotency_key }),
    ...(wish.take_over && wish.reason !== null ? { take_over: { reason: wish.reason.trim() } } : {}),
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
