/**
 * JSON in one spelling, and the id of a preview that is made of it (CMD-130): whoever saw a dry run names by it what was
 * seen, so that nothing else is written.
 */
import type { Digest } from "./digest.ts";
import { isJsonObject, type JsonValue } from "./json.ts";

const PREVIEW_DIGITS = 24;

/** The value with keys sorted at every depth, no blanks, non-ASCII as it is. What is undefined is left out. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((each: JsonValue) => canonicalJson(each)).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => (value[key] === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(value[key])}`]));
  return `{${members.join(",")}}`;
}

/** The first 24 hex digits of its SHA-256. */
export function previewId(seen: JsonValue, digest: Digest): string {
  return digest("sha256", canonicalJson(seen)).slice(0, PREVIEW_DIGITS);
}
