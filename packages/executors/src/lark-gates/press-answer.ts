/** What the platform gets for a press, by whichever way it came (LRK-92 steps 2 to 6): a word for the one who pressed, and the settled card. */
import { parseCardAction } from "@loopx/lark-card";
import type { Timing } from "../scenario/run.ts";
import { closeCard, recordPress, resolvedCard, takePress, type PressGround } from "./press.ts";
import { BEING_RECORDED, RECORDED, REFUSED } from "./sentences.ts";

/** The platform waits 3 s; the answer leaves before. */
const RECORD_MS = 2_000;

/** One line of the log of the server; nothing in it is secret. */
export type LogLine = (event: string, fields: Readonly<Record<string, string | number>>) => void;

export interface AnswerGround extends PressGround {
  readonly timing: Timing;
  readonly log: LogLine;
}

/** The answer to a request that is known to be genuine. `raw_sha256` names a press of the older form, which has no id. */
export async function answerPress(ground: AnswerGround, body: unknown, raw_sha256?: string): Promise<object> {
  const now = ground.now();
  const read = parseCardAction(body, raw_sha256 === undefined ? {} : { raw_sha256 });
  if (!read.ok) return refusedPress(ground, read.code, "en");
  const taken = await takePress(ground, read.action);
  if (taken.kind === "refused") return refusedPress(ground, taken.code, taken.locale);
  return recorded(ground, taken.nonce_sha256, taken.gate, now.ms);
}

function refusedPress(ground: AnswerGround, code: keyof typeof REFUSED, locale: "en" | "zh"): object {
  ground.log("press_refused", { code });
  return { toast: { type: "error", content: REFUSED[code][locale]() } };
}

/** The record, if it stands in time; else the word that it will, and the card afterwards. */
async function recorded(
  ground: AnswerGround,
  nonce_sha256: string,
  gate: Parameters<typeof recordPress>[2],
  at_ms: number,
): Promise<object> {
  const { decision, locale } = gate;
  const recording = recordPress(ground, nonce_sha256, gate).catch((error: unknown) => {
    // The gate stays `deciding`: the next look at the gates tries again.
    ground.log("record_failed", { goal_id: gate.goal_id, error: error instanceof Error ? error.name : "unknown" });
    return null;
  });
  const settled = await ground.timing.within(RECORD_MS, new AbortController().signal, async () => recording);
  if (settled === null) {
    void recording.then(async (late) => (late === null ? undefined : closeCard(ground, nonce_sha256, late)));
    return { toast: { type: "info", content: BEING_RECORDED[locale]() } };
  }
  ground.log("press_recorded", { goal_id: gate.goal_id, decision: decision ?? "", at_ms });
  const word = decision === null || decision === "expired" || decision === "superseded" ? BEING_RECORDED : RECORDED[decision];
  return { toast: { type: "success", content: word[locale]() }, card: { type: "raw", data: resolvedCard(settled) } };
}
