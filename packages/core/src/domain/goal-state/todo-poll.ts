/**
 * What a look at a monitor changes in the goal state: when it was, what it found, when the next one is due (CMD-85).
 * It closes nothing and holds nobody up; what follows from a material change is written in the same edit.
 */
import { instantMs, type Moment } from "../time.ts";
import { cadenceMs } from "./cadence.ts";
import { findTodo, type GoalState } from "./document.ts";
import { holdConflict } from "./holding.ts";
import { metadataTokens } from "./metadata-input.ts";
import { specOf } from "./metadata-keys.ts";
import { changeTodo, metadataInstant } from "./todo-edit.ts";
import {
  edited,
  isRefused,
  refuse,
  refuseValue,
  requestedAgent,
  requestedTodo,
  rewrite,
  type Refused,
  type TodoContext,
  type TodoOutcome,
} from "./todo-outcome.ts";
import { planSuccessors, successorFault } from "./todo-successor.ts";
import type { Todo } from "./todo.ts";

/** One look at one monitor. Todos may follow only from a material change. */
export interface PollRequest {
  readonly todo_id: string;
  readonly agent_id: string | null;
  readonly material_change: boolean;
  readonly result_hash?: string | undefined;
  readonly cadence?: string | undefined;
  readonly next_due_at?: string | undefined;
  readonly next_agent_todo?: string | undefined;
  readonly next_user_todo?: string | undefined;
  readonly next_claimed_by?: string | undefined;
}

/** The state after the look. Refused for what is no open monitor, what another holds, and where it would stay due for ever. */
export function pollMonitor(state: GoalState, request: PollRequest, context: TodoContext): TodoOutcome {
  const fault = followFault(request);
  if (fault !== null) return fault;
  const actor = request.agent_id === null ? null : requestedAgent(request.agent_id, "agent_id", context.agents);
  if (isRefused(actor)) return actor;
  const todo = openMonitor(state, request.todo_id);
  if (isRefused(todo)) return todo;
  // Where nobody is registered a name is only a label, and the verdict gives the look to whoever asks (DEC-11, DEC-12).
  const held = context.agents.registered.length === 0 ? null : holdConflict(todo, actor, context);
  if (held !== null) return held;
  const due = dueAfter(todo, request, context.now);
  if (isRefused(due)) return due;
  const tokens = metadataTokens(
    {
      last_checked_at: metadataInstant(context.now),
      consecutive_no_change: request.material_change ? 0 : (todo.metadata.consecutive_no_change ?? 0) + 1,
      material_change: request.material_change,
      ...(request.result_hash === undefined ? {} : { result_hash: request.result_hash }),
      ...(request.cadence === undefined ? {} : { cadence: request.cadence }),
      ...(due === null ? {} : { next_due_at: due }),
    },
    context.agents,
  );
  if (isRefused(tokens)) return tokens;
  const follow = planSuccessors(state, todo, request, actor, null, context);
  if (isRefused(follow)) return follow;
  const own = changeTodo(state, todo, { tokens }, context.now) ?? [];
  const result = rewrite(state, [...own, ...follow.edits], context.now);
  if (result.kind === "refused") return result;
  const successors = follow.todo_ids.flatMap((id) => findTodo(result.state, id) ?? []);
  return edited(result, todo.todo_id, { successors, metadata_updated: true });
}

function followFault(request: PollRequest): Refused | null {
  const next = (["next_agent_todo", "next_user_todo", "next_claimed_by"] as const).find((key) => request[key] !== undefined);
  if (next !== undefined && !request.material_change) {
    return refuse("usage", `\`${next}\` goes with \`material_change\` only: nothing follows from a look that found nothing.`, {
      key: next,
    });
  }
  return successorFault(request);
}

function openMonitor(state: GoalState, todo_id: string): Todo | Refused {
  const todo = requestedTodo(state, todo_id);
  if (isRefused(todo)) return todo;
  if (todo.task_class !== "continuous_monitor") {
    return refuse("invalid_value", `${todo.todo_id} is no monitor; it is of the class ${todo.task_class ?? "none"}.`, {
      key: "todo_id",
      todo_id: todo.todo_id,
    });
  }
  if (todo.status === "open" || todo.status === "blocked") return todo;
  return refuse("invalid_value", `The monitor ${todo.todo_id} is ${todo.status}.`, { key: "todo_id", todo_id: todo.todo_id });
}

/** When the next look is due; null leaves it as it is. A monitor that has come due has to get a later instant. */
function dueAfter(todo: Todo, request: PollRequest, now: Moment): string | null | Refused {
  if (request.next_due_at !== undefined) {
    const given = instantMs(request.next_due_at);
    return given !== null && given > now.ms ? request.next_due_at : refuseValue("next_due_at", "an RFC 3339 instant later than now");
  }
  const step = cadenceMs(request.cadence ?? todo.metadata.cadence);
  if (step === null && request.cadence !== undefined) return refuseValue("cadence", specOf("cadence").expected);
  if (step !== null) return metadataInstant({ ...now, ms: now.ms + step });
  const standing = instantMs(todo.metadata.next_due_at);
  if (standing === null || standing > now.ms) return null;
  return refuse("usage", `${todo.todo_id} is due and has no cadence, so the poll has to say when it is due next.`, {
    key: "next_due_at",
    todo_id: todo.todo_id,
  });
}
