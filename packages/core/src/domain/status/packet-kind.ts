/** What a review packet is about (DEC-80): one word that follows from the decision. */
import { isJsonObject } from "../json.ts";
import type { Decision } from "../quota/decision.ts";

/** In the order in which the first that fits is the kind. */
export const PACKET_KINDS = ["health", "reward", "controller", "evidence", "focus_wait", "codex", "status"] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];

/** The first kind that fits (DEC-80). */
export function packetKind(decision: Decision): PacketKind {
  if (decision.severity === "high") return "health";
  if (wantsJudgement(decision)) return "reward";
  if (decision.waiting_on === "user_or_controller" || decision.waiting_on === "controller") return "controller";
  if (decision.waiting_on === "external_evidence") return "evidence";
  if (decision.state === "focus_wait") return "focus_wait";
  return decision.should_run ? "codex" : "status";
}

function wantsJudgement({ context: { statusRun } }: Decision): boolean {
  if (statusRun === null) return false;
  const readiness = statusRun.record["controller_readiness"];
  const missing = isJsonObject(readiness) ? readiness["missing_gates"] : null;
  return statusRun.classification === "needs_human_reward" || (Array.isArray(missing) && missing.includes("human_reward_capture"));
}
