/** `lease acquire`: hard, timed, fenced ownership of one todo (CMD-100, CMD-101). */
import { parseGoalState } from "../domain/goal-state/parse.ts";
import { nameTodo } from "../domain/goal-state/todo-name.ts";
import type { Refused } from "../domain/goal-state/todo-outcome.ts";
import { admitWish, type AdmittedWish, type LeaseWish } from "../domain/lease/wish.ts";
import type { LeaseChangeResult } from "../domain/payload/lease.ts";
import { parseTodoId, type TodoId } from "../domain/ids.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { AcquireOutcome, Lease, StateWish } from "../ports/leases.ts";
import { unreadableError } from "../store/outcome.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { missingState } from "./missing-state.ts";
import { refusedGrant, viewOf } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { todoContext } from "./todo-place.ts";
import { applyVerb, todoRefusal } from "./write-todo.ts";

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
 * The lease, with its token; the same again for the same idempotency key (`changed:false`). A todo that has no id of its
 * own gets one written down first (FIL-46).
 * Errors: `claim_conflict`, `lease_conflict`, `write_scope_conflict`, `idempotency_key_reuse`, `lease_unreadable`.
 */
export const acquireLease = observed("acquire_lease", async (host, input: AcquireLeaseInput): Promise<LeaseChangeResult> => {
  requireSafe("--reason", input.reason);
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const now = momentOf(host.clock);
  const dryRun = input.dry_run ?? false;
  const asked = askOn(host, goal, input, { now, nameless_too: dryRun });
  const todo_id = parseTodoId(input.todo_id.trim().toLowerCase());
  const outcome = todo_id === null ? await strange(host, goal, asked) : await acquired(host, goal, asked, { todo_id, dryRun, now });
  if (outcome.kind === "not_asked") throw asked.refusal();
  const wish = { goal_id: goal.goal_id, todo_id: todo_id ?? "", holder: asked.holder() };
  if (outcome.kind !== "granted") throw refusedGrant(outcome, wish);
  const { lease, repeated } = outcome;
  return { dry_run: dryRun, applied: !dryRun && !repeated, changed: !repeated, ...viewOf(goal.goal_id, lease, now) };
});

/** A wish whose judgement the caller can ask for afterwards. */
interface Asked {
  readonly wish: StateWish;
  /** The wish is admitted, but its todo would lose the lease when its line moves. */
  readonly nameless: () => boolean;
  readonly holder: () => string;
  readonly refusal: () => Error;
}

/** The wish, judged on the state as the store shows it under the lock of the leases (CMD-101). */
function askOn(host: Host, goal: OpenGoal, input: AcquireLeaseInput, { now, nameless_too }: { now: Moment; nameless_too: boolean }): Asked {
  const seen: { judged: AdmittedWish | Refused | null } = { judged: null };
  const decide = (text: string | null, current: Lease | null) => {
    seen.judged = null;
    if (text === null) return null;
    const state = parseGoalState(text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id });
    const judged = admitWish(state, wishOf(input), current, todoContext(host, goal, null, now));
    seen.judged = judged;
    return judged.kind === "admitted" && (judged.explicit_id || nameless_too) ? judged.request : null;
  };
  return {
    wish: { state_of: goal.goal_id, decide },
    nameless: () => seen.judged?.kind === "admitted" && !seen.judged.explicit_id,
    holder: () => (seen.judged?.kind === "admitted" ? seen.judged.request.holder : input.holder),
    refusal: () =>
      seen.judged?.kind === "refused" ? todoRefusal(goal, seen.judged) : missingState(goal.goal_id, goal.repo, goal.state_path),
  };
}

async function acquired(
  host: Host,
  goal: OpenGoal,
  { wish, nameless }: Asked,
  { todo_id, dryRun, now }: { todo_id: TodoId; dryRun: boolean; now: Moment },
): Promise<AcquireOutcome> {
  const key = { goal_id: goal.goal_id, todo_id };
  if (dryRun) return host.leases.preview(key, wish);
  const outcome = await host.leases.acquire(key, wish);
  if (outcome.kind !== "not_asked" || !nameless()) return outcome;
  await applyVerb(host, goal, (text) =>
    nameTodo(parseGoalState(text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id }), todo_id, { now }),
  );
  return host.leases.acquire(key, wish);
}

/** An id that no todo can have names no lease either; the state says in its order what is wrong with the wish. */
async function strange(host: Host, goal: OpenGoal, { wish }: Asked): Promise<{ readonly kind: "not_asked" }> {
  const document = await host.documents.read({ kind: "goal_state", goal_id: goal.goal_id });
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
  wish.decide(document.kind === "found" ? document.text : null, null);
  return { kind: "not_asked" };
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
