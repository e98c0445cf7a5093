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
