/** The brief heartbeat form: guard, invariants and spend; it names the compact form for anything unclear (HBT-22). */
import { BRIEF_ASK, BRIEF_CLOSING, BRIEF_RUN, BRIEF_STOPPED } from "../locale/heartbeat-brief.ts";
import { agentBlock, code } from "./agent-block.ts";
import { heartbeatCommands, labelledBlock, shBlock, shortSiblingCommand } from "./commands.ts";
import { goalLine, paragraphs } from "./goal-line.ts";
import type { HeartbeatInputs } from "./inputs.ts";
import { preflightLines } from "./preflight.ts";

export function briefBody(inputs: HeartbeatInputs): string {
  const { locale } = inputs;
  const commands = heartbeatCommands(inputs);
  return paragraphs([
    goalLine(inputs),
    agentBlock(inputs),
    BRIEF_ASK[locale](shBlock([...preflightLines(inputs.invocation.cli_bin), commands.guard])),
    BRIEF_STOPPED[locale](),
    BRIEF_RUN[locale](),
    labelledBlock(locale, [
      ["claim", commands.claim],
      ["spend", commands.spend],
    ]),
    BRIEF_CLOSING[locale](inputs.material_rule, inputs.permission_rule, code(shortSiblingCommand(inputs, "compact"))),
  ]);
}
