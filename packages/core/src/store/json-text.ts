/** The outside of a JSON text: its byte order mark and the form of a new document. */
import type { JsonObject } from "../domain/json.ts";

const MARK = 0xfeff;

/** The text without its byte order mark, for `JSON.parse` (FIL-1). */
export function withoutMark(text: string): string {
  return text.charCodeAt(0) === MARK ? text.slice(1) : text;
}

/** The text of a new document: two-space indent, non-ASCII kept, final LF (FIL-2). */
export function newJsonText(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
