import type { HandoffOnly, ReviewPacket } from "@loopx/core";
import { fields, title } from "./markdown.ts";

/** Where the goal stands, then the packet as it is handed on. */
export function renderReviewPacket(result: ReviewPacket): string[] {
  return [
    title("Review Packet"),
    ...fields(result, ["goal_id", "kind", "status", "waiting_on", "review_url"]),
    "",
    ...result.packet.split("\n"),
  ];
}

/** The agent block and nothing else: it is pasted as it is (CMD-67). */
export function renderHandoff(result: HandoffOnly): string[] {
  return result.handoff_text.split("\n");
}
