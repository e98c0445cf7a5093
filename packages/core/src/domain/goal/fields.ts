/**
 * Tolerant reading of single JSON fields. Nothing here throws or knows what a field means;
 * what is wrong goes to a `Note`, which the reader of the entry turns into a finding.
 */
import type { FindingCode } from "../finding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

/** Takes one problem of the entry that is being read: its key and the rest of the sentence. */
export type Note = (code: FindingCode, key: string, problem: string) => void;

type Field = JsonValue | undefined;

/** True for a field that is not there; `null` counts as absent everywhere in a registry. */
export function isAbsent(value: Field): value is null | undefined {
  return value === undefined || value === null;
}

/** The text as written, or null when it is blank or no text. */
export function textOf(value: Field): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** The non-blank texts of a list, trimmed. A lone text counts as a list of one; anything else is empty. */
export function textsOf(value: Field): string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value.trim()];
  if (!Array.isArray(value)) return [];
  const texts: string[] = [];
  for (const item of value) if (typeof item === "string" && item.trim() !== "") texts.push(item.trim());
  return texts;
}

/** The object, or an empty one. */
export function objectOf(value: Field): JsonObject {
  return isJsonObject(value) ? value : {};
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A finite number, also one written as a decimal string; null for everything else. */
export function numberOf(value: Field): number | null {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** A value as it is named in a message: JSON, at most 60 characters. */
export function quoted(value: Field): string {
  const text = isJsonObject(value) ? "an object" : Array.isArray(value) ? "a list" : (JSON.stringify(value) ?? "nothing");
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
