/**
 * The question whether a repair may be promoted, as a card of Lark with buttons and the commands that do the same (WTL-72). It
 * is handed over and never waited for; a card that cannot be asked for is told as a line.
 */
import type { Io } from "@loopx/cli/program";
import { callbacksProven, freshNonce } from "../drivers/lark/callbacks.ts";
import { askGate } from "../lark-gates/ask.ts";
import { endGates } from "../lark-gates/press.ts";
import type { Outbox } from "../notify/outbox.ts";
import type { NotifySettings } from "../notify/settings.ts";
import type { NoticePlace } from "./notices.ts";
import { isPromotionGate } from "./question.ts";
import type { GateCards, PromotionQuestion } from "./site.ts";

/** The platform updates a card for so long. */
const EXPIRES_HOURS = 14 * 24;

interface Ground {
  readonly place: NoticePlace;
  readonly box: Outbox;
  readonly settings: NotifySettings;
}

/** `begun` hears of all work that goes on; `write` shows the line on standard error, too. */
export function gateCards(ground: Ground, begun: (work: Promise<void>) => void, write: Io["write"] | null): GateCards {
  const { place, box } = ground;
  return {
    ask: (question) => begun(ask(ground, question, write)),
    close: (goal_id, but) =>
      begun(
        endGates({ host: place.host, outbox: box, now: place.now }, goal_id, (gate) => isPromotionGate(gate) && gate !== but).catch(
          () => undefined,
        ),
      ),
  };
}

async function ask(
  { place, box, settings }: Ground,
  { line, key, ...question }: PromotionQuestion,
  write: Io["write"] | null,
): Promise<void> {
  await write?.("stderr", `${line}\n`);
  const { host, now } = place;
  const isApp = settings.driver === "lark_app";
  try {
    await askGate(
      {
        host,
        outbox: box,
        now,
        nonce: freshNonce,
        callbacks: isApp && (await callbacksProven(host, now().ms)),
        chat_id: isApp ? settings.lark_app.chat_id : null,
      },
      {
        ...question,
        agent_command: `git show ${question.sha.slice(0, 12)}`,
        expires_hours: EXPIRES_HOURS,
        dialect: "1.0",
        locale: host.locale,
      },
    );
  } catch {
    // Its text may not be recorded, or the gates cannot be read: the command is told all the same.
    await box.push({ key, level: "needs_person", text: line, goal_id: question.goal_id });
  }
}
