/**
 * Claims: who holds a todo, since when, and who may act on it nevertheless (CMD-93 to CMD-98, DEC-85).
 * A claim is only a line in the file; whether a lease backs it is told by the caller. Nothing is taken by itself.
 */
import { instantMs, type Moment } from "../time.ts";
import { refuse, type Refused, type TodoAgents, type TodoContext } from "./todo-outcome.ts";
import type { Todo } from "./todo.ts";

export interface ClaimAge {
  /** Whole minutes since the claim; null without a claim or when nobody wrote its time down. */
  readonly age_minutes: number | null;
  /** Older than the goal's `claim_ttl_minutes`. An unknown age is never stale. */
  readonly stale: boolean;
}

const MINUTE_MS = 60_000;

/** Age by `claimed_at`, else `updated_at`, else unknown (FIL-113). */
export function claimAge(todo: Todo, now: Moment, claim_ttl_minutes: number): ClaimAge {
  const { claimed_by, claimed_at, updated_at } = todo.metadata;
  const since = claimed_by === undefined ? null : instantMs(claimed_at ?? updated_at);
  if (since === null) return { age_minutes: null, stale: false };
  const age = now.ms - since;
  return { age_minutes: Math.max(0, Math.floor(age / MINUTE_MS)), stale: age > claim_ttl_minutes * MINUTE_MS };
}

/** The agent whose claim counts, or null. A claim by a name that the goal does not know is void (DEC-11). */
export function claimHolder(todo: Todo, agents: TodoAgents): string | null {
  const holder = todo.metadata.claimed_by ?? null;
  return holder === null || agents.registered.length === 0 || agents.registered.includes(holder) ? holder : null;
}

/** Why another's live lease forbids the write, or null. Without an agent id the caller stands for the primary agent. */
export function leaseConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const caller = actor ?? context.agents.primary;
  const lease = context.leases.find((row) => row.live && row.todo_id === todo.todo_id && row.holder !== caller);
  if (lease === undefined) return null;
  return refuse("lease_conflict", `${lease.holder} holds a live lease on ${todo.todo_id}.`, { todo_id: todo.todo_id, holder: lease.holder });
}

/**
 * Why the caller may not end or reopen this todo, or null. A stale claim stops nobody. Without an agent id the caller
 * stands for the primary agent; in a goal without registered agents names are only labels, and a nameless caller passes.
 */
export function holdConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const leased = leaseConflict(todo, actor, context);
  if (leased !== null) return leased;
  const holder = claimHolder(todo, context.agents);
  if (holder === null || holder === (actor ?? context.agents.primary)) return null;
  if (actor === null && context.agents.registered.length === 0) return null;
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  return age.stale ? null : claimConflict(todo, holder, age);
}

/** Why the caller may not clear this claim, or null: owner, primary agent and stale claims pass, and a caller who names no agent. */
export function clearConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const leased = leaseConflict(todo, actor, context);
  if (leased !== null) return leased;
  const holder = claimHolder(todo, context.agents);
  if (holder === null || actor === null || actor === holder || actor === context.agents.primary) return null;
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  return age.stale ? null : claimConflict(todo, holder, age);
}

export function claimConflict(todo: Todo, holder: string, age: ClaimAge): Refused {
  const since = age.age_minutes === null ? "" : ` for ${age.age_minutes} minutes`;
  const hint = age.stale ? "; the claim is stale and can be taken over with a reason" : "";
  return refuse("claim_conflict", `${holder} has held ${todo.todo_id}${since}${hint}.`, {
    todo_id: todo.todo_id,
    claimed_by: holder,
    claim_age_minutes: age.age_minutes,
    claim_stale: age.stale,
  });
}

/** True for a registered agent that is not the primary one; without a primary all are side agents (DEC-12). */
export function isSideAgent(actor: string | null, agents: TodoAgents): actor is string {
  return actor !== null && agents.registered.includes(actor) && actor !== agents.primary;
}
