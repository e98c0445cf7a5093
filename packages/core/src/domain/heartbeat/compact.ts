/** The compact heartbeat form: every point of the full one, condensed; it names the full form for details (HBT-21). */
import { COMPACT_ASK, COMPACT_CLOSING, COMPACT_OPENING, COMPACT_RUN, COMPACT_STOPPED } from "../locale/heartbeat-compact.ts";
import { agentBlock, code } from "./agent-block.ts";
import { heartbeatCommands, labelledBlock, shBlock, shortSiblingCommand } from "./commands.ts";
import { goalLine, paragraphs } from "./goal-line.ts";
import type { HeartbeatInputs } from "./inputs.ts";
import { preflightLines } from "./preflight.ts";

export function compactBody(inputs: HeartbeatInputs): string {
  const { locale } = inputs;
  const commands = heartbeatCommands(inputs);
  return paragraphs([
    `${goalLine(inputs)}\n${COMPACT_OPENING[locale]()}`,
    agentBlock(inputs),
    COMPACT_ASK[locale](shBlock([...preflightLines(inputs.invocation.cli_bin), commands.guard])),
    COMPACT_STOPPED[locale](),
    COMPACT_RUN[locale](),
    labelledBlock(locale, [
      ["claim", commands.claim],
      ["poll", commands.poll],
      ["todo", commands.todo],
      ["progress", commands.progress],
      ["spend", commands.spend],
    ]),
    COMPACT_CLOSING[locale](inputs.material_rule, inputs.permission_rule, code(shortSiblingCommand(inputs, "full"))),
  ]);
}
