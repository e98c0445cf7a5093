/**
 * Who may act on a todo that somebody holds (CMD-93 to CMD-96, DEC-85): completing, reopening, clearing and taking over.
 * A caller who names no agent is a person or the primary agent, which the primary agent's rights cover.
 */
import { formatInstant, type Moment } from "../time.ts";
import { claimAge, claimHolder, type ClaimAge } from "./claim.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { metadataInstant } from "./todo-edit.ts";
import { refuse, refuseValue, type Refused, type TodoContext, type TodoLease, type TodoWarning } from "./todo-outcome.ts";
import { oneLine } from "./text.ts";
import type { Todo } from "./todo.ts";

/** The live lease on a todo. One of a name that the goal does not know is void, as such a claim is (DEC-11). */
export function liveLease(todo_id: string, { leases, agents: { registered } }: TodoContext): TodoLease | null {
  const lease = leases.find((row) => row.live && row.todo_id === todo_id);
  return lease === undefined || (registered.length > 0 && !registered.includes(lease.holder)) ? null : lease;
}

/** Why another's live lease forbids the write, or null. Without an agent id the caller stands for the primary agent. */
export function leaseConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const lease = todo.role === "user" ? null : liveLease(todo.todo_id, context);
  if (lease === null || lease.holder === (actor ?? context.agents.primary)) return null;
  const { holder, expires_at } = lease;
  return refuse(
    "lease_conflict",
    `${holder} holds a live lease on ${todo.todo_id} until ${expires_at}.`,
    { todo_id: todo.todo_id, holder, expires_at },
    `wait until ${expires_at}, or take another todo`,
  );
}

/** True for the holder of the live lease: it outranks every claim, so that one todo never has two owners (DEC-85). */
function hasLease(todo: Todo, actor: string | null, context: TodoContext): boolean {
  const caller = actor ?? context.agents.primary;
  return caller !== null && liveLease(todo.todo_id, context)?.holder === caller;
}

/**
 * Why the caller may not end or reopen this todo, or null. A stale claim stops nobody. Without an agent id the caller
 * stands for the primary agent; in a goal without registered agents names are only labels, and a nameless caller passes.
 */
export function holdConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const leased = leaseConflict(todo, actor, context);
  if (leased !== null) return leased;
  // What people have to answer is never an agent's to keep from them.
  const holder = todo.role === "user" ? null : claimHolder(todo, context.agents);
  if (holder === null || holder === (actor ?? context.agents.primary) || hasLease(todo, actor, context)) return null;
  if (actor === null && context.agents.registered.length === 0) return null;
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  return age.stale ? null : claimConflict(todo, holder, age, context.now);
}

/** A lease that outlives its todo still stands in the way of others; empty without one. */
export function leftLeaseWarnings(todo: Todo, context: TodoContext): TodoWarning[] {
  const lease = liveLease(todo.todo_id, context);
  if (lease === null) return [];
  const { todo_id, holder, token, expires_at } = lease;
  return [{ kind: "lease_left", todo_id, holder, token, expires_at }];
}

/** Why the caller may not clear this claim, or null: owner, primary agent and stale claims pass, and a caller who names no agent. */
export function clearConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const leased = leaseConflict(todo, actor, context);
  if (leased !== null) return leased;
  const holder = claimHolder(todo, context.agents);
  if (holder === null || actor === null || actor === holder || actor === context.agents.primary) return null;
  if (hasLease(todo, actor, context)) return null;
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  return age.stale ? null : claimConflict(todo, holder, age, context.now);
}

/** Who has it, and until when; what a loser of a race has to know. */
export function claimConflict(todo: Todo, holder: string, age: ClaimAge, now: Moment): Refused {
  const { todo_id } = todo;
  const expires_at = age.expires_ms === null ? null : formatInstant({ ...now, ms: age.expires_ms }, "seconds");
  const details = {
    todo_id,
    holder,
    claimed_by: holder,
    claim_age_minutes: age.age_minutes,
    claim_stale: age.stale,
    expires_at,
  };
  if (expires_at === null)
    return refuse(
      "claim_conflict",
      `${holder} holds ${todo_id} by a claim without a time, which never goes stale.`,
      details,
      `${holder}, the primary agent or a person can give it up: --clear-claim`,
    );
  return age.stale
    ? refuse("claim_conflict", `${holder} holds ${todo_id} by a claim that is stale since ${expires_at}.`, details)
    : refuse(
        "claim_conflict",
        `${holder} holds ${todo_id} by a claim until ${expires_at}.`,
        details,
        `wait until ${expires_at}, or take another todo`,
      );
}

/** The tokens of a claim by this agent, or why it cannot have the todo. A stale claim is taken only with a reason for it (CMD-93). */
export function claimTokens(
  todo: Todo,
  agent: string,
  context: TodoContext,
  takeOverReason: string | null = null,
): Map<KnownKey, string | null> | Refused {
  const leased = leaseConflict(todo, agent, context);
  if (leased !== null) return leased;
  const holder = claimHolder(todo, context.agents);
  if (holder !== null && holder !== agent && !hasLease(todo, agent, context))
    return takeOverTokens(todo, agent, holder, context, takeOverReason);
  const written = todo.metadata.claimed_by;
  // A claim that counts no more, of an unregistered name or below a lease, is void; its name is not lost.
  return written === undefined || written === agent ? ownTokens(agent, context) : takenTokens(agent, written, context);
}

function takeOverTokens(
  todo: Todo,
  agent: string,
  holder: string,
  context: TodoContext,
  takeOverReason: string | null,
): Map<KnownKey, string | null> | Refused {
  const age = claimAge(todo, context.now, context.claim_ttl_minutes);
  if (!age.stale || takeOverReason === null) return claimConflict(todo, holder, age, context.now);
  const reason = oneLine(takeOverReason);
  if ("fault" in reason) return refuseValue("reason", reason.fault);
  return takenTokens(agent, holder, context).set("reason", reason.text);
}

function ownTokens(agent: string, context: TodoContext): Map<KnownKey, string | null> {
  return new Map<KnownKey, string | null>([
    ["claimed_by", agent],
    ["claimed_at", metadataInstant(context.now)],
  ]);
}

/** A takeover is written down: from whom, and when (CMD-98). */
export function takenTokens(agent: string, from: string, context: TodoContext): Map<KnownKey, string | null> {
  return ownTokens(agent, context).set("claim_taken_from", from).set("claim_taken_at", metadataInstant(context.now));
}

/** The tokens that note who ended a todo: its claim, or the takeover of a stale one. Empty when the caller names no agent. */
export function endingTokens(todo: Todo, actor: string | null, context: TodoContext): Map<KnownKey, string | null> {
  const written = todo.metadata.claimed_by;
  if (actor === null || actor === written) return new Map();
  return written === undefined ? new Map([["claimed_by", actor]]) : takenTokens(actor, written, context);
}
