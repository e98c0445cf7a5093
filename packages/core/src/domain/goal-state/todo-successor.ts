/**
 * What follows a finished todo (CMD-95, CMD-96): the next agent todo, the next user todo, in the same write.
 * A successor inherits priority and claim; the review of a side agent's work goes to the handoff agent.
 */
import { claimHolder } from "./claim.ts";
import type { GoalState } from "./document.ts";
import type { Edit } from "./edit.ts";
import { metadataTokens, unfitting } from "./metadata-input.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { newTokens, outlookAfter, outlookOfTokens } from "./todo-add.ts";
import { changeTodo, insertTodos, sameOpenTodo } from "./todo-edit.ts";
import { freshTodoId, isRefused, refuse, refuseValue, type Refused, type TodoContext } from "./todo-outcome.ts";
import { newTodoText, priorityParts, priorityPrefix } from "./todo-text.ts";
import type { Todo, TodoRole } from "./todo.ts";

export interface SuccessorRequest {
  readonly next_agent_todo?: string | null;
  readonly next_user_todo?: string | null;
  readonly next_claimed_by?: string | null;
  readonly next_task_class?: string | null;
  readonly next_action_kind?: string | null;
  readonly no_follow_up?: boolean;
}

export interface SuccessorPlan {
  readonly edits: readonly Edit[];
  /** Agent todo first. */
  readonly todo_ids: readonly string[];
  /** What the next agent does; null when no agent todo follows. */
  readonly agent_text: string | null;
}

/** Who reviews a side agent's work, and for whom. */
export interface Review {
  readonly reviewer: string;
  readonly side_agent: string;
}

/** Flags that cannot stand together or alone, or null. */
export function successorFault(request: SuccessorRequest): Refused | null {
  const next = isGiven(request.next_agent_todo) || isGiven(request.next_user_todo);
  if (next && request.no_follow_up === true)
    return refuse("conflicting_flags", "A next todo and `no_follow_up` exclude each other.", { key: "no_follow_up" });
  const detail = (["next_claimed_by", "next_task_class", "next_action_kind"] as const).find((key) => isGiven(request[key]));
  return detail === undefined || next ? null : refuse("usage", `\`${detail}\` describes a next todo; give its text too.`, { key: detail });
}

/** The edits that add the successors; none asked for, none added. */
export function planSuccessors(
  state: GoalState,
  todo: Todo,
  request: SuccessorRequest,
  actor: string | null,
  review: Review | null,
  context: TodoContext,
): SuccessorPlan | Refused {
  const edits: Edit[] = [];
  const todo_ids: string[] = [];
  let agentText: string | null = null;
  for (const role of ["agent", "user"] as const) {
    const text = role === "agent" ? request.next_agent_todo : request.next_user_todo;
    if (!isGiven(text)) continue;
    // Where both follow, the details are the agent todo's.
    const details = role === "agent" || !isGiven(request.next_agent_todo) ? request : {};
    const step = planOne(state, { todo, role, text, details, actor, review: role === "agent" ? review : null, given: todo_ids }, context);
    if (isRefused(step)) return step;
    edits.push(...step.edits);
    todo_ids.push(...step.todo_ids);
    agentText ??= step.agent_text;
  }
  return { edits, todo_ids, agent_text: agentText };
}

interface Step {
  readonly todo: Todo;
  readonly role: TodoRole;
  readonly text: string;
  readonly details: SuccessorRequest;
  readonly actor: string | null;
  readonly review: Review | null;
  readonly given: readonly string[];
}

function planOne(state: GoalState, step: Step, context: TodoContext): SuccessorPlan | Refused {
  const key = step.role === "agent" ? "next_agent_todo" : "next_user_todo";
  const line = newTodoText(inheritPriority(step.text, step.todo.text));
  if ("fault" in line) return refuseValue(key, line.fault);
  const tokens = successorTokens(step, context);
  if (isRefused(tokens)) return tokens;
  // A review is of one agent's one todo: it never becomes part of another one that is worded alike.
  const twin = step.review === null ? sameOpenTodo(state, step.role, line.text, step.todo.todo_id) : null;
  if (twin !== null) return mergeSuccessor(state, twin, tokens, context);
  const complete = newTokens(step.role, tokens, context);
  const misfit = unfitting(complete, outlookOfTokens(step.role, complete), context.agents);
  if (misfit !== null) return misfit;
  const todo_id = freshTodoId(state, context, step.given);
  if (isRefused(todo_id)) return todo_id;
  const edit = insertTodos(state, step.role, [{ todo_id, text: line.text, tokens: complete }], context.now);
  return { edits: [edit], todo_ids: [todo_id], agent_text: step.role === "agent" ? line.text : null };
}

function inheritPriority(text: string, from: string): string {
  const own = priorityParts(text.trim()).priority;
  return own === null ? priorityPrefix(from) + text.trim() : text;
}

function successorTokens(step: Step, context: TodoContext): Map<KnownKey, string | null> | Refused {
  const { details, review, todo, actor, role } = step;
  const inherited = role === "agent" ? (actor ?? claimHolder(todo, context.agents)) : null;
  const claimed_by = review?.reviewer ?? details.next_claimed_by ?? inherited;
  const gates = role === "user" && details.next_task_class === "user_gate" && context.agents.registered.length > 1;
  return metadataTokens(
    {
      ...(isGiven(details.next_task_class) ? { task_class: details.next_task_class } : {}),
      ...(isGiven(details.next_action_kind) ? { action_kind: details.next_action_kind } : {}),
      ...(claimed_by === null ? {} : { claimed_by }),
      // A gate that follows an agent's work stops that agent, not all of them.
      ...(gates && actor !== null ? { blocks_agent: actor } : {}),
      ...(review === null ? {} : { blocks_agent: review.side_agent, unblocks_todo_id: todo.todo_id }),
    },
    context.agents,
  );
}

/** A todo that says the same already gets the metadata; whoever holds it keeps it. */
function mergeSuccessor(state: GoalState, twin: Todo, given: Map<KnownKey, string | null>, context: TodoContext): SuccessorPlan | Refused {
  const tokens = new Map(given);
  if (claimHolder(twin, context.agents) !== null) tokens.delete("claimed_by");
  const complete = tokens.has("claimed_by") ? newTokens(twin.role, tokens, context) : tokens;
  const misfit = unfitting(complete, outlookAfter(twin, complete), context.agents);
  if (misfit !== null) return misfit;
  const agent_text = twin.role === "agent" ? twin.text : null;
  return { edits: changeTodo(state, twin, { tokens: complete }, context.now) ?? [], todo_ids: [twin.todo_id], agent_text };
}

function isGiven(text: string | null | undefined): text is string {
  return typeof text === "string";
}
