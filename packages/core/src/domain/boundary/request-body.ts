/** The body of a request: UTF-8 without a fault, one JSON object, not deep, no key that another reader takes for a prototype. Pure. */
import { isJsonObject, type JsonObject } from "../json.ts";

/** Levels of a body (REL-109). */
export const MAX_BODY_DEPTH = 32;

/** The object in these bytes, or null (REL-127). Their number was limited before. */
export function readJsonBody(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return isJsonObject(value) && isPlain(value, MAX_BODY_DEPTH) ? value : null;
  } catch {
    return null;
  }
}

/** False when a value is deeper than that many levels, or names `__proto__` anywhere. */
function isPlain(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, "__proto__")) return false;
  return Object.values(value).every((each) => isPlain(each, levels - 1));
}
