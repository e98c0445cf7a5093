/** Claims: who holds a todo, and since when (CMD-98, DEC-85). A claim only ages here; nothing is taken by itself. */
import { instantMs, type Moment } from "../time.ts";
import type { TodoAgents } from "./todo-outcome.ts";
import type { Todo } from "./todo.ts";

/** How old a claim is, and whether it may be taken over. */
export interface ClaimAge {
  /** Whole minutes since the claim; null without a claim or when nobody wrote its time down. */
  readonly age_minutes: number | null;
  /** Older than the goal's `claim_ttl_minutes`. An unknown age is never stale. */
  readonly stale: boolean;
  /** When it goes stale, or went; null with an unknown age. */
  readonly expires_ms: number | null;
}

const MINUTE_MS = 60_000;

/** Age by `claimed_at`, else `updated_at`, else unknown (FIL-113). */
export function claimAge(todo: Todo, now: Moment, claim_ttl_minutes: number): ClaimAge {
  const { claimed_by, claimed_at, updated_at } = todo.metadata;
  const since = claimed_by === undefined ? null : instantMs(claimed_at ?? updated_at);
  if (since === null) return { age_minutes: null, stale: false, expires_ms: null };
  const age = now.ms - since;
  const ttl = claim_ttl_minutes * MINUTE_MS;
  return { age_minutes: Math.max(0, Math.floor(age / MINUTE_MS)), stale: age > ttl, expires_ms: since + ttl };
}

/** The agent whose claim counts, or null. A claim by a name that the goal does not know is void (DEC-11). */
export function claimHolder(todo: Todo, agents: TodoAgents): string | null {
  const holder = todo.metadata.claimed_by ?? null;
  return holder === null || agents.registered.length === 0 || agents.registered.includes(holder) ? holder : null;
}

/** True for a registered agent that is not the primary one; without a primary all are side agents (DEC-12). */
export function isSideAgent(actor: string | null, agents: TodoAgents): actor is string {
  return actor !== null && agents.registered.includes(actor) && actor !== agents.primary;
}
