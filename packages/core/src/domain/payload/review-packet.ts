/** The answers of `review-packet` (CMD-64, CMD-67): the whole packet, or the agent block alone. */
import * as z from "zod/mini";
import { TASK_CLASSES, TODO_STATUSES } from "../goal-state/todo.ts";
import { WAITING_PARTIES } from "../quota/answers.ts";
import { DeliveryContractSchema } from "../quota/contract.ts";
import { OrchestrationSchema } from "../quota/verdict-schema.ts";
import { PACKET_KINDS } from "../status/packet-kind.ts";
import { count, flag, oneOf, text, textOrNull, texts } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

const BudgetSchema = z.strictObject({
  max_lines: z.int(),
  max_chars: z.int(),
  line_count: count("Lines of the agent block."),
  char_count: count("Characters of the agent block."),
  within_budget: flag("False only when the command itself is too long."),
});

const standing = {
  goal_id: z.string(),
  kind: oneOf(PACKET_KINDS, "What the packet is about."),
  waiting_on: oneOf(WAITING_PARTIES, "Who has to act."),
  status: text("Where the goal stands, in one word."),
};
const command = { project_agent_command: text("The one command of the agent block; it runs as printed.") };
const block = text("The agent block: no path and no secret outside its command; it grants nothing.");
const orchestration = { orchestration: z.nullable(OrchestrationSchema).check(z.describe("Null unless the goal runs several sub-agents.")) };
const contract = { handoff_delivery_contract: z.nullable(DeliveryContractSchema) };

export const ReviewPacketSchema = z.strictObject({
  ...standing,
  review_url: textOrNull("As given by --review-url."),
  question: textOrNull("What a person is asked."),
  suggested_decision: text("Advice for that person."),
  operator_gate_approved_handoff: flag("An operator approved the command, and nothing has run since."),
  connected_delivery_handoff: flag("A goal that delivers by itself may work now."),
  ...command,
  project_agent_handoff: block,
  operator_gate_decision_commands: texts("Previews of each answer to an operator gate."),
  user_todo_text: textOrNull("The first open user todo; gating ones come first."),
  agent_todo_items: z.array(
    z.strictObject({ todo_id: z.string(), text: z.string(), task_class: z.enum(TASK_CLASSES), status: z.enum(TODO_STATUSES) }),
  ),
  ...orchestration,
  ...contract,
  handoff_interface_budget: BudgetSchema,
  packet: text("The whole packet as Markdown."),
});
/** The packet of one goal. */
export type ReviewPacket = PayloadOf<typeof ReviewPacketSchema>;

export const HandoffOnlySchema = z.strictObject({
  goal_id: standing.goal_id,
  handoff_only: z.literal(true),
  kind: standing.kind,
  status: standing.status,
  waiting_on: standing.waiting_on,
  ...command,
  project_agent_handoff: block,
  handoff_text: text("What the Markdown form prints: the same block."),
  ...orchestration,
  ...contract,
  handoff_interface_budget: BudgetSchema,
  line_count: z.int(),
  char_count: z.int(),
  within_budget: z.boolean(),
});
/** The agent block alone. */
export type HandoffOnly = PayloadOf<typeof HandoffOnlySchema>;
