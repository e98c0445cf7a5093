/** `todo update`: status, text, metadata or claim of one todo (CMD-94). Closing and reopening respect who holds it (DEC-85). */
import type { GoalState } from "./document.ts";
import { clearConflict, endingTokens, holdConflict, leftLeaseWarnings } from "./holding.ts";
import { metadataTokens, unfitting, type MetadataInput } from "./metadata-input.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { withFirstLook } from "./monitor-time.ts";
import { nextActionAfter } from "./next-action-done.ts";
import { outlookAfter, warned, withClaim } from "./todo-add.ts";
import { reviewOf } from "./todo-complete.ts";
import { changeTodo, metadataInstant } from "./todo-edit.ts";
import {
  edited,
  isRefused,
  refuse,
  refuseValue,
  requestedAgent,
  requestedTodo,
  rewrite,
  unchanged,
  type Refused,
  type TodoContext,
  type TodoOutcome,
} from "./todo-outcome.ts";
import { newTodoText } from "./todo-text.ts";
import type { Todo, TodoStatus } from "./todo.ts";

/** What of a todo changes; a key left out stays as it is. */
export interface UpdateTodoRequest {
  readonly todo_id: string;
  /** Who asks; with `clear_claim` a given `claimed_by` says it too. */
  readonly agent_id?: string | null;
  readonly status?: TodoStatus;
  readonly text?: string;
  readonly metadata?: MetadataInput;
  readonly clear_claim?: boolean;
  readonly no_follow_up?: boolean;
}

/** The state with the change. Closing, reopening and clearing a claim respect who holds the todo (CMD-94). */
export function updateTodo(state: GoalState, request: UpdateTodoRequest, context: TodoContext): TodoOutcome {
  const asked = readRequest(request, context);
  if (isRefused(asked)) return asked;
  const todo = requestedTodo(state, request.todo_id);
  if (isRefused(todo)) return todo;
  const forbidden = statusConflict(todo, asked, context);
  if (forbidden !== null) return forbidden;
  const tokens = updateTokens(todo, asked, context);
  if (isRefused(tokens)) return tokens;
  const misfit = unfitting(tokens, outlookAfter(todo, tokens), context.agents);
  if (misfit !== null) return misfit;
  withFirstLook(tokens, outlookAfter(todo, tokens), context.now);
  const change = {
    tokens,
    ...(asked.status === null ? {} : { status: asked.status }),
    ...(asked.text === null ? {} : { text: asked.text }),
  };
  const edits = changeTodo(state, todo, change, context.now);
  if (edits === null) return unchanged(state, todo);
  const closes = asked.status !== null && isTerminal(asked.status) && !isTerminal(todo.status);
  const done = closes ? nextActionAfter(state, todo, null) : [];
  const warnings = closes ? leftLeaseWarnings(todo, context) : [];
  const result = rewrite(state, [...edits, ...done], context.now);
  return warned(edited(result, todo.todo_id, { metadata_updated: tokens.size > 0, warnings }));
}

interface Asked {
  readonly actor: string | null;
  readonly status: TodoStatus | null;
  readonly text: string | null;
  readonly given: ReadonlyMap<KnownKey, string | null>;
  readonly clear_claim: boolean;
  readonly evidence: string | null;
}

function readRequest(request: UpdateTodoRequest, context: TodoContext): Asked | Refused {
  const { claimed_by, ...metadata } = request.metadata ?? {};
  const clear_claim = request.clear_claim === true || claimed_by === null;
  const name = request.agent_id ?? (clear_claim && typeof claimed_by === "string" ? claimed_by : null);
  const actor = name === null ? null : requestedAgent(name, "agent_id", context.agents);
  if (isRefused(actor)) return actor;
  const claim = clear_claim || claimed_by === undefined ? {} : { claimed_by };
  const given = metadataTokens({ ...metadata, ...claim, ...(request.no_follow_up === true ? { no_followup: true } : {}) }, context.agents);
  if (isRefused(given)) return given;
  const line = request.text === undefined ? null : newTodoText(request.text);
  if (line !== null && "fault" in line) return refuseValue("text", line.fault);
  if (given.size === 0 && line === null && request.status === undefined && !clear_claim) {
    return refuse("usage", "Nothing to update was given.", { todo_id: request.todo_id });
  }
  return { actor, status: request.status ?? null, text: line?.text ?? null, given, clear_claim, evidence: given.get("evidence") ?? null };
}

/** Why the status may not change this way, or null. `done` is judged as `todo complete` judges it. */
function statusConflict(todo: Todo, asked: Asked, context: TodoContext): Refused | null {
  const { status, actor } = asked;
  if (status === null || status === todo.status) return null;
  const closes = isTerminal(status);
  if (closes === isTerminal(todo.status) && status !== "done") return null;
  const caller = actor ?? asked.given.get("claimed_by") ?? null;
  const held = holdConflict(todo, caller, context);
  if (held !== null || status !== "done") return held;
  const review = reviewOf(todo, caller, { todo_id: todo.todo_id, evidence: asked.evidence }, context);
  return isRefused(review) ? review : null;
}

function updateTokens(todo: Todo, asked: Asked, context: TodoContext): Map<KnownKey, string | null> | Refused {
  const { status } = asked;
  const closes = status === "done" && todo.status !== "done";
  const tokens = closes ? closingTokens(todo, asked, context) : withClaim(todo, asked.given, context);
  if (isRefused(tokens)) return tokens;
  // Reopening forgets when it was completed.
  if (status !== null && status !== "done" && todo.status === "done") tokens.set("completed_at", null);
  if (!asked.clear_claim) return tokens;
  return clearConflict(todo, asked.actor, context) ?? tokens.set("claimed_by", null).set("claimed_at", null);
}

/** Closing notes when and by whom, as `todo complete` does. */
function closingTokens(todo: Todo, asked: Asked, context: TodoContext): Map<KnownKey, string | null> {
  const ending = endingTokens(todo, asked.actor ?? asked.given.get("claimed_by") ?? null, context);
  const tokens = new Map([...asked.given, ...ending, ["completed_at", metadataInstant(context.now)] as const]);
  if (!ending.has("claimed_by")) tokens.delete("claimed_by");
  return tokens;
}

function isTerminal(status: TodoStatus): boolean {
  return status === "done" || status === "deferred";
}
