/** Who holds which open agent todo, as decisions read claims and leases (DEC-85). It only shows; `selection.ts` decides. */
import { byRank, isOpen } from "../gate/effects.ts";
import { claimAge } from "../goal-state/claim.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { Moment } from "../time.ts";
import type { Facts } from "./facts.ts";
import { instantText } from "./reason.ts";
import type { TodoHolder } from "./verdict-schema.ts";

/** So many are listed; who holds more todos than that reads `todo list`. */
export const HOLDERS_SHOWN = 20;

/** By rank and place, at most twenty. */
export function holdersOf(facts: Facts, now: Moment): TodoHolder[] {
  const held = facts.todos.agent.filter((todo) => isOpen(todo) && holderOf(todo, facts, now) !== null);
  return held
    .toSorted(byRank)
    .slice(0, HOLDERS_SHOWN)
    .flatMap((todo) => holderOf(todo, facts, now) ?? []);
}

/** A live lease outranks a claim. A claim that is stale, or of a name the goal does not know, is shown and holds nothing. */
export function holderOf(todo: Todo, { goal, leases }: Facts, now: Moment): TodoHolder | null {
  // Nearly every todo of a long list ends here.
  if (leases.length === 0 && todo.metadata.claimed_by === undefined) return null;
  const registered = goal?.coordination.registered_agents ?? [];
  const counts = (name: string) => registered.length === 0 || registered.includes(name);
  const { todo_id } = todo;
  const lease = leases.find((each) => each.todo_id === todo_id && each.expires_at_ms > now.ms);
  if (lease !== undefined && counts(lease.holder))
    return { todo_id, holder: lease.holder, by: "lease", until: instantText(lease.expires_at_ms, now), live: true };
  const claimant = todo.metadata.claimed_by;
  if (claimant === undefined || goal === null) return null;
  const age = claimAge(todo, now, goal.coordination.claim_ttl_minutes);
  return { todo_id, holder: claimant, by: "claim", until: instantText(age.expires_ms, now), live: counts(claimant) && !age.stale };
}
