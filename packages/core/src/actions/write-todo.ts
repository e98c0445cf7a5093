/** What all todo verbs share: the goal, its state under the write protocol, and the answer in the words of CMD-99. */
import { shellLine } from "../domain/command-line.ts";
import { LoopxError } from "../domain/errors.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import type { GoalState } from "../domain/goal-state/document.ts";
import type { Todo } from "../domain/goal-state/todo.ts";
import type { Refused, TodoContext, TodoOutcome, TodoWarning } from "../domain/goal-state/todo-outcome.ts";
import type { SuccessorTodo, TodoChangeResult } from "../domain/payload/todo.ts";
import type { Locale } from "../domain/locale/locale.ts";
import { LEASE_LEFT, NEVER_DUE } from "../domain/locale/todo.ts";
import type { Host } from "../ports/host.ts";
import type { LeaseLook } from "../ports/leases.ts";
import { expectWritten, unreadableError } from "../store/outcome.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { missingState } from "./missing-state.ts";
import { staleLease, type GoalLeaseRef } from "./lease-answer.ts";
import { fenceOf, requireFence } from "./lease-fence.ts";
import { leaseOfNoUse } from "./lease-use.ts";
import { momentOf } from "./moment.ts";
import { staleAnswer } from "./stale-answer.ts";
import { requireRegisteredPlace, todoContext, type TodoPlace } from "./todo-place.ts";

/** A write by the holder of a lease: `lease_token` is the grant's, and the write is refused when it counts no more (FIL-82). */
export interface LeasedTodoPlace extends TodoPlace {
  readonly todo_id?: string | undefined;
  readonly claimed_by?: string | undefined;
  readonly lease_token?: number | undefined;
}

export type { TodoChangeResult } from "../domain/payload/todo.ts";

/**
 * Runs a pure verb on the goal's state: decided under its lock and the leases' on the bytes that stand there, written
 * whole or not at all. A refusal is thrown with its code and leaves the file as it was. A dry run decides the same and
 * writes nothing.
 */
export async function writeTodo(
  host: Host,
  input: LeasedTodoPlace,
  verb: (state: GoalState, context: TodoContext) => TodoOutcome,
): Promise<TodoChangeResult> {
  const { goal, outcome } = await changeState(host, input, verb);
  return resultOf(goal, outcome, { dry_run: input.dry_run === true, locale: host.locale });
}

/** What a verb may answer, as far as writing its result asks. */
type StateOutcome = { readonly kind: "edited"; readonly text: string } | { readonly kind: "unchanged" } | Refused;

/** The same for any verb over a whole state: the goal it was about, and what the verb did or would do. */
export async function changeState<Outcome extends StateOutcome>(
  host: Host,
  input: LeasedTodoPlace,
  verb: (state: GoalState, context: TodoContext) => Outcome,
): Promise<{ goal: OpenGoal; outcome: Exclude<Outcome, Refused> }> {
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  requireRegisteredPlace(host, goal, input);
  const { todo_id, claimed_by: holder, lease_token: token } = input;
  const fence = fenceOf(goal, { todo_id, holder, token, flags: { todo: "--todo-id", holder: "--claimed-by" } });
  const now = momentOf(host.clock);
  const decide: Decide<Outcome> = (text, look) => {
    if (input.expected_state !== undefined && host.digest("sha256", text) !== input.expected_state) throw staleAnswer(goal.goal_id);
    const state = parseGoalState(text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id });
    const useless = leaseOfNoUse(state);
    const listing = look({ skip: (id) => id !== todo_id && useless(id) });
    return verb(state, todoContext(host, goal, listing, now));
  };
  const value = input.dry_run === true ? await preview(host, goal, fence, decide) : await applyVerb(host, goal, decide, fence);
  if (value.kind === "refused") throw todoRefusal(goal, value);
  return { goal, outcome: value as Exclude<Outcome, Refused> };
}

type Decide<Outcome> = (text: string, leases: LeaseLook) => Outcome;

