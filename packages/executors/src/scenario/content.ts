/** The text that a person would read in a messenger's content: plain, `{"text": …}`, a post or a card (WTL-103). */
import { isJsonObject } from "@loopx/core/domain";

/** Keys whose values name things and are never read by anybody. */
const NOT_TEXT: ReadonlySet<string> = new Set(["tag", "type", "msg_type", "template", "id", "user_id", "image_key", "href", "url", "key"]);
/** Deeper content is no message. */
const MAX_DEPTH = 40;

/** Every text of the content, pieces of one line joined, lines separated by a line feed. Content that is no JSON is itself. */
export function readableText(content: string): string {
  const first = content.trimStart()[0];
  if (first !== "{" && first !== "[" && first !== '"') return content;
  try {
    return textOf(JSON.parse(content), 0);
  } catch {
    return content;
  }
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (depth > MAX_DEPTH) return "";
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => textOf(part, depth + 1));
    // A post's paragraph is a list of pieces; everything else in a list stands on lines of its own.
    return value.every(isPiece) ? parts.join("") : joined(parts);
  }
  if (!isJsonObject(value)) return "";
  return joined(Object.entries(value).map(([key, part]) => (NOT_TEXT.has(key) ? "" : textOf(part, depth + 1))));
}

function isPiece(part: unknown): boolean {
  return isJsonObject(part) && typeof part["tag"] === "string" && typeof part["text"] === "string";
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
