/** The body of `POST /api/lark/send`, read strictly (LRK-91). Pure. */
import { hasCallbacks, type Card } from "@loopx/lark-card";
import { validateCard } from "@loopx/lark-card/schema";
import { readJsonBody } from "@loopx/core/domain";

const TEXT_LIMIT = 10_000;
const CHAT_ID = /^oc_\w{1,64}$/;
const UUID = /^[\w-]{1,50}$/;
const KEYS = new Set(["chat_id", "text", "card", "uuid"]);

/** A message for one chat. */
export interface SendRequest {
  readonly chat_id: string;
  readonly text: string;
  readonly card: Card | null;
  readonly uuid: string | null;
}

/** The request, or what is wrong with it. */
export type ReadRequest =
  | { readonly kind: "request"; readonly request: SendRequest }
  | { readonly kind: "refused"; readonly code: "bad_json" | "bad_request"; readonly message: string };

/** The request in these bytes. */
export function readSendRequest(bytes: Uint8Array): ReadRequest {
  const body = readJsonBody(bytes);
  if (body === null) return { kind: "refused", code: "bad_json", message: "the body is one JSON object" };
  const unknown = Object.keys(body).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return refused("only chat_id, text or card, and uuid may stand in the body");
  const { chat_id, text, card, uuid } = body;
  if (typeof chat_id !== "string" || !CHAT_ID.test(chat_id)) return refused("chat_id is a chat's id (oc_…)");
  if (uuid !== undefined && (typeof uuid !== "string" || !UUID.test(uuid)))
    return refused("uuid is 1 to 50 letters, digits, dashes and underscores");
  const rest = { chat_id, uuid: uuid ?? null };
  if (card !== undefined) return text === undefined ? withCard(card, rest) : refused("text and card exclude each other");
  if (typeof text !== "string" || text.trim() === "" || text.length > TEXT_LIMIT) return refused(`text has 1 to ${TEXT_LIMIT} characters`);
  return { kind: "request", request: { ...rest, text, card: null } };
}

/** Only a card of ours, without mentions and without buttons that nobody would hear. */
function withCard(value: unknown, rest: Pick<SendRequest, "chat_id" | "uuid">): ReadRequest {
  const check = validateCard(value);
  if (!check.ok)
    return refused(
      `card is not valid: ${check.issues
        .map(({ path, message }) => `${path} ${message}`)
        .slice(0, 3)
        .join("; ")}`,
    );
  if (hasCallbacks(check.card)) return refused("card has buttons that answer; lark gate sends those");
  if (/<\/?(?:at|person)/i.test(JSON.stringify(check.card))) return refused("card mentions somebody");
  return { kind: "request", request: { ...rest, text: check.card.header.title.content, card: check.card } };
}

function refused(message: string): ReadRequest {
  return { kind: "refused", code: "bad_request", message };
}
