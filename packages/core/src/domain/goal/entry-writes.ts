/**
 * Writing single fields into a raw entry, and the account of what changed. Keys nobody named stay as they are.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { objectOf } from "./fields.ts";
import { sameJson, withoutKeys } from "./json-values.ts";

/** The entry after a change, and what changed in it. */
export interface ConfiguredEntry {
  readonly kind: "configured";
  readonly entry: JsonObject;
  /** Dotted names such as `quota.compute`; empty when the entry already says all of it. */
  readonly changed_fields: readonly string[];
  /** By dotted name; null where there was or is nothing. */
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** A field to write, `undefined` to remove it. The name has one or more parts joined by dots. */
export type FieldWrite = readonly [field: string, value: JsonValue | undefined];

/** The entry with these fields written or removed. A parent that is no object is replaced by one. */
export function applyWrites(raw: JsonObject, writes: readonly FieldWrite[]): ConfiguredEntry {
  let entry = raw;
  const before: [string, JsonValue][] = [];
  const after: [string, JsonValue][] = [];
  for (const [field, value] of writes) {
    const path = field.split(".");
    const old = valueAt(entry, path);
    if (sameJson(old, value)) continue;
    entry = write(entry, path, value);
    before.push([field, old ?? null]);
    after.push([field, value ?? null]);
  }
  return {
    kind: "configured",
    entry,
    changed_fields: before.map(([field]) => field),
    before: Object.fromEntries(before),
    after: Object.fromEntries(after),
  };
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

function write(object: JsonObject, path: readonly string[], value: JsonValue | undefined): JsonObject {
  const [key = "", ...rest] = path;
  if (rest.length > 0) return { ...object, [key]: write(objectOf(object[key]), rest, value) };
  return value === undefined ? withoutKeys(object, new Set([key])) : { ...object, [key]: value };
}
