/**
 * Reads a goal state (FIL-30 to FIL-51). It never throws, whatever the text is; what is wrong becomes a finding.
 * 10,000 todos are read in well under the time a process needs to start.
 */
import type { Digest } from "../digest.ts";
import { LoopxError } from "../errors.ts";
import { readInstant } from "../time.ts";
import { GOAL_STATE_LARGE, GOAL_STATE_LIMIT, sectionNamed, type GoalState, type TodoSpan } from "./document.ts";
import { FRONT_MATTER_LIMIT, scanFrontMatter, type FrontMatter } from "./front-matter.ts";
import { NEXT_ACTION } from "./headings.ts";
import type { LeftTodos } from "./left-todos.ts";
import { lineStarts, utf8Length, type LinedText } from "./lines.ts";
import { sectionItems } from "./next-action.ts";
import { Notes } from "./notes.ts";
import { TodoReader } from "./todo-reader.ts";
import type { Todo } from "./todo.ts";

export type { GoalState } from "./document.ts";

/** What parsing needs from outside: a hash function, and names for findings. */
export interface ParseOptions {
  readonly digest: Digest;
  /** For findings: the file as people know it. */
  readonly file: string;
  readonly goal_id?: string;
}

/** The goal state of any text. */
export function parseGoalState(text: string, options: ParseOptions): GoalState {
  const lined: LinedText = { text, starts: lineStarts(text) };
  const read = readParts(lined, options, null);
  const { todos, by_id } = read.reader.list;
  return { ...lined, ...read.parts, todos, by_id, next_action: sectionItems(lined, sectionNamed(read.parts, NEXT_ACTION)) };
}

/** All of a state but its lines, its todos and its next action. */
export type Parts = Omit<GoalState, keyof LinedText | "todos" | "by_id" | "next_action">;

/** One pass over a text, whose front matter is found by the first of its lines. */
export function readParts(
  head: LinedText,
  options: ParseOptions,
  left: LeftTodos | null,
  text = head.text,
): { parts: Parts; reader: TodoReader } {
  const notes = new Notes(options);
  const tooLarge = noteSize(text, notes);
  const front_matter = readFrontMatter(head, notes);
  const reader = new TodoReader(text, notes, options.digest, left);
  const line = front_matter === null ? 0 : front_matter.closing_line + 1;
  if (!tooLarge) reader.read({ line, at: head.starts[line] ?? text.length });
  const parts = {
    file: options.file,
    goal_id: options.goal_id ?? null,
    digest: options.digest,
    front_matter,
    updated_at: front_matter?.keys["updated_at"] ?? null,
    sections: reader.sections,
    archived_ids: [...reader.list.archived],
    open_fence_line: reader.mask.fenceLine,
    findings: notes.findings(),
  };
  return { parts, reader };
}

/** Where a todo of the state stands, read again from its first line by the reader that read it first. */
export function spanOf(state: GoalState, todo: Todo): TodoSpan {
  const span = new TodoReader(state.text, new Notes(state), state.digest).readSpan(state, todo.line - 1, todo.role);
  if (span === null) throw new LoopxError("internal", `Line ${todo.line} of ${state.file} is no todo.`);
  return span;
}

/** Notes the size when it is worth a word; true when the text is over its limit and must not be read (FIL-101). */
function noteSize(text: string, notes: Notes): boolean {
  // A unit of UTF-16 is at most three bytes of UTF-8: most files need no count.
  if (text.length * 3 <= GOAL_STATE_LARGE) return false;
  const size = utf8Length(text);
  if (size > GOAL_STATE_LIMIT) notes.add("too_large", `${notes.file} has ${size} bytes; the limit is ${GOAL_STATE_LIMIT}.`);
  else if (size > GOAL_STATE_LARGE)
    notes.add("state_file_large", `${notes.file} has ${size} bytes; \`loopx todo archive-completed\` makes it smaller.`);
  return size > GOAL_STATE_LIMIT;
}

function readFrontMatter(lined: LinedText, notes: Notes): FrontMatter | null {
  const scan = scanFrontMatter(lined);
  switch (scan.kind) {
    case "found":
      noteZone(scan.front_matter, notes);
      return scan.front_matter;
    case "none":
      return null;
    case "engine_refused":
      notes.add("front_matter_engine_refused", `The front matter of ${notes.file} names a language; nothing in it is read or executed.`, 0);
      return null;
    case "unclosed":
      notes.add("front_matter_unclosed", `The front matter of ${notes.file} has no closing \`---\`; it is read as ordinary text.`, 0);
      return null;
    case "too_large":
      notes.add("too_large", `The front matter of ${notes.file} has ${scan.size} characters; the limit is ${FRONT_MATTER_LIMIT}.`, 0);
      return null;
  }
}

function noteZone(front_matter: FrontMatter, notes: Notes): void {
  const line = front_matter.lines.get("updated_at");
  if (line === undefined || readInstant(front_matter.keys["updated_at"] ?? "")?.zoned !== false) return;
  notes.add("timestamp_without_zone", `\`updated_at\` of ${notes.file} names no zone; UTC is assumed.`, line, "updated_at");
}
