/** `lease acquire`: hard, timed, fenced ownership of one todo (CMD-100, CMD-101). */
import type { GoalState } from "../domain/goal-state/document.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import type { Lease } from "../domain/lease/lease.ts";
import { admitWish, type LeaseWish } from "../domain/lease/wish.ts";
import type { LeaseChangeResult } from "../domain/payload/lease.ts";
import { parseTodoId } from "../domain/ids.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { unreadableError } from "../store/outcome.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { missingState } from "./heartbeat-prompt.ts";
import { refusedGrant, viewOf } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { requireSafe } from "./safe-text.ts";
import { todoContext, todoRefusal } from "./write-todo.ts";

/** The flags of `lease acquire` (CMD-100); the goal's claim time and the todo's write scopes by default. */
export interface AcquireLeaseInput {
  readonly goal_id?: string | undefined;
  readonly todo_id: string;
  readonly holder: string;
  readonly ttl_minutes?: number | undefined;
  readonly write_scope?: readonly string[] | undefined;
  readonly take_over?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly idempotency_key?: string | undefined;
  readonly dry_run?: boolean | undefined;
}

export type { LeaseChangeResult } from "../domain/payload/lease.ts";

/**
 * The lease, with its token; the same again for the same idempotency key (`changed:false`).
 * Errors: `claim_conflict`, `lease_conflict`, `write_scope_conflict`, `idempotency_key_reuse`, `lease_unreadable`.
 */
export async function acquireLease(host: Host, input: AcquireLeaseInput): Promise<LeaseChangeResult> {
  requireSafe("--reason", input.reason);
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const now = momentOf(host.clock);
  const state = await readState(host, goal);
  const context = await todoContext(host, goal, now);
  const wish = admitWish(state, wishOf(input), await currentLease(host, goal, input.todo_id), context);
  if (wish.kind === "refused") throw todoRefusal(goal, wish);
  const key = { goal_id: goal.goal_id, todo_id: wish.todo_id };
  const dryRun = input.dry_run ?? false;
  const outcome = dryRun ? await host.leases.preview(key, wish.request) : await host.leases.acquire(key, wish.request);
  if (outcome.kind !== "granted") throw refusedGrant(outcome, { ...key, holder: wish.request.holder });
  return answered(goal, outcome, { dry_run: dryRun, now });
}

function answered(
  goal: OpenGoal,
  { lease, repeated }: { lease: Lease; repeated: boolean },
  { dry_run, now }: { dry_run: boolean; now: Moment },
): LeaseChangeResult {
  return { dry_run, applied: !dry_run && !repeated, changed: !repeated, ...viewOf(goal.goal_id, lease, now) };
}

function wishOf(input: AcquireLeaseInput): LeaseWish {
  const { todo_id, holder, ttl_minutes, write_scope, take_over, reason, idempotency_key } = input;
  return {
    todo_id,
    holder,
    ttl_minutes: ttl_minutes ?? null,
    write_scopes: write_scope ?? null,
    take_over: take_over ?? false,
    reason: reason ?? null,
    idempotency_key: idempotency_key ?? null,
  };
}

async function readState(host: Host, goal: OpenGoal): Promise<GoalState> {
  const document = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (document.kind === "absent") throw missingState(goal.goal_id, goal.repo, goal.state_path);
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
  return parseGoalState(document.text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id });
}

/** Null also for an id that can have no lease, and for a record that cannot be read: state and store refuse these themselves. */
async function currentLease(host: Host, goal: OpenGoal, given: string): Promise<Lease | null> {
  const todoId = parseTodoId(given.trim().toLowerCase());
  const read = todoId === null ? null : await host.leases.read({ goal_id: goal.goal_id, todo_id: todoId });
  return read?.kind === "found" ? read.lease : null;
}
