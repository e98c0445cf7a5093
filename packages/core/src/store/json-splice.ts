/**
 * Replacing spans of a text, and taking members out of a JSON list or object or putting new ones in, commas included.
 * It knows where members begin and end and nothing of their meaning.
 */
import type { JsonValue } from "../domain/json.ts";
import type { Span } from "./json-members.ts";
import { indentAt, type JsonStyle, printMember } from "./json-style.ts";

/** Replace `[start, end)` by `text`; an insertion has `start === end`. */
export interface Splice extends Span {
  readonly text: string;
}

/** One element or property as it stands. */
export interface Member extends Span {
  readonly removed: boolean;
}

/** `key` is null for elements of a list. */
export interface NewMember {
  readonly key: string | null;
  readonly value: JsonValue;
}

export interface Container {
  readonly members: readonly Member[];
  /** New members by the index they follow; -1 puts them in front. */
  readonly inserts: ReadonlyMap<number, readonly NewMember[]>;
  readonly style: JsonStyle;
}

/** The text with all splices carried out; they may not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const splice of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(text.slice(from, splice.start), splice.text);
    from = splice.end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

/** True when a splice changes anything inside one of the spans, which stand in order and do not overlap. */
export function spliceWithin(splices: readonly Splice[], spans: readonly Span[]): boolean {
  const ordered = [...splices].sort((a, b) => a.start - b.start);
  let index = 0;
  return ordered.some((splice) => {
    while ((spans[index]?.end ?? Infinity) <= splice.start) index += 1;
    const span = spans[index];
    return span !== undefined && splice.end > span.start && (splice.start > span.start || splice.end > splice.start);
  });
}

/** The splices that remove and insert members of the container whose brackets are the ends of `span`. */
export function containerSplices(text: string, span: Span, container: Container): Splice[] {
  const { members, inserts, style } = container;
  const fresh = [...inserts].sort(([a], [b]) => a - b).flatMap(([, list]) => list);
  if (members.every((member) => member.removed)) return refill(text, span, members, fresh, style);
  const separator = separatorOf(text, span, members, style);
  const splices = removals(members);
  for (const [after, list] of inserts) {
    if (list.length === 0) continue;
    const anchor = anchorOf(members, after);
    const printed = list.map((member) => printMember(member, memberIndent(text, members, separator), style));
    if (anchor.before) splices.push({ start: anchor.at, end: anchor.at, text: printed.map((item) => item + "," + separator).join("") });
    else splices.push({ start: anchor.at, end: anchor.at, text: printed.map((item) => "," + separator + item).join("") });
  }
  return splices;
}

/** A member goes with the comma and the blanks before it; the first ones go with those behind them. */
function removals(members: readonly Member[]): Splice[] {
  const firstKept = members.findIndex((member) => !member.removed);
  return members.flatMap((member, index) => {
    if (!member.removed) return [];
    const [start, end] =
      index < firstKept ? [member.start, members[index + 1]?.start ?? member.end] : [members[index - 1]?.end ?? member.start, member.end];
    return [{ start, end, text: "" }];
  });
}

/** Behind the nearest kept member at or before the index, else in front of the first kept one. */
function anchorOf(members: readonly Member[], after: number): { at: number; before: boolean } {
  for (let index = after; index >= 0; index -= 1) {
    const member = members[index];
    if (member !== undefined && !member.removed) return { at: member.end, before: false };
  }
  return { at: members.find((member) => !member.removed)?.start ?? 0, before: true };
}

/** A container that keeps no member: its inside is written anew. */
function refill(text: string, span: Span, members: readonly Member[], fresh: readonly NewMember[], style: JsonStyle): Splice[] {
  const inside = { start: span.start + 1, end: span.end - 1 };
  if (fresh.length === 0) return members.length === 0 ? [] : [{ ...inside, text: "" }];
  if (!style.multiline) return [{ ...inside, text: fresh.map((member) => printMember(member, null, style)).join(",") }];
  const outer = indentAt(text, span.start);
  const indent = outer + style.unit;
  const lines = fresh.map((member) => indent + printMember(member, indent, style));
  return [{ ...inside, text: style.eol + lines.join("," + style.eol) + style.eol + outer }];
}

/** What stands between two members: a line break with indent, or blanks on one line. */
function separatorOf(text: string, span: Span, members: readonly Member[], style: JsonStyle): string {
  const lead = text.slice(span.start + 1, members[0]?.start ?? span.end - 1);
  const lineBreak = lead.lastIndexOf("\n");
  if (lineBreak !== -1) return lead.slice(lead[lineBreak - 1] === "\r" ? lineBreak - 1 : lineBreak);
  const [first, second] = members;
  if (first !== undefined && second !== undefined) return text.slice(text.indexOf(",", first.end) + 1, second.start);
  return lead === "" && style.multiline ? " " : lead;
}

/** The indent of a member's own lines, or null where members are written on one line. */
function memberIndent(text: string, members: readonly Member[], separator: string): string | null {
  if (separator.includes("\n")) return separator.slice(separator.lastIndexOf("\n") + 1);
  const spread = members.find((member) => text.slice(member.start, member.end).includes("\n"));
  return spread === undefined ? null : indentAt(text, spread.start);
}
