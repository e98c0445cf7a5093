/** Plain JSON values: what records, artifacts and unknown keys are made of. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object; absent keys read as undefined. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** The text under a key; empty when there is none or it is no text. */
export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}

/** True for a JSON object, false for arrays, null and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** More levels are no data of anybody's: whoever prints or copies such a value exhausts the stack. */
const DEPTH_LIMIT = 1_000;

/** True when JSON text nests deeper than that. A text too short to do so is not looked at. */
export function nestsTooDeep(text: string): boolean {
  if (text.length < 2 * DEPTH_LIMIT) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return false;
}
