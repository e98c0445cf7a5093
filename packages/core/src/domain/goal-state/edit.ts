/**
 * Edits over a document: `{start, end, replacement}`, sorted, not overlapping (REL-70). Everything outside them stays
 * as it is, byte for byte; the empty list is identity.
 */
import { LoopxError } from "../errors.ts";
import { formatInstant, instantMs, type Moment } from "../time.ts";
import type { GoalState } from "./document.ts";
import { endingAt, endOfLine, isBlankLine, startOfLine, type LinedText } from "./lines.ts";
import type { Section } from "./headings.ts";

/** One replacement of a text: offsets in UTF-16 code units, `end` exclusive. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** The text after the edits. Edits that are unsorted, overlap or leave the text are a bug and throw `internal`. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    if (edit.start < at || edit.end < edit.start || edit.end > text.length) {
      throw new LoopxError("internal", `Edit ${edit.start}-${edit.end} does not follow ${at} in a text of ${text.length}.`);
    }
    result += text.slice(at, edit.start) + edit.replacement;
    at = edit.end;
  }
  return edits.length === 0 ? text : result + text.slice(at);
}

/** The edits in the order of their places; those at one place become one, in the order given. */
export function sortEdits(edits: readonly Edit[]): Edit[] {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const merged: Edit[] = [];
  for (const edit of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && last.start === edit.start && last.end === last.start) {
      merged[merged.length - 1] = { start: last.start, end: edit.end, replacement: last.replacement + edit.replacement };
    } else if (edit.start !== edit.end || edit.replacement !== "") merged.push(edit);
  }
  return merged;
}

/** New lines behind a line, with its ending. Behind a last line without one, the file still ends without one. */
export function insertAfter(lined: LinedText, line: number, lines: readonly string[]): Edit {
  const at = endOfLine(lined, line);
  const ending = endingAt(lined, line);
  return { start: at, end: at, replacement: lines.map((text) => ending + text).join("") };
}

/** New lines before a line, with the ending of the line above them. */
export function insertBefore(lined: LinedText, line: number, lines: readonly string[]): Edit {
  const at = startOfLine(lined, line);
  const ending = endingAt(lined, Math.max(0, line - 1));
  return { start: at, end: at, replacement: lines.map((text) => text + ending).join("") };
}

/** The lines `first` to `last` gone. At the end of a file without a last newline, the newline before them goes instead. */
export function deleteLines(lined: LinedText, first: number, last: number): Edit {
  const end = startOfLine(lined, last + 1);
  const unended = end === lined.text.length && endOfLine(lined, last) === end;
  const start = unended && first > 0 ? endOfLine(lined, first - 1) : startOfLine(lined, first);
  return { start, end, replacement: "" };
}

/** The section's last line with something on it, its heading at least, and never one inside a fence that nothing closes. */
export function lastUsedLine(state: GoalState, section: Section): number {
  return lastUsedBefore(state, Math.min(section.end_line, visibleEnd(state)), section.line);
}

/** The file's last line with something on it outside an unclosed fence; -1 when there is none. */
export function lastUsedLineOfFile(state: GoalState): number {
  return lastUsedBefore(state, visibleEnd(state), -1);
}

function lastUsedBefore(state: GoalState, end: number, floor: number): number {
  let line = end - 1;
  while (line > floor && isBlankLine(state, line)) line -= 1;
  return line;
}

/** What is written behind this line would be code, not state. */
function visibleEnd(state: GoalState): number {
  return state.open_fence_line === -1 ? state.starts.length : state.open_fence_line;
}

/** A new section: before the first of these that exists, else at the end of the file (FIL-36). */
export function insertSection(state: GoalState, heading: string, lines: readonly string[], before: readonly (Section | null)[]): Edit {
  const block = [`## ${heading}`, "", ...lines];
  const next = before.find((section) => section !== null);
  if (next !== undefined && next !== null) {
    const gap = next.line > 0 && !isBlankLine(state, next.line - 1) ? [""] : [];
    return insertBefore(state, next.line, [...gap, ...block, ""]);
  }
  const last = lastUsedLineOfFile(state);
  if (last === -1) {
    const start = startOfLine(state, 0);
    return { start, end: start, replacement: block.map((line) => line + endingAt(state, 0)).join("") };
  }
  return insertAfter(state, last, ["", ...block]);
}

/** `updated_at` of the front matter set to now, never to an earlier instant; nothing without front matter (FIL-31, FIL-50). */
export function updatedAtEdits(state: GoalState, now: Moment): Edit[] {
  const front = state.front_matter;
  if (front === null) return [];
  const before = instantMs(state.updated_at);
  if (before !== null && before >= now.ms - (now.ms % 1000)) return [];
  const text = `updated_at: ${formatInstant(now, "seconds")}`;
  const line = front.lines.get("updated_at");
  if (line === undefined) return [insertAfter(state, front.closing_line - 1, [text])];
  return [{ start: startOfLine(state, line), end: endOfLine(state, line), replacement: text }];
}
