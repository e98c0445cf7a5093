/**
 * Where a text stops being JSON, for people who have to repair it (FIL-16). Only for text that `JSON.parse` refused:
 * the tolerant parser behind it is loaded here and nowhere else, so that no healthy command pays for it.
 */
import { REGISTRY_MAX_DEPTH } from "../domain/goal/limits.ts";
import { withoutMark } from "./json-text.ts";

export interface JsonFault {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly message: string;
}

/** Where a text stops being JSON (FIL-16). A trailing comma is named itself, not the bracket after it. */
export async function locateJsonError(text: string): Promise<JsonFault> {
  const body = withoutMark(text);
  if (body.trim() === "") return faultAt(body, 0, "the file is empty");
  const deep = tooDeepAt(body);
  if (deep !== null) return faultAt(body, deep, `nested deeper than ${REGISTRY_MAX_DEPTH} levels`);
  const first = await firstError(body);
  if (first === null) return faultAt(body, 0, "not valid JSON");
  const comma = trailingCommaBefore(body, first.offset);
  return comma === null
    ? faultAt(body, first.offset, PROBLEMS[first.code] ?? "not valid JSON")
    : faultAt(body, comma, "a comma stands before a closing bracket");
}

interface ErrorPlace {
  readonly code: number;
  readonly offset: number;
}

/** The parser recovers and goes on; a broken file of 16 MiB may hold millions of errors, so the first one ends the visit. */
async function firstError(text: string): Promise<ErrorPlace | null> {
  const { visit } = await import("jsonc-parser");
  let first: ErrorPlace | null = null;
  const stop = new Error("stop");
  const onError = (code: number, offset: number) => {
    first = { code, offset };
    throw stop;
  };
  try {
    visit(text, { onError }, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (error !== stop) throw error;
  }
  return first;
}

/** By the parser's error number. */
const PROBLEMS: Readonly<Record<number, string>> = {
  1: "an unknown word",
  2: "a malformed number",
  3: "a property name in double quotes is expected",
  4: "a value is expected",
  5: "a colon is expected",
  6: "a comma is expected",
  7: "a closing brace is expected",
  8: "a closing bracket is expected",
  9: "text stands after the end of the document",
  10: "JSON has no comments",
  11: "JSON has no comments",
  12: "a text in double quotes is not closed",
  13: "a malformed number",
  14: "a malformed unicode escape",
  15: "an unknown escape in a text",
  16: "a control character inside a text",
};

function trailingCommaBefore(text: string, offset: number): number | null {
  if (text[offset] !== "}" && text[offset] !== "]") return null;
  const before = text.slice(0, offset).trimEnd();
  return before.endsWith(",") ? before.length - 1 : null;
}

function faultAt(text: string, offset: number, message: string): JsonFault {
  const column = offset === 0 ? 1 : offset - text.lastIndexOf("\n", offset - 1);
  return { line: 1 + countLines(text, 0, offset), column, message };
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** The offset of the first bracket below the depth limit, or null. The parser recurses, so this comes first. */
function tooDeepAt(text: string): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (quoted) {
      if (unit === "\\") at += 1;
      else if (unit === '"' || unit === "\n") quoted = false;
    } else if (unit === '"') quoted = true;
    else if (unit === "[" || unit === "{") depth += 1;
    else if (unit === "]" || unit === "}") depth -= 1;
    if (depth > REGISTRY_MAX_DEPTH) return at;
  }
  return null;
}
