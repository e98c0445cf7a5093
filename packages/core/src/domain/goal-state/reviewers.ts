/** Who reviews a side agent's work (DEC-85): the handoff agent, else the primary one, and never the agent itself. */
import type { TodoAgents } from "./todo-outcome.ts";

/** In that order; empty when neither is a registered agent other than this one. */
export function reviewersOf({ registered, primary, handoff }: TodoAgents, agent: string | null): string[] {
  const named = [handoff, primary].filter((id) => id !== null);
  return [...new Set(named)].filter((id) => id !== agent && registered.includes(id));
}
