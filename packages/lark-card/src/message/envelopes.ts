/**
 * A card or a text as the platform's interfaces take it (LRK-50 to LRK-55). Values only: who sends them, and with which
 * token, is another's. Everything goes through one JSON writer, so no text can reach another field.
 */
import type { Card } from "../card/blocks.ts";
import { exactly, isFlag, isRecord, isText, LarkCardError, matching, oneOf, optional, requireInput, type Check } from "../input.ts";
import type { Text } from "../text/clean.ts";
import { inertText } from "../text/sanitize.ts";

const RECEIVERS = {
  chat_id: /^oc_\w{1,64}$/,
  open_id: /^ou_[\w-]{1,64}$/,
  user_id: /^[\w-]{1,64}$/,
  union_id: /^on_[\w-]{1,64}$/,
  email: /^[^\s@<>"']{1,64}@[\w.-]{1,190}$/,
} as const;

/** Who receives a message: a chat, unless `receive_id_type` says otherwise. */
export interface AppTarget {
  readonly receive_id: string;
  readonly receive_id_type?: keyof typeof RECEIVERS;
  /** The platform drops a second message with the same one, for an hour. */
  readonly uuid?: string;
}
/** The message that is answered. */
export interface ReplyTarget {
  readonly message_id: string;
  readonly reply_in_thread?: boolean;
  readonly uuid?: string;
}
/** The message that is changed. */
export interface UpdateTarget {
  readonly message_id: string;
}
/** A custom bot's signature and the second it was made in. */
export interface WebhookSign {
  readonly timestamp?: string;
  readonly sign?: string;
}

const isUuid = optional(matching(/^[\w-]{1,50}$/, "1 to 50 letters, digits, dashes and underscores"));
const isMessageId = matching(/^om_\w{1,64}$/, "a message id");
const isAppTarget: Check = (value, path) => {
  const type = isRecord(value) ? (value["receive_id_type"] ?? "chat_id") : "";
  const form = Object.entries(RECEIVERS).find(([name]) => name === type)?.[1] ?? /$^/;
  const receive_id_type = optional(oneOf(Object.keys(RECEIVERS)));
  return exactly({ receive_id: matching(form, "the id of a receiver of that type"), receive_id_type, uuid: isUuid })(value, path);
};
const isReplyTarget = exactly({ message_id: isMessageId, reply_in_thread: optional(isFlag), uuid: isUuid });
const isUpdateTarget = exactly({ message_id: isMessageId });
const isSign = exactly({ timestamp: optional(matching(/^\d{10}$/, "a second since the epoch")), sign: isText });

/** The body of a message: a card or a text, as JSON in a string. */
interface MessageBody {
  readonly msg_type: "interactive" | "text";
  readonly content: string;
  readonly uuid?: string;
}
/** For the interface that creates a message. */
export interface AppMessage {
  readonly params: { readonly receive_id_type: keyof typeof RECEIVERS };
  readonly data: MessageBody & { readonly receive_id: string };
}
/** For the interface that answers a message. */
export interface ReplyMessage {
  readonly path: { readonly message_id: string };
  readonly data: MessageBody & { readonly reply_in_thread?: true };
}
/** For the interface that changes a message. */
export interface UpdateMessage {
  readonly path: { readonly message_id: string };
  readonly data: { readonly content: string };
}
/** For a custom bot. The card is an object here; there is no `content` beside it. */
export type WebhookMessage = { readonly timestamp?: string; readonly sign?: string } & (
  | { readonly msg_type: "interactive"; readonly card: Card }
  | { readonly msg_type: "text"; readonly content: { readonly text: string } }
);
/** Anything this package hands to a sender. */
export type Envelope = AppMessage | ReplyMessage | UpdateMessage | WebhookMessage;

/** The card as a new message of an app. */
export function toAppMessage(card: Card, target: AppTarget): AppMessage {
  return appMessage("interactive", JSON.stringify(card), target);
}

/** The card as an answer to a message. */
export function toReplyMessage(card: Card, target: ReplyTarget): ReplyMessage {
  requireInput(target, isReplyTarget);
  const { message_id, reply_in_thread, uuid } = target;
  const thread = reply_in_thread === true ? ({ reply_in_thread } as const) : {};
  return {
    path: { message_id },
    data: { msg_type: "interactive", content: JSON.stringify(card), ...thread, ...(uuid === undefined ? {} : { uuid }) },
  };
}

/** The card in place of one that was sent. Throws for a card that was not made to be updated. */
export function toUpdateMessage(card: Card, target: UpdateTarget): UpdateMessage {
  requireInput(target, isUpdateTarget);
  const { message_id } = target;
  if (card.config.update_multi !== true)
    throw new LarkCardError([{ path: "config.update_multi", message: "the card is not made to be updated" }]);
  return { path: { message_id }, data: { content: JSON.stringify(card) } };
}

/** The card for a custom bot. Throws for a card with buttons that answer: a custom bot hears nothing. */
export function toWebhookMessage(card: Card, sign: WebhookSign = {}): WebhookMessage {
  requireInput(sign, isSign);
  if (hasCallbacks(card)) throw new LarkCardError([{ path: "card", message: "a custom bot hears no buttons" }], "no_callbacks_on_webhook");
  return { ...sign, msg_type: "interactive", card };
}

/** The text as a message of an app, with every mention in it dead (LRK-43). Without a target: for a custom bot. */
export function toTextMessage(text: Text, target: AppTarget): AppMessage;
export function toTextMessage(text: Text, target?: { readonly webhook: WebhookSign }): WebhookMessage;
export function toTextMessage(
  text: Text,
  target: AppTarget | { readonly webhook: WebhookSign } = { webhook: {} },
): AppMessage | WebhookMessage {
  const content = { text: inertText(text) };
  if (!("webhook" in target)) return appMessage("text", JSON.stringify(content), target);
  requireInput(target.webhook, isSign);
  return { ...target.webhook, msg_type: "text", content };
}

/** The bytes of the body that is sent (LRK-56). */
export function measure(envelope: Envelope): number {
  return new TextEncoder().encode(JSON.stringify("data" in envelope ? envelope.data : envelope)).length;
}

/** True when a button of the card sends something back. */
export function hasCallbacks(card: Card): boolean {
  if ("elements" in card)
    return card.elements.some((element) => element.tag === "action" && element.actions.some((button) => "value" in button));
  return card.body.elements.some(
    (element) => element.tag === "column_set" && element.columns.some(({ elements: [button] }) => "element_id" in button),
  );
}

function appMessage(msg_type: MessageBody["msg_type"], content: string, target: AppTarget): AppMessage {
  requireInput(target, isAppTarget);
  const { receive_id, receive_id_type = "chat_id", uuid } = target;
  return { params: { receive_id_type }, data: { receive_id, msg_type, content, ...(uuid === undefined ? {} : { uuid }) } };
}
