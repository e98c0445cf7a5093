/**
 * What every remedy is made of: its form, the wording of one call, and the two records that people and agents write
 * to move a goal on.
 */
import type { Placeholder } from "../command-line.ts";
import type { PLACEHOLDERS } from "../locale/verdict.ts";
import type { Moment } from "../time.ts";
import { withApproval } from "./aftermath.ts";
import type { GoalState, RuleName } from "./answers.ts";
import type { Facts } from "./facts.ts";
import { agentWords } from "./printed-commands.ts";

/** Who runs which command, and what is so afterwards. `after` is null where these facts cannot know it. */
export interface Remedy {
  /** `user`, `controller`, `codex`, or the id of the agent that has to act. */
  readonly actor: string;
  readonly command: string;
  readonly after: Facts | null;
  /** What to expect where `after` does not tell. */
  readonly expects?: RuleName | GoalState;
}

export type Words = readonly (string | Placeholder)[];
/** Builds commands and placeholders of one call. */
export interface Wording {
  readonly facts: Facts;
  readonly now: Moment;
  readonly hole: (name: keyof typeof PLACEHOLDERS) => Placeholder;
  readonly command: (verb: readonly string[], rest?: Words) => string;
}

/** A person's approval of a gate; the newest record then is no gate any more. */
export function approved(gate: string, { facts, now, hole, command }: Wording, actor = "user"): Remedy {
  return {
    actor,
    command: command(["operator-gate"], ["--gate", gate, "--decision", "approve", "--reason-summary", hole("why")]),
    after: withApproval(facts, now, gate),
  };
}

/** `--agent-id` of the one whose record moves the goal (DEC-86); null when no registered agent's does. */
export function recorderWords(facts: Facts): string[] | null {
  const coordination = facts.goal?.coordination;
  if (coordination === undefined || coordination.registered_agents.length === 0) return agentWords(facts);
  const primary = coordination.primary_agent;
  return primary !== null && coordination.registered_agents.includes(primary) ? ["--agent-id", primary] : null;
}
