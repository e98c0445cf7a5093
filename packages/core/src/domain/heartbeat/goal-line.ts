/** The first line of every form, and how a body is put together. */
import { GOAL_LINE } from "../locale/heartbeat.ts";
import { code } from "./agent-block.ts";
import type { HeartbeatInputs } from "./inputs.ts";

/** Which goal, and from which active state: the registered one, or the override as given (HBT-3). */
export function goalLine(inputs: HeartbeatInputs): string {
  return GOAL_LINE[inputs.locale](code(inputs.goal_id), inputs.active_state_source === "override" ? code(inputs.active_state) : null);
}

/** The parts with a blank line between them; absent ones leave nothing behind. */
export function paragraphs(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join("\n\n");
}
