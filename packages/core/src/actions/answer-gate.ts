/**
 * A person's answer to one open gate: first seen as a preview, then given under the preview's id (REL-129). A gate that
 * is a todo is completed or dropped; a gate of the history gets its record. What the id stands for is compared again where
 * the write happens, so an answer never lands on something else than was seen.
 */
import { previewId } from "../domain/canonical.ts";
import { LoopxError } from "../domain/errors.ts";
import type { GateDecision } from "../domain/gate/operator-gate.ts";
import type { GoalId } from "../domain/ids.ts";
import type { OperatorGateResult } from "../domain/payload/operator-gate.ts";
import type { TodoChangeResult } from "../domain/payload/todo.ts";
import type { Host } from "../ports/host.ts";
import type { LogPosition } from "../ports/logs.ts";
import { unreadableError } from "../store/outcome.ts";
import { openGoal, requireGoals, validGoalId } from "./goals.ts";
import { operatorGate } from "./operator-gate.ts";
import { staleAnswer } from "./stale-answer.ts";
import { completeTodo } from "./todo-complete.ts";
import { supersedeTodo } from "./todo-supersede.ts";

/** The answer; `todo_id` for a gate that is a todo, else `gate` or, without both, the planned map's. */
export interface GateAnswerInput {
  readonly goal_id: string;
  readonly todo_id?: string | undefined;
  readonly gate?: string | undefined;
  readonly decision: GateDecision;
  readonly reason_summary: string;
  readonly follow_up?: string | undefined;
  /** Required to write; a dry run gives it. */
  readonly preview_id?: string | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

/** What the answer did, or would do. */
export interface GateAnswerResult {
  readonly dry_run: boolean;
  readonly applied: boolean;
  readonly goal_id: string;
  readonly preview_id: string;
  /** One of both is null. */
  readonly todo: TodoChangeResult | null;
  readonly operator_gate: OperatorGateResult | null;
}

/** Errors: `preview_stale` for a write that was not previewed as it is, and those of the todo and gate verbs. */
export async function answerGate(host: Host, input: GateAnswerInput): Promise<GateAnswerResult> {
  return input.todo_id === undefined ? answerHistory(host, input) : answerTodo(host, input, input.todo_id);
}

async function answerTodo(host: Host, input: GateAnswerInput, todo_id: string): Promise<GateAnswerResult> {
  if (input.decision === "defer" || input.gate !== undefined || input.follow_up !== undefined)
    throw new LoopxError("usage", "a todo is approved or rejected, with a reason and nothing else", { details: { key: "decision" } });
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const state = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (state.kind === "unreadable") throw unreadableError(state, { goal_id: goal.goal_id });
  const expected_state = state.kind === "absent" ? "" : host.digest("sha256", state.text);
  const preview_id = checkedPreview(host, input, expected_state);
  const place = { goal_id: goal.goal_id, todo_id, cwd: input.cwd, dry_run: input.dry_run, expected_state };
  const todo =
    input.decision === "approve"
      ? await completeTodo(host, { ...place, evidence: input.reason_summary })
      : await supersedeTodo(host, { ...place, reason: input.reason_summary });
  return { dry_run: input.dry_run === true, applied: todo.applied, goal_id: goal.goal_id, preview_id, todo, operator_gate: null };
}

async function answerHistory(host: Host, input: GateAnswerInput): Promise<GateAnswerResult> {
  const goal_id = validGoalId(input.goal_id);
  const expected_head = await headOf(host, goal_id);
  const preview_id = checkedPreview(host, input, expected_head);
  const { gate, decision, reason_summary, follow_up, dry_run } = input;
  const answer = await operatorGate(host, { goal_id, gate, decision, reason_summary, follow_up, dry_run, expected_head });
  return { dry_run: dry_run === true, applied: answer.applied, goal_id, preview_id, todo: null, operator_gate: answer };
}

async function headOf(host: Host, goal_id: GoalId): Promise<LogPosition> {
  const page = await host.logs.tail({ kind: "runs", goal_id }, { limit: 1 });
  if (page.kind === "unreadable") throw unreadableError(page, { goal_id, unreadable: "history_unreadable" });
  return page.head;
}

/** The id of this answer to what stands there now. A write has to name the same. */
function checkedPreview(host: Host, input: GateAnswerInput, seen: string): string {
  const { goal_id, todo_id, gate, decision, reason_summary, follow_up } = input;
  const id = previewId({ goal_id, todo_id, gate, decision, reason_summary, follow_up, seen }, host.digest);
  if (input.dry_run !== true && input.preview_id !== id) throw staleAnswer(goal_id);
  return id;
}
