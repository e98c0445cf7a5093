/** The id of a sent message, found in what a sender printed (LRK-60 to LRK-63). Never the id of the message it answered. */
import { exactly, isRecord, isText, requireInput } from "../input.ts";
import { lastObject } from "./last-object.ts";

/** What the caller knows about the message. */
export interface ReplyIdOptions {
  /** The message that was answered; its id is never the result. */
  readonly parent_message_id?: string | null;
}

/** The id, or why there is none. */
export type ReplyId =
  | { readonly ok: true; readonly message_id: string }
  | { readonly ok: false; readonly reason: "error_code" | "only_parent" | "no_message_id" | "bad_id" };

const OUTPUT_LIMIT = 1_048_576;
const DEPTH_LIMIT = 50;
const ID = /^om_\w{1,64}$/;
/** Objects below these keys are about another message. */
const FOREIGN_KEYS = new Set(["parent", "root", "quoted", "upper_message", "error", "items"]);
const LABELLED = /(?<![\w-])(?:(?:reply_)?message_id|reply_id|reply)["']?[ \t]*[=:][ \t]*["']?(om_\w*)/gi;
const FAILED_LINE = /\b(?:error|failed|failure)\b|not found/i;

/** The id of the reply, or null. Takes the printed text or the parsed object. */
export function extractReplyMessageId(output: unknown, options: ReplyIdOptions = {}): string | null {
  const read = readReplyMessageId(output, options);
  return read.ok ? read.message_id : null;
}

/** {@link extractReplyMessageId} with the reason when there is none. */
export function readReplyMessageId(output: unknown, options: ReplyIdOptions = {}): ReplyId {
  requireInput(options, exactly({ parent_message_id: isText }));
  const { parent_message_id = null } = options;
  const text = typeof output === "string" ? output.slice(-OUTPUT_LIMIT) : "";
  const object = isRecord(output) ? output : lastObject(text);
  if (object === null) return chosen(labelledIds(text), parent_message_id);
  const code = object["code"];
  if ((typeof code === "number" && code !== 0) || object["ok"] === false) return { ok: false, reason: "error_code" };
  return chosen(idsOf(object), parent_message_id);
}

/** The first id that is one, and not the parent's. */
function chosen(ids: readonly string[], parent: string | null): ReplyId {
  const own = ids.filter((id) => id !== parent);
  const message_id = own.find((id) => ID.test(id));
  if (message_id !== undefined) return { ok: true, message_id };
  if (own.length > 0) return { ok: false, reason: "bad_id" };
  return { ok: false, reason: ids.length > 0 ? "only_parent" : "no_message_id" };
}

/** The answer's own id first, then every other `message_id` in the order of the document. */
function idsOf(object: Readonly<Record<string, unknown>>): readonly string[] {
  const inner = object["data"];
  const own = [isRecord(inner) ? inner["message_id"] : undefined, object["message_id"]];
  return [...own.filter((id) => typeof id === "string"), ...nestedIds(object, 0)];
}

function nestedIds(value: unknown, depth: number): readonly string[] {
  if (depth > DEPTH_LIMIT) return [];
  if (Array.isArray(value)) return value.flatMap((item) => nestedIds(item, depth + 1));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (FOREIGN_KEYS.has(key)) return [];
    return key === "message_id" && typeof inner === "string" ? [inner] : nestedIds(inner, depth + 1);
  });
}

/** Labelled ids of lines that report no failure. */
function labelledIds(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => !FAILED_LINE.test(line))
    .flatMap((line) => [...line.matchAll(LABELLED)].map(([, id = ""]) => id));
}
