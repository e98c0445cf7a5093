/** Comparing and copying raw JSON values. Nothing here assigns a key of a file to a prototype (FIL-8). */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

/**
 * Equal once written as JSON: key order does not count, a key with `undefined` is no key,
 * and a number that JSON cannot write, such as 1e400 read as infinity, is null.
 */
export function sameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item: JsonValue, index) => sameJson(item, right[index]));
  }
  if (isJsonObject(left) && isJsonObject(right)) return sameMembers(left, right);
  return asWritten(left) === asWritten(right);
}

function sameMembers(left: JsonObject, right: JsonObject): boolean {
  const keys = definedKeys(left);
  return keys.length === definedKeys(right).length && keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]));
}

function definedKeys(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}

function asWritten(value: JsonValue | undefined): JsonValue | undefined {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/** A copy without these keys; order and any other key, `__proto__` included, stay (FIL-8). */
export function withoutKeys(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}
