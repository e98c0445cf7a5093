/** Messages through a custom bot of one chat (LRK-84). Its address is a secret: no error and no log line names it. */
import { toTextMessage, toWebhookMessage, type Card, type WebhookMessage, type WebhookSign } from "@loopx/lark-card";
import { signWebhook } from "@loopx/lark-card/crypto";
import type { Outgoing, Transport } from "../../notify/notice.ts";
import type { LarkWebhook } from "../../notify/settings.ts";
import { ask, wordsOf } from "./request.ts";

/** A way to send through the bot. It cannot update, reply, or say the message's id. `nowMs` stamps the signature. */
export function larkWebhook(bot: LarkWebhook, nowMs: () => number): Transport {
  return {
    driver: "lark_webhook",
    post: async (outgoing, signal) => {
      const body = JSON.stringify(messageOf(outgoing, bot, nowMs));
      const answered = await ask({ method: "POST", url: bot.url, headers: { "content-type": "application/json" }, body, signal });
      if (answered.kind !== "answer") return answered;
      const { status, body: given, retry_after_ms } = answered;
      const code = given?.["code"] ?? given?.["StatusCode"];
      return {
        kind: "answer",
        status,
        code: typeof code === "number" ? code : null,
        msg: wordsOf(given?.["msg"]),
        message_id: null,
        retry_after_ms,
      };
    },
  };
}

function messageOf({ content }: Outgoing, { secret, keyword }: LarkWebhook, nowMs: () => number): WebhookMessage {
  const timestamp = String(Math.floor(nowMs() / 1_000));
  const sign: WebhookSign = secret === null ? {} : { timestamp, sign: signWebhook(timestamp, secret) };
  if (content.kind === "card") return toWebhookMessage(withKeyword(content.card, keyword), sign);
  const text = keyword === null || content.text.includes(keyword) ? content.text : `${content.text}\n${keyword}`;
  return toTextMessage(text, { webhook: sign });
}

/** The card with the word that the bot's keeper asks for, in its note, when nothing else of it has the word. */
function withKeyword(card: Card, keyword: string | null): Card {
  if (keyword === null || JSON.stringify(card).includes(keyword)) return card;
  if ("elements" in card)
    return { ...card, elements: [...card.elements, { tag: "note", elements: [{ tag: "plain_text", content: keyword }] }] };
  return { ...card, body: { elements: [...card.body.elements, { tag: "markdown", content: keyword, text_size: "notation" }] } };
}
