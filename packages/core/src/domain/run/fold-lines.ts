/** Bad lines, torn lines and notes of a fold: bounded lists, whole counts (FIL-64, DEC-42). */
import { LISTED_LINES, type FoldState } from "./fold-state.ts";

/** Lists a bad line. When the list is full an accepted line gives way; lines nobody accepted stay visible. */
export function addBadLine(state: FoldState, place: { line: number; offset: number; reason: string }): void {
  state.bad_line_count += 1;
  state.unaccepted_bad_line_count += 1;
  if (state.bad_lines.length >= LISTED_LINES) {
    const accepted = state.bad_lines.findIndex((known) => known.accepted);
    if (accepted === -1) return;
    state.bad_lines.splice(accepted, 1);
  }
  state.bad_lines.push({ ...place, accepted: false });
}

/** A person accepted every bad line above this place of the file (DEC-42). */
export function acceptBadLines(state: FoldState): void {
  state.unaccepted_bad_line_count = 0;
  for (const known of state.bad_lines) known.accepted = true;
}

/** Notes a torn line; the newest are listed. */
export function addTornLine(state: FoldState, place: { line: number; offset: number }): void {
  state.torn_lines.push(place);
  if (state.torn_lines.length > LISTED_LINES) state.torn_lines.shift();
}

/** Counts an observation by its code, with the first line that gave it. */
export function note(state: FoldState, code: string, line: number): void {
  const known = state.notes.find((item) => item.code === code);
  if (known === undefined) state.notes.push({ code, line, count: 1 });
  else known.count += 1;
}
