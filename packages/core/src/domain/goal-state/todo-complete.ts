/**
 * `todo complete`: done, with evidence, and what follows, in one write (CMD-95). A side agent hands its work to review
 * or merges it itself with evidence; what another live holder has is refused (DEC-85).
 */
import { isSideAgent } from "./claim.ts";
import { findTodo, type GoalState } from "./document.ts";
import type { Edit } from "./edit.ts";
import { endingTokens, holdConflict, leftLeaseWarnings } from "./holding.ts";
import { metadataTokens } from "./metadata-input.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { nextActionAfter } from "./next-action-done.ts";
import { reviewersOf } from "./reviewers.ts";
import { changeTodo, metadataInstant } from "./todo-edit.ts";
import {
  edited,
  isRefused,
  refuse,
  requestedAgent,
  requestedTodo,
  rewrite,
  unchanged,
  type Refused,
  type TodoContext,
  type TodoOutcome,
} from "./todo-outcome.ts";
import { planSuccessors, successorFault, type Review, type SuccessorRequest } from "./todo-successor.ts";
import type { Todo } from "./todo.ts";

/** Which todo is done, by whom, on what evidence, and what follows. */
export interface CompleteTodoRequest extends SuccessorRequest {
  readonly todo_id: string;
  /** Who completes it; `agent_id` stands in when this is left out. */
  readonly claimed_by?: string | null;
  readonly agent_id?: string | null;
  readonly evidence?: string | null;
  readonly note?: string | null;
  readonly reason?: string | null;
  readonly side_agent_self_merged?: boolean;
}

/** The state with the todo closed and its successors opened; unchanged when it was closed before (CMD-95). */
export function completeTodo(state: GoalState, request: CompleteTodoRequest, context: TodoContext): TodoOutcome {
  const found = findForEnding(state, request, context);
  if (isRefused(found)) return found;
  const { todo, actor } = found;
  if (todo.status === "done") return repeatEnding(state, todo, context);
  const review = reviewOf(todo, actor, request, context);
  if (isRefused(review)) return review;
  const given = endingMetadata(request, context);
  if (isRefused(given)) return given;
  return endTodo(state, { todo, actor, request, review, given }, context);
}

export interface FoundForEnding {
  readonly todo: Todo;
  readonly actor: string | null;
}

/** The todo and who wants to end it; refused when flags, agent or holder forbid it. A done todo is found again. */
export function findForEnding(state: GoalState, request: CompleteTodoRequest, context: TodoContext): FoundForEnding | Refused {
  const fault = successorFault(request);
  if (fault !== null) return fault;
  const name = request.claimed_by ?? request.agent_id ?? null;
  const actor = name === null ? null : requestedAgent(name, request.claimed_by === name ? "claimed_by" : "agent_id", context.agents);
  if (isRefused(actor)) return actor;
  const todo = requestedTodo(state, request.todo_id);
  if (isRefused(todo)) return todo;
  return (todo.status === "done" ? null : holdConflict(todo, actor, context)) ?? { todo, actor };
}

/** Ending again changes nothing, but for a checkbox that a person ticked without the metadata knowing (FIL-45). */
export function repeatEnding(state: GoalState, todo: Todo, context: TodoContext): TodoOutcome {
  const edits = changeTodo(state, todo, { status: "done" }, context.now);
  return edits === null ? unchanged(state, todo) : edited(rewrite(state, edits, context.now), todo.todo_id, { metadata_updated: true });
}

/** The review a side agent's completion needs: null when none is needed, refused when it has nobody to go to. */
export function reviewOf(todo: Todo, actor: string | null, request: CompleteTodoRequest, context: TodoContext): Review | null | Refused {
  const { agents } = context;
  const merged = request.side_agent_self_merged === true;
  const proven = merged && typeof request.evidence === "string" && request.evidence.trim() !== "";
  if (!isSideAgent(actor, agents) || todo.role !== "agent" || proven) return null;
  if (typeof request.next_agent_todo !== "string") {
    const missing = merged
      ? "A self-merge needs evidence."
      : `${actor} is a side agent: its work needs a review todo, or a self-merge with evidence.`;
    return refuse("completion_refused", missing, { todo_id: todo.todo_id, agent_id: actor });
  }
  const reviewers = reviewersOf(agents, actor);
  const named = typeof request.next_claimed_by === "string" ? requestedAgent(request.next_claimed_by, "next_claimed_by", agents) : null;
  if (isRefused(named)) return named;
  const reviewer = named ?? reviewers[0] ?? null;
  if (reviewer === null || reviewer === actor || (reviewers.length > 0 && !reviewers.includes(reviewer))) {
    const wanted = reviewers.length === 0 ? "another registered agent" : reviewers.join(" or ");
    return refuse("completion_refused", `The review of ${actor}'s work has to be claimed by ${wanted}.`, {
      todo_id: todo.todo_id,
      agent_id: actor,
      reviewers,
    });
  }
  return { reviewer, side_agent: actor };
}

function endingMetadata(request: CompleteTodoRequest, context: TodoContext): Map<KnownKey, string | null> | Refused {
  const { evidence, note, reason } = request;
  return metadataTokens(
    {
      ...(typeof evidence === "string" ? { evidence } : {}),
      ...(typeof note === "string" ? { note } : {}),
      ...(typeof reason === "string" ? { reason } : {}),
      ...(request.no_follow_up === true ? { no_followup: true } : {}),
    },
    context.agents,
  );
}

export interface Ending extends FoundForEnding {
  readonly request: CompleteTodoRequest;
  readonly review: Review | null;
  readonly given: ReadonlyMap<KnownKey, string | null>;
  /** True when the first successor replaces the todo (CMD-96). */
  readonly supersedes?: boolean;
}

/** One edit: the todo done, its successors added, and its step gone from `## Next Action`. */
export function endTodo(state: GoalState, ending: Ending, context: TodoContext): TodoOutcome {
  const { todo, actor, request, review, given } = ending;
  const plan = planSuccessors(state, todo, request, actor, review, context);
  if (isRefused(plan)) return plan;
  const tokens = new Map<KnownKey, string | null>([
    ...given,
    ["completed_at", metadataInstant(context.now)],
    ...endingTokens(todo, actor, context),
  ]);
  const successor = plan.todo_ids[0];
  if (ending.supersedes === true && successor !== undefined) tokens.set("superseded_by", successor);
  const own: readonly Edit[] = changeTodo(state, todo, { status: "done", tokens }, context.now) ?? [];
  const result = rewrite(state, [...own, ...plan.edits, ...nextActionAfter(state, todo, plan.agent_text)], context.now);
  if (result.kind === "refused") return result;
  const successors = plan.todo_ids.flatMap((id) => findTodo(result.state, id) ?? []);
  return edited(result, todo.todo_id, { successors, metadata_updated: true, warnings: leftLeaseWarnings(todo, context) });
}
