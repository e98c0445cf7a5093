/** What the lease verbs share: the lease as it is shown, and the one error an outcome ends with (REL-52). */
import { LoopxError } from "../domain/errors.ts";
import { parseAgentId, parseTodoId, type GoalId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { isLive, type LeaseLost } from "../domain/lease/rules.ts";
import type { LeaseView } from "../domain/payload/lease.ts";
import type { Moment } from "../domain/time.ts";
import type { AcquireOutcome, Lease, LeaseRef, LeaseTrouble } from "../ports/leases.ts";
import { storeError, unreadableError } from "../store/outcome.ts";

/** One grant of a goal's lease, as its holder names it (CMD-100). */
export interface LeaseGrantInput {
  readonly goal_id?: string | undefined;
  readonly todo_id: string;
  readonly holder: string;
  readonly token: number;
  /** Refuse when the lease has another version. */
  readonly lease_version?: number | undefined;
}

export type GoalLeaseRef = Extract<LeaseRef, { goal_id: GoalId }>;

/** The grant the flags name, or `invalid_value` for a part that can name none. */
export function grantOf(goalId: GoalId, input: LeaseGrantInput): GoalLeaseRef {
  const { todo_id, token } = input;
  const holder = parseAgentId(input.holder);
  const wrong = (key: string, message: string): LoopxError => new LoopxError("invalid_value", message, { details: { key } });
  const todoId = parseTodoId(todo_id.trim().toLowerCase());
  if (todoId === null) throw wrong("todo_id", `${JSON.stringify(todo_id)} is no todo id`);
  if (holder === null) throw wrong("holder", `${JSON.stringify(input.holder)} is no agent id`);
  if (!Number.isInteger(token) || token < 1) throw wrong("token", `--token is ${token}; a whole number of at least 1 is right`);
  return { goal_id: goalId, todo_id: todoId, holder, token };
}

/** The lease in the words of CMD-102. */
export function viewOf(goalId: GoalId, lease: Lease, now: Moment): LeaseView {
  const { holder, state, token, version, ttl_minutes, acquired_at, renewed_at, expires_at, released_at, write_scopes } = lease;
  const { taken_over_from, take_over_reason = null } = lease;
  const life = { holder, state, live: isLive(lease, now), token, version, ttl_minutes, acquired_at, renewed_at, expires_at, released_at };
  return { goal_id: goalId, todo_id: lease.todo_id ?? "", ...life, write_scopes, taken_over_from, take_over_reason };
}

/** Why a lease was not granted. */
export function refusedGrant(
  outcome: Exclude<AcquireOutcome, { kind: "granted" | "not_asked" }>,
  wish: { goal_id: GoalId; todo_id: string; holder: string },
): LoopxError {
  const { goal_id, todo_id } = wish;
  switch (outcome.kind) {
    case "held":
      return heldError(outcome.lease, wish);
    case "scope_overlap": {
      const [mine = "", theirs = ""] = outcome.pairs[0] ?? [];
      const pairs = outcome.pairs.map(([left, right]) => [left, right]);
      return new LoopxError(
        "write_scope_conflict",
        `${mine} and ${theirs} may cover one path; ${outcome.lease.holder} holds the latter for ${outcome.lease.todo_id} until ${outcome.lease.expires_at}`,
        {
          hint: `narrow --write-scope, or wait until ${outcome.lease.expires_at}`,
          details: { goal_id, todo_id, ...held(outcome.lease), pairs },
        },
      );
    }
    case "key_reused":
      return new LoopxError("idempotency_key_reuse", `that idempotency key was used for ${todo_id} with other arguments`, {
        details: { goal_id, todo_id, ...held(outcome.lease) },
      });
    case "busy":
    case "unreadable":
      return troubleError(outcome, { goal_id, todo_id });
  }
}

function heldError(lease: Lease, { goal_id, todo_id, holder }: { goal_id: GoalId; todo_id: string; holder: string }): LoopxError {
  const own = lease.holder === holder;
  const renewal = `loopx lease renew --goal-id ${goal_id} --todo-id ${todo_id} --holder ${holder} --token ${lease.token}`;
  return new LoopxError("lease_conflict", `${lease.holder} holds a live lease on ${todo_id} until ${lease.expires_at}`, {
    hint: own ? renewal : `wait until ${lease.expires_at}, or take another todo`,
    details: { goal_id, ...held(lease) },
  });
}

/** Why a write under this grant was refused: whatever ended the lease, its token counts no more (FIL-82). */
export function staleLease(current: Lease | null, ref: GoalLeaseRef): LoopxError {
  const { goal_id, todo_id, holder, token } = ref;
  const same = current !== null && current.holder === holder && current.token === token;
  const why = current === null ? "nobody ever held a lease on it" : same ? endOf(current) : newestOf(current);
  return new LoopxError("lease_fenced", `token ${token} of ${holder} on ${todo_id} counts no more, and nothing was written: ${why}`, {
    hint: `loopx lease list --goal-id ${goal_id} --all`,
    details: { goal_id, todo_id, ...(current === null ? { holder: null, token: null } : held(current)) },
  });
}

function endOf(lease: Lease): string {
  return lease.state === "released" ? `it was released at ${lease.released_at ?? "an unknown time"}` : `it expired at ${lease.expires_at}`;
}

function newestOf(lease: Lease): string {
  return `its newest token is ${lease.token}, of ${lease.holder}`;
}

/** Why a grant no longer counts. */
export function lostLease(lost: LeaseLost, ref: GoalLeaseRef): LoopxError {
  const { goal_id, todo_id } = ref;
  switch (lost.kind) {
    case "fenced": {
      const who = lost.current === null ? "nobody ever held a lease on it" : newestOf(lost.current);
      return new LoopxError("lease_fenced", `${ref.holder} with token ${ref.token} holds no lease on ${todo_id}: ${who}`, {
        hint: `loopx lease list --goal-id ${goal_id} --all`,
        details: { goal_id, todo_id, ...(lost.current === null ? { holder: null, token: null } : held(lost.current)) },
      });
    }
    case "not_active":
      return new LoopxError("lease_not_active", `the lease of ${ref.holder} on ${todo_id} is over: ${endOf(lost.lease)}`, {
        hint: `loopx lease acquire --goal-id ${goal_id} --todo-id ${todo_id} --holder ${ref.holder}`,
        details: { goal_id, ...held(lost.lease) },
      });
    case "version_mismatch":
      return new LoopxError("lease_version_mismatch", `the lease on ${todo_id} has version ${lost.lease.version} now`, {
        hint: `loopx lease list --goal-id ${goal_id}`,
        details: { goal_id, ...held(lost.lease) },
      });
  }
}

/** A lease file that cannot be used counts as held by an unknown holder (FIL-83); other trouble is what it is. */
export function troubleError(trouble: LeaseTrouble, { goal_id, todo_id }: { goal_id: GoalId; todo_id: string }): LoopxError {
  const place = { goal_id, unreadable: "lease_unreadable" } as const;
  if (trouble.kind === "busy") return storeError(trouble, `the leases of ${goal_id}`, place);
  const error = unreadableError(trouble, { ...place, writing: trouble.reason === "denied" });
  return error.code === "lease_unreadable"
    ? new LoopxError(error.code, `${error.message}; it counts as held`, { details: { ...error.details, todo_id } })
    : error;
}

function held({ todo_id, holder, token, version, expires_at }: Lease): JsonObject {
  return { todo_id, holder, token, version, expires_at };
}
