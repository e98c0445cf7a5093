/** The thin heartbeat form, for an agent that reads LoopX itself: one command, and whom to believe (HBT-23). */
import { THIN_ASK, THIN_RUN } from "../locale/heartbeat-thin.ts";
import { agentBlock } from "./agent-block.ts";
import { heartbeatCommands, shBlock } from "./commands.ts";
import { goalLine, paragraphs } from "./goal-line.ts";
import type { HeartbeatInputs } from "./inputs.ts";

export function thinBody(inputs: HeartbeatInputs): string {
  const { locale } = inputs;
  return paragraphs([
    goalLine(inputs),
    agentBlock(inputs),
    THIN_ASK[locale](shBlock([heartbeatCommands(inputs).guard])),
    THIN_RUN[locale](inputs.material_rule, inputs.permission_rule),
  ]);
}
