/** `todo add`: one new todo, or the metadata of the open one that says the same (CMD-91, FIL-48). */
import type { GoalState } from "./document.ts";
import { claimTokens } from "./holding.ts";
import { metadataTokens, unfitting, type MetadataInput } from "./metadata-input.ts";
import type { KnownKey, MetadataKey } from "./metadata-keys.ts";
import { neverDueWarnings, withFirstLook } from "./monitor-time.ts";
import { changeTodo, insertTodos, metadataInstant, sameOpenTodo } from "./todo-edit.ts";
import {
  edited,
  freshTodoId,
  isRefused,
  refuseValue,
  rewrite,
  unchanged,
  type Refused,
  type TodoContext,
  type TodoEdited,
  type TodoOutcome,
} from "./todo-outcome.ts";
import { newTodoText } from "./todo-text.ts";
import type { TaskClass, Todo, TodoRole } from "./todo.ts";

/** The todo to add; `text` may carry a priority prefix. */
export interface AddTodoRequest {
  readonly role: TodoRole;
  readonly text: string;
  readonly metadata?: MetadataInput;
}

/** The state with the new todo at the end of its section. An open twin gets the metadata instead (`already_exists`, FIL-48). */
export function addTodo(state: GoalState, request: AddTodoRequest, context: TodoContext): TodoOutcome {
  const line = newTodoText(request.text);
  if ("fault" in line) return refuseValue("text", line.fault);
  const tokens = metadataTokens(request.metadata ?? {}, context.agents);
  if (isRefused(tokens)) return tokens;
  const twin = sameOpenTodo(state, request.role, line.text);
  if (twin !== null) return mergeInto(state, twin, tokens, context);
  return addNew(state, request.role, line.text, tokens, context);
}

function addNew(state: GoalState, role: TodoRole, text: string, given: Map<KnownKey, string | null>, context: TodoContext): TodoOutcome {
  const tokens = newTokens(role, given, context);
  const misfit = unfitting(tokens, outlookOfTokens(role, tokens), context.agents);
  if (misfit !== null) return misfit;
  const todo_id = freshTodoId(state, context);
  if (isRefused(todo_id)) return todo_id;
  const edit = insertTodos(state, role, [{ todo_id, text, tokens }], context.now);
  return warned(edited(rewrite(state, [edit], context.now), todo_id, { added: true }));
}

/** Tokens of a new todo: an agent's class is written down, so that nobody has to guess it; a claim gets its time. */
export function newTokens(role: TodoRole, given: ReadonlyMap<KnownKey, string | null>, context: TodoContext): Map<KnownKey, string | null> {
  const tokens = new Map(given);
  if (role === "agent" && typeof tokens.get("task_class") !== "string") tokens.set("task_class", "advancement_task");
  if (typeof tokens.get("claimed_by") === "string") tokens.set("claimed_at", metadataInstant(context.now));
  return withFirstLook(tokens, outlookOfTokens(role, tokens), context.now);
}

export function outlookOfTokens(
  role: TodoRole,
  tokens: ReadonlyMap<KnownKey, string | null>,
): { role: TodoRole; task_class: TaskClass | null; has: (key: MetadataKey) => boolean } {
  return { role, task_class: (tokens.get("task_class") ?? null) as TaskClass | null, has: (key) => isSet(tokens.get(key)) };
}

/** What a todo will be once these tokens are written. */
export function outlookAfter(
  todo: Todo,
  tokens: ReadonlyMap<KnownKey, string | null>,
): { role: TodoRole; task_class: TaskClass | null; has: (key: MetadataKey) => boolean } {
  const task_class = tokens.has("task_class")
    ? ((tokens.get("task_class") ?? (todo.role === "agent" ? "advancement_task" : null)) as TaskClass | null)
    : todo.task_class;
  const has = (key: MetadataKey): boolean =>
    tokens.has(key) ? isSet(tokens.get(key)) : todo.metadata[key] !== undefined && todo.metadata[key] !== false;
  return { role: todo.role, task_class, has };
}

/** `global_gate=false` is the same as none. */
function isSet(value: string | null | undefined): boolean {
  return typeof value === "string" && value !== "false";
}

/** Given metadata goes into the todo that exists; a claim follows the rules of a claim. */
function mergeInto(state: GoalState, todo: Todo, given: Map<KnownKey, string | null>, context: TodoContext): TodoOutcome {
  const tokens = withClaim(todo, given, context);
  if (isRefused(tokens)) return tokens;
  const misfit = unfitting(tokens, outlookAfter(todo, tokens), context.agents);
  if (misfit !== null) return misfit;
  withFirstLook(tokens, outlookAfter(todo, tokens), context.now);
  const edits = changeTodo(state, todo, { tokens }, context.now);
  if (edits === null) return unchanged(state, todo, true);
  return warned(edited(rewrite(state, edits, context.now), todo.todo_id, { already_exists: true, metadata_updated: true }));
}

/** The outcome with what its author should know of the todo as it now stands. */
export function warned(outcome: TodoEdited | Refused): TodoEdited | Refused {
  return outcome.kind === "edited" ? { ...outcome, warnings: [...outcome.warnings, ...neverDueWarnings(outcome.todo)] } : outcome;
}

/** Tokens in which `claimed_by` stands only if the agent may claim; the claim of its owner is left as it is. */
export function withClaim(
  todo: Todo,
  given: ReadonlyMap<KnownKey, string | null>,
  context: TodoContext,
): Map<KnownKey, string | null> | Refused {
  const tokens = new Map(given);
  const agent = tokens.get("claimed_by");
  if (typeof agent !== "string") return tokens;
  const claim = claimTokens(todo, agent, context);
  if (isRefused(claim)) return claim;
  if (agent !== todo.metadata.claimed_by) for (const [key, value] of claim) tokens.set(key, value);
  return tokens;
}
