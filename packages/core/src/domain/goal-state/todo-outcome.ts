/**
 * What every todo verb takes and answers. Verbs are pure: they look at a state and give the edits that would change it,
 * or say why not. They never write, and a refusal is a value.
 */
import type { ErrorCode } from "../errors.ts";
import { parseAgentId } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { Moment } from "../time.ts";
import { findTodo, GOAL_STATE_LIMIT, TODO_LIMIT, type GoalState } from "./document.ts";
import { applyEdits, sortEdits, updatedAtEdits, type Edit } from "./edit.ts";
import { utf8Length } from "./lines.ts";
import { parseGoalState } from "./parse.ts";
import type { Todo } from "./todo.ts";

/** The agents a goal knows. */
export interface TodoAgents {
  /** Normalised ids; empty when the goal knows no agents. */
  readonly registered: readonly string[];
  readonly primary: string | null;
  readonly handoff: string | null;
}

/** A lease on a todo, as far as claims care. */
export interface TodoLease {
  readonly todo_id: string;
  readonly holder: string;
  readonly token: number;
  readonly expires_at: string;
  readonly live: boolean;
}

/** What a verb has to know beside the state. */
export interface TodoContext {
  readonly now: Moment;
  /** A fresh `todo_` id; asked again when the file knows it already. */
  readonly newTodoId: () => string;
  readonly agents: TodoAgents;
  readonly claim_ttl_minutes: number;
  readonly leases: readonly TodoLease[];
}

/** Why nothing may change; `code` is the error a command would end with. */
export interface Refused {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: JsonObject;
  /** The way out, where the code's own is too general. */
  readonly hint?: string;
}

/** What the author of a change should know of it; a sentence is made of it where it is shown. */
export type TodoWarning =
  | { readonly kind: "lease_left"; readonly todo_id: string; readonly holder: string; readonly token: number; readonly expires_at: string }
  | { readonly kind: "never_due"; readonly todo_id: string };

/** A document that would change. `state` is the state after it. */
export interface Rewritten {
  readonly kind: "edited";
  readonly edits: readonly Edit[];
  readonly text: string;
  readonly state: GoalState;
  readonly updated_at: string | null;
}

/** The state after a verb, and what the verb did. */
export interface TodoEdited extends Rewritten {
  /** The todo after the edit. */
  readonly todo: Todo;
  /** False when only a claim's age was restarted (CMD-93). */
  readonly changed: boolean;
  readonly added: boolean;
  readonly already_exists: boolean;
  readonly metadata_updated: boolean;
  /** New or merged todos that follow this one. */
  readonly successors: readonly Todo[];
  readonly warnings: readonly TodoWarning[];
}

/** The state says all of it already. */
export interface TodoUnchanged {
  readonly kind: "unchanged";
  readonly state: GoalState;
  readonly todo: Todo;
  readonly already_exists: boolean;
  readonly warnings: readonly TodoWarning[];
}

/** What a todo verb answers. */
export type TodoOutcome = TodoEdited | TodoUnchanged | Refused;

export function refuse(code: ErrorCode, message: string, details: JsonObject = {}, hint?: string): Refused {
  return { kind: "refused", code, message, details, ...(hint === undefined ? {} : { hint }) };
}

/** A value that is not right, named by its key, with what would be (FIL-43). */
export function refuseValue(key: string, expected: string): Refused {
  return refuse("invalid_value", `\`${key}\` is not right; it has to be ${expected}.`, { key, expected });
}

export function isRefused<T>(value: T | Refused): value is Refused {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "refused";
}

export function unchanged(state: GoalState, todo: Todo, already_exists = false): TodoUnchanged {
  return { kind: "unchanged", state, todo, already_exists, warnings: [] };
}

/** The todo a request names, or why it cannot be written. */
export function requestedTodo(state: GoalState, todo_id: string): Todo | Refused {
  const todo = findTodo(state, todo_id.trim().toLowerCase());
  if (todo !== null) return todo;
  const archived = state.archived_ids.includes(todo_id);
  return refuse("todo_not_found", `No todo of ${state.file} has the id ${JSON.stringify(todo_id)}${archived ? "; it is archived" : ""}.`, {
    todo_id,
    archived,
  });
}

/** The agent id in its stored form, registered when the goal knows agents (CMD-90). */
export function requestedAgent(id: string, key: string, agents: TodoAgents): string | Refused {
  const agent = parseAgentId(id);
  if (agent === null) return refuseValue(key, "an agent id, `[a-z][a-z0-9_.:@-]{0,79}`");
  if (agents.registered.length === 0 || agents.registered.includes(agent)) return agent;
  return refuse("agent_not_registered", `${agent} is not registered for this goal.`, {
    agent_id: agent,
    registered_agents: [...agents.registered],
  });
}

/** Applies the edits and `updated_at`, and reads the result; refused when the file would be over a limit (FIL-101, FIL-105). */
export function rewrite(state: GoalState, edits: readonly Edit[], now: Moment): Rewritten | Refused {
  const sorted = sortEdits([...edits, ...updatedAtEdits(state, now)]);
  const text = applyEdits(state.text, sorted);
  const after = parseGoalState(text, {
    digest: state.digest,
    file: state.file,
    ...(state.goal_id === null ? {} : { goal_id: state.goal_id }),
  });
  const grown = text.length > state.text.length;
  if (grown && text.length * 3 > GOAL_STATE_LIMIT && utf8Length(text) > GOAL_STATE_LIMIT) {
    return refuse("too_large", `${state.file} would be larger than ${GOAL_STATE_LIMIT} bytes.`, {
      file: state.file,
      size: utf8Length(text),
      limit: GOAL_STATE_LIMIT,
    });
  }
  if (after.todos.length > state.todos.length && after.todos.length > TODO_LIMIT) {
    return refuse("too_large", `${state.file} would have ${after.todos.length} todos.`, {
      file: state.file,
      size: after.todos.length,
      limit: TODO_LIMIT,
    });
  }
  return { kind: "edited", edits: sorted, text, state: after, updated_at: after.updated_at };
}

const NO_TODO: Pick<TodoEdited, "changed" | "added" | "already_exists" | "metadata_updated" | "successors" | "warnings"> = {
  changed: true,
  added: false,
  already_exists: false,
  metadata_updated: false,
  successors: [],
  warnings: [],
};

/** The outcome of an edit about one todo. */
export function edited(result: Rewritten | Refused, todo_id: string, more: Partial<typeof NO_TODO> = {}): TodoEdited | Refused {
  if (result.kind === "refused") return result;
  const todo = findTodo(result.state, todo_id);
  if (todo === null) return refuse("internal", `${todo_id} is not in ${result.state.file} after the edit.`, { todo_id });
  return { ...result, todo, ...NO_TODO, ...more };
}

const ID_TRIES = 100;

/** A todo id that stands nowhere in the file, archive included (FIL-46), nor among those just given out. */
export function freshTodoId(state: GoalState, context: TodoContext, given: readonly string[] = []): string | Refused {
  for (let tries = 0; tries < ID_TRIES; tries += 1) {
    const id = context.newTodoId();
    if (!given.includes(id) && !state.text.includes(id)) return id;
  }
  return refuse("internal", `No new todo id was found in ${ID_TRIES} tries.`);
}
