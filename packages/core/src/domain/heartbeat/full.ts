/** The full heartbeat form: the whole contract of a wake-up, for an agent that reads nothing else (HBT-20). */
import { FULL_ASK, FULL_COMMANDS, FULL_OPENING, FULL_RULES, FULL_RUN, FULL_STOPPED } from "../locale/heartbeat-full.ts";
import { heartbeatCommands, labelledBlock, shBlock } from "./commands.ts";
import { agentBlock } from "./agent-block.ts";
import { goalLine, paragraphs } from "./goal-line.ts";
import type { HeartbeatInputs } from "./inputs.ts";
import { preflightLines } from "./preflight.ts";

export function fullBody(inputs: HeartbeatInputs): string {
  const { locale } = inputs;
  const commands = heartbeatCommands(inputs);
  return paragraphs([
    goalLine(inputs),
    FULL_OPENING[locale](),
    agentBlock(inputs),
    FULL_ASK[locale](shBlock([...preflightLines(inputs.invocation.cli_bin), commands.guard])),
    FULL_STOPPED[locale](),
    FULL_RUN[locale](),
    FULL_COMMANDS[locale](
      labelledBlock(locale, [
        ["claim", commands.claim],
        ["poll", commands.poll],
        ["todo", commands.todo],
        ["progress", commands.progress],
        ["spend", commands.spend],
      ]),
    ),
    FULL_RULES[locale](inputs.material_rule, inputs.permission_rule),
  ]);
}
