/**
 * How a JSON text is laid out, and printing new values in that layout (FIL-2).
 */
import { isJsonObject, type JsonValue } from "../domain/json.ts";
import type { Span } from "./json-members.ts";

export interface JsonStyle {
  /** False when the whole document stands on one line without breaks. */
  readonly multiline: boolean;
  /** One step of indent. */
  readonly unit: string;
  readonly eol: "\n" | "\r\n";
}

const DEFAULT_UNIT = "  ";

/** The layout found in the text: its first line ending, and the indent of the root's first member that has its own line. */
export function styleOf(text: string, root: Span, members: readonly Span[]): JsonStyle {
  const first = members.find((member) => text.slice(root.start, member.start).includes("\n"));
  const unit = first === undefined ? "" : indentAt(text, first.start);
  const lineFeed = text.indexOf("\n");
  return {
    multiline: members.length === 0 || text.slice(root.start, root.end).includes("\n"),
    unit: unit === "" ? DEFAULT_UNIT : unit,
    eol: lineFeed > 0 && text[lineFeed - 1] === "\r" ? "\r\n" : "\n",
  };
}

/** The indent of the line that holds the offset. */
export function indentAt(text: string, offset: number): string {
  return blankRun(text, text.lastIndexOf("\n", offset - 1) + 1);
}

/** An element, or a property when it has a key. `indent` null prints it on one line. */
export function printMember(member: { key: string | null; value: JsonValue }, indent: string | null, style: JsonStyle): string {
  const value = indent === null ? oneLine(member.value, style) : lines(member.value, indent, style);
  return member.key === null ? value : `${JSON.stringify(member.key)}:${style.multiline ? " " : ""}${value}`;
}

/** A new value for a span, on one line where the old list or object was on one line. */
export function printLike(text: string, old: Span, value: JsonValue, style: JsonStyle): string {
  const before = text.slice(old.start, old.end);
  const inline = (before.startsWith("[") || before.startsWith("{")) && before.length > 2 && !before.includes("\n");
  return inline || !style.multiline ? oneLine(value, style) : lines(value, indentAt(text, old.start), style);
}

function lines(value: JsonValue, indent: string, style: JsonStyle): string {
  return JSON.stringify(value, null, style.unit).replaceAll("\n", style.eol + indent);
}

function oneLine(value: JsonValue, style: JsonStyle): string {
  if (!style.multiline) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => oneLine(item, style)).join(", ")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [`${JSON.stringify(key)}: ${oneLine(item, style)}`],
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function blankRun(text: string, from: number): string {
  let to = from;
  while (text[to] === " " || text[to] === "\t") to += 1;
  return text.slice(from, to);
}