/** The leases are looked at under their own lock, so that no grant comes between the look and the write. */
export async function applyVerb<Outcome extends StateOutcome>(
  host: Host,
  goal: OpenGoal,
  decide: Decide<Outcome>,
  fence: GoalLeaseRef | null = null,
): Promise<Outcome> {
  const outcome = await host.documents.update<Outcome | null>(
    { kind: "goal_state", goal_id: goal.goal_id },
    (current, leases) => {
      if (current === null) return { keep: true, value: null };
      const decided = decide(current.text, leases ?? noLeases);
      return decided.kind === "edited" ? { write: decided.text, value: decided } : { keep: true, value: decided };
    },
    { leases_of: goal.goal_id, ...(fence === null ? {} : { fence }) },
  );
  if (outcome.kind === "fenced" && fence !== null) throw staleLease(outcome.current, fence);
  const { value } = expectWritten(outcome, goal.state_path, { goal_id: goal.goal_id });
  if (value === null) throw missingState(goal.goal_id, goal.repo, goal.state_path);
  return value;
}

async function preview<Outcome extends StateOutcome>(
  host: Host,
  goal: OpenGoal,
  fence: GoalLeaseRef | null,
  decide: Decide<Outcome>,
): Promise<Outcome> {
  await requireFence(host, fence);
  const document = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (document.kind === "absent") throw missingState(goal.goal_id, goal.repo, goal.state_path);
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
  const listing = await host.leases.list({ goal_id: goal.goal_id });
  return decide(document.text, () => listing);
}

const noLeases: LeaseLook = () => ({ leases: [], unreadable: [] });

function resultOf(
  goal: OpenGoal,
  outcome: Exclude<TodoOutcome, Refused>,
  { dry_run, locale }: { dry_run: boolean; locale: Locale },
): TodoChangeResult {
  const { todo } = outcome;
  const edited = outcome.kind === "edited" ? outcome : null;
  const successors = (edited?.successors ?? []).map(shownSuccessor);
  return {
    dry_run,
    applied: !dry_run && edited !== null,
    changed: edited?.changed ?? false,
    added: edited?.added ?? false,
    already_exists: outcome.already_exists,
    metadata_updated: edited?.metadata_updated ?? false,
    goal_id: goal.goal_id,
    role: todo.role,
    section: todo.section,
    todo: todo.text,
    todo_id: todo.todo_id,
    status: todo.status,
    task_class: todo.task_class,
    action_kind: todo.metadata.action_kind ?? null,
    claimed_by: todo.metadata.claimed_by ?? null,
    successor: successors[0] ?? null,
    successors,
    state_file: goal.state_path,
    project: goal.repo,
    updated_at: outcome.state.updated_at,
    warnings: outcome.warnings.map((warning) => warningText(goal, warning, locale)),
  };
}

function warningText(goal: OpenGoal, warning: TodoWarning, locale: Locale): string {
  if (warning.kind === "never_due") return NEVER_DUE[locale](warning.todo_id);
  const { todo_id, holder, token, expires_at } = warning;
  const words = ["--goal-id", goal.goal_id, "--todo-id", todo_id, "--holder", holder, "--token", String(token)];
  return LEASE_LEFT[locale](holder, todo_id, expires_at, shellLine(["loopx", "lease", "release", ...words]));
}

export function shownSuccessor({ todo_id, role, text, metadata }: Todo): SuccessorTodo {
  return { todo_id, role, text, claimed_by: metadata.claimed_by ?? null };
}

/** The error of a refusal, with the way out. */
export function todoRefusal(goal: OpenGoal, refused: Refused): LoopxError {
  const list = `loopx todo list --goal-id ${goal.goal_id}`;
  const { todo_id, claim_stale } = refused.details;
  const stale = refused.code === "claim_conflict" && claim_stale === true && typeof todo_id === "string";
  const takeOver = `loopx todo claim --goal-id ${goal.goal_id} --todo-id ${stale ? todo_id : ""} --claimed-by "<agent>" --take-over --reason "<why>"`;
  const hint = refused.code === "todo_not_found" ? list : stale ? takeOver : refused.hint;
  return new LoopxError(refused.code, refused.message, {
    ...(hint === undefined ? {} : { hint }),
    details: { goal_id: goal.goal_id, ...refused.details },
  });
}
