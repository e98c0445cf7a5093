/** `todo supersede`: a todo is closed because something else takes its place (CMD-96). */
import type { GoalState } from "./document.ts";
import { metadataTokens } from "./metadata-input.ts";
import { endTodo, findForEnding, repeatEnding, type CompleteTodoRequest } from "./todo-complete.ts";
import { isRefused, refuse, type TodoContext, type TodoOutcome } from "./todo-outcome.ts";

/** Which todo something else replaces, and why. */
export interface SupersedeTodoRequest extends Omit<CompleteTodoRequest, "note" | "side_agent_self_merged"> {
  readonly reason: string;
}

/** The state with the todo closed as superseded and its successor opened (CMD-96). */
export function supersedeTodo(state: GoalState, request: SupersedeTodoRequest, context: TodoContext): TodoOutcome {
  if (request.reason.trim() === "") return refuse("usage", "Superseding a todo needs a reason.", { key: "reason" });
  const found = findForEnding(state, request, context);
  if (isRefused(found)) return found;
  if (found.todo.status === "done") return repeatEnding(state, found.todo, context);
  const evidence = typeof request.evidence === "string" ? { evidence: request.evidence } : {};
  const follow = request.no_follow_up === true ? { no_followup: true } : {};
  const given = metadataTokens({ note: "superseded", reason: request.reason, ...evidence, ...follow }, context.agents);
  if (isRefused(given)) return given;
  return endTodo(state, { ...found, request, review: null, given, supersedes: true }, context);
}
