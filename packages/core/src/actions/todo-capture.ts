/** `todo capture-followups`: writes down what came up along the way, so that the step at hand stays small. */
import { captureFollowUps as captureInState } from "../domain/goal-state/todo-capture.ts";
import { NEW_SECTION } from "../domain/goal-state/headings.ts";
import type { TaskClass } from "../domain/goal-state/todo.ts";
import type { TodoCaptureResult } from "../domain/payload/todo.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { requireSafeTodo } from "./todo-add.ts";
import { metadataOf } from "./todo-metadata-input.ts";
import type { TodoPlace } from "./todo-place.ts";
import { changeState } from "./write-todo.ts";

/** The flags of `todo capture-followups`: one text for each todo, and metadata that all of them get. */
export interface CaptureFollowUpsInput extends TodoPlace {
  readonly follow_up: readonly string[];
  readonly task_class?: Extract<TaskClass, "advancement_task" | "blocker"> | undefined;
  readonly action_kind?: string | undefined;
  readonly required_write_scope?: readonly string[] | undefined;
  readonly required_capability?: readonly string[] | undefined;
  readonly target_capability?: readonly string[] | undefined;
  readonly required_decision_scope?: readonly string[] | undefined;
  readonly note?: string | undefined;
  readonly evidence?: string | undefined;
}

export type { TodoCaptureResult } from "../domain/payload/todo.ts";

/** The todos, in the order given; all are written or none. Nobody holds them, and a repeated call adds none again. */
export const captureFollowUps = observed("capture_follow_ups", async (host, input: CaptureFollowUpsInput): Promise<TodoCaptureResult> => {
  for (const text of input.follow_up) requireSafe("--follow-up", text);
  requireSafeTodo({ note: input.note, evidence: input.evidence });
  const { dry_run = false } = input;
  const request = { follow_ups: input.follow_up, metadata: metadataOf(input) };
  const { goal, outcome } = await changeState(host, input, (state, context) => captureInState(state, request, context));
  const changed = outcome.kind === "edited";
  const added = outcome.captured.filter((each) => each.added);
  return {
    dry_run,
    applied: changed && !dry_run,
    changed,
    goal_id: goal.goal_id,
    role: "agent",
    section: outcome.captured[0]?.todo.section ?? NEW_SECTION.agent,
    captured_count: added.length,
    already_exists_count: outcome.captured.length - added.length,
    todos: outcome.captured.map(({ todo, added: isNew }) => ({
      todo_id: todo.todo_id,
      text: todo.text,
      status: todo.status,
      added: isNew,
    })),
    state_file: goal.state_path,
    project: goal.repo,
    updated_at: outcome.state.updated_at,
    warnings: [],
  };
});
