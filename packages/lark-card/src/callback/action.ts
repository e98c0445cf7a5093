/** A press of a gate's button, read from a verified request (LRK-72). Nothing here decides anything. */
import { isGateValue, type GateValue } from "../card/words.ts";
import { isRecord } from "../input.ts";

/** A press: which button, by whom, on which message. */
export interface CardAction {
  readonly event_id: string;
  readonly operator_open_id: string;
  readonly message_id: string;
  readonly chat_id: string;
  readonly tag: string;
  readonly value: GateValue;
}

/** The press, or why the request is none. */
export type ReadAction =
  | { readonly ok: true; readonly action: CardAction }
  | { readonly ok: false; readonly code: "not_a_card_action" | "bad_value" };

const ID_LIMIT = 256;

/**
 * The press in a verified body. The older, flat form has no event id of its own, so it is read only with `raw_sha256`,
 * the digest of the bytes that were verified.
 */
export function parseCardAction(body: unknown, options: { readonly raw_sha256?: string } = {}): ReadAction {
  const isEvent = at(body, "schema") === "2.0" && at(body, "header", "event_type") === "card.action.trigger";
  const isFlat = at(body, "schema") === undefined && at(body, "header") === undefined;
  if (!isEvent && !isFlat) return { ok: false, code: "not_a_card_action" };
  const event = isEvent ? at(body, "event") : body;
  const context = isEvent ? at(event, "context") : event;
  const ids = {
    event_id: isEvent ? at(body, "header", "event_id") : options.raw_sha256,
    operator_open_id: isEvent ? at(event, "operator", "open_id") : at(event, "open_id"),
    message_id: at(context, "open_message_id"),
    chat_id: at(context, "open_chat_id"),
    tag: at(event, "action", "tag"),
  };
  if (!areIds(ids)) return { ok: false, code: "not_a_card_action" };
  const value = at(event, "action", "value");
  return isGateValue(value, "value").length === 0
    ? { ok: true, action: { ...ids, value: value as GateValue } }
    : { ok: false, code: "bad_value" };
}

/** What stands below these keys, or undefined. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

function areIds<Key extends string>(ids: Readonly<Record<Key, unknown>>): ids is Readonly<Record<Key, string>> {
  return Object.values(ids).every((id) => typeof id === "string" && id !== "" && id.length <= ID_LIMIT);
}
