/** `review-packet`: what a person decides about a goal, and what the agent is handed (CMD-64, CMD-67). Packaging only: nothing is written. */
import { LoopxError } from "../domain/errors.ts";
import { itemsOfGoal } from "../domain/goal/read-registry.ts";
import type { HandoffOnly, ReviewPacket } from "../domain/payload/review-packet.ts";
import { decide } from "../domain/quota/decide.ts";
import { attentionFacts } from "../domain/status/attention.ts";
import { reviewPacket as packetOf } from "../domain/status/review-packet.ts";
import { gatherFrom } from "./gather.ts";
import { chooseGoal, requireGoals, unknownGoal } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";

/** The flags of `review-packet` (CMD-64); without a goal id the only goal of the registry. */
export interface ReviewPacketInput {
  readonly goal_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly action_kind?: "reward" | "controller" | "codex" | "evidence" | "health" | undefined;
  readonly review_url?: string | undefined;
  readonly limit?: number | undefined;
  readonly cwd: string;
}

export type { HandoffOnly, ReviewPacket } from "../domain/payload/review-packet.ts";

const DEFAULT_LIMIT = 5;
const URL_LIMIT = 2_000;

/** The packet, whatever state the goal is in. Errors: `goal_not_found`, `registry_invalid`, `invalid_value`. */
export const reviewPacket = observed("review_packet", async (host, input: ReviewPacketInput): Promise<ReviewPacket> => {
  requireUrl(input.review_url);
  const registry = await requireGoals(host);
  const goalId = chooseGoal(registry, input.goal_id);
  if (itemsOfGoal(registry, goalId).length === 0) throw unknownGoal(host, registry, goalId);
  const now = momentOf(host.clock);
  const { facts } = await gatherFrom(host, registry, { goal_id: goalId, agent_id: input.agent_id, cwd: input.cwd }, now);
  // Where the packet is made says nothing about where the agent will stand.
  const asked = input.agent_id === undefined ? attentionFacts(facts) : { ...facts, workspace: null };
  return packetOf(decide(asked, now), now, {
    locale: host.locale,
    kind: input.action_kind ?? null,
    review_url: input.review_url ?? null,
    agent_named: input.agent_id !== undefined,
    limit: input.limit ?? DEFAULT_LIMIT,
  });
});

/** The part of a packet that an agent gets. */
export function handoffOnly(packet: ReviewPacket): HandoffOnly {
  const {
    goal_id,
    kind,
    status,
    waiting_on,
    project_agent_command,
    project_agent_handoff,
    orchestration,
    handoff_delivery_contract,
    handoff_interface_budget,
  } = packet;
  const { line_count, char_count, within_budget } = handoff_interface_budget;
  return {
    goal_id,
    handoff_only: true,
    kind,
    status,
    waiting_on,
    project_agent_command,
    project_agent_handoff,
    handoff_text: project_agent_handoff,
    orchestration,
    handoff_delivery_contract,
    handoff_interface_budget,
    line_count,
    char_count,
    within_budget,
  };
}

function requireUrl(url: string | undefined): void {
  requireSafe("--review-url", url);
  if (url === undefined || (/^https?:\/\/[^\s<>"`]+$/i.test(url) && url.length <= URL_LIMIT)) return;
  throw new LoopxError("invalid_value", `--review-url ${JSON.stringify(url.slice(0, 80))} is no http or https address`, {
    details: { key: "review_url" },
  });
}
