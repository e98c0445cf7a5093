/**
 * Who may act on a todo that somebody holds (CMD-93 to CMD-96, DEC-85): completing, reopening, clearing and taking over.
 * A caller who names no agent is a person or the primary agent, which the primary agent's rights cover.
 */
import { claimAge, claimHolder, type ClaimAge } from "./claim.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { metadataInstant } from "./todo-edit.ts";
import { refuse, refuseValue, type Refused, type TodoContext } from "./todo-outcome.ts";
import { oneLine } from "./text.ts";
import type { Todo } from "./todo.ts";

/** Why another's live lease forbids the write, or null. Without an agent id the caller stands for the primary agent. */
export function leaseConflict(todo: Todo, actor: string | null, context: TodoContext): Refused | null {
  const caller = actor ?? context.agents.primary;
  const lease = context.leases.find((row) => row.live && row.todo_id === todo.todo_id && row.holder !== caller);
  if (lease === undefined) return null;
  return refuse("lease_conflict", `${lease.holder} holds a live lease on ${todo.todo_id}.`, {
    todo_id: todo.todo_id,
    holder: lease.holder,
  });
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
  if (holder !== null && holder !== agent) return takeOverTokens(todo, agent, holder, context, takeOverReason);
  const written = todo.metadata.claimed_by;
  // A claim by an unregistered name is void, but its name is not lost.
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
  if (!age.stale || takeOverReason === null) return claimConflict(todo, holder, age);
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
