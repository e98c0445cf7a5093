/**
 * The commands a verdict prints (HBT-11 to HBT-13). Each names the registry and runtime root in use where a plain
 * call would not find them, and runs as pasted.
 */
import { loopxCommand } from "../command-line.ts";
import type { Placeholder } from "../command-line.ts";
import { parseAgentId } from "../ids.ts";
import type { Facts } from "./facts.ts";

/** `--agent-id A` when the caller named itself; a label that no command takes is left out. */
export function agentWords({ agent_id }: Facts): string[] {
  return agent_id === null || parseAgentId(agent_id) === null ? [] : ["--agent-id", agent_id];
}

/** One LoopX command about this goal. */
export function goalCommand(facts: Facts, verb: readonly string[], rest: readonly (string | Placeholder)[] = []): string {
  return loopxCommand(facts.invocation, [...verb, "--goal-id", facts.goal_id, ...rest]);
}

/** Records a state without a delivery. */
export function refreshCommand(facts: Facts): string {
  return goalCommand(facts, ["refresh-state"], agentWords(facts));
}

/** Records finished work with what proves it. */
export function progressCommand(facts: Facts): string {
  const hole = (placeholder: string): Placeholder => ({ placeholder });
  return goalCommand(
    facts,
    ["refresh-state"],
    [
      ...agentWords(facts),
      "--classification",
      hole("<PROGRESS>"),
      "--delivery-batch-scale",
      hole("<SCALE>"),
      "--delivery-outcome",
      hole("<OUTCOME>"),
      "--artifact",
      hole("<PATH>"),
      "--validation",
      hole("<CHECK AND RESULT>"),
    ],
  );
}

/** Pays one slot for the newest record that qualifies. */
export function spendCommand(facts: Facts): string {
  return goalCommand(facts, ["quota", "spend-slot"], ["--slots", "1", "--source", "heartbeat", ...agentWords(facts), "--execute"]);
}

export function mapCommand(facts: Facts): string {
  return goalCommand(facts, ["read-only-map"]);
}
