import { handoffOnly, reviewPacket } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { REVIEW_PACKET_FLAGS } from "../options/looking.ts";
import { renderHandoff, renderReviewPacket } from "../render/review-packet.ts";

/** The packet of a goal, or with `--handoff-only` the agent block alone (CMD-64, CMD-67). */
export async function run({ input, globals, host }: Call<typeof REVIEW_PACKET_FLAGS>): Promise<Answer> {
  const { handoff_only = false, ...asked } = input;
  const packet = await reviewPacket(await host(), { ...asked, cwd: globals.cwd });
  if (!handoff_only) return { payload: packet, lines: () => renderReviewPacket(packet) };
  const payload = handoffOnly(packet);
  return { payload, lines: () => renderHandoff(payload) };
}
