/**
 * A goal state as it was read: the text, and where everything in it stands (FIL-30). The text stays the truth;
 * every change is a list of edits over it, never a printed document.
 */
import type { Digest } from "../digest.ts";
import type { Finding } from "../finding.ts";
import type { FrontMatter } from "./front-matter.ts";
import type { Section } from "./headings.ts";
import type { LinedText } from "./lines.ts";
import type { MetadataComment } from "./metadata.ts";
import type { Todo, TodoRole } from "./todo.ts";

/** FIL-101, in bytes. */
export const GOAL_STATE_LIMIT = 4 * 1024 * 1024;
export const GOAL_STATE_LARGE = 512 * 1024;
/** FIL-105. */
export const TODO_LIMIT = 20_000;

/** A further line of a todo's text: `start` to `end` is text, `whole` when nothing else stands on the line. */
export interface TextLine {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly whole: boolean;
}

/** Where a todo stands; read again from the file when an edit needs it. Lines are 0-based; offsets are into the text. */
export interface TodoSpan {
  readonly line: number;
  /** The last line that belongs to it. */
  last_line: number;
  /** Behind this line a new metadata line goes: the last one before a gap, a fence or a comment. */
  metadata_after: number;
  /** Offset of the character in the brackets. */
  readonly marker_at: number;
  readonly text_start: number;
  readonly text_end: number;
  readonly indent: string;
  readonly comments: MetadataComment[];
  /** Null for the usual todo on one line. */
  text_lines: TextLine[] | null;
  /** True when checkbox and metadata disagree; the next write repairs it (FIL-45). */
  marker_differs: boolean;
}

/** A goal state's text with everything that was found in it. */
export interface GoalState extends LinedText {
  readonly file: string;
  readonly goal_id: string | null;
  readonly digest: Digest;
  readonly front_matter: FrontMatter | null;
  readonly updated_at: string | null;
  readonly sections: readonly Section[];
  /** In file order, both roles. */
  readonly todos: readonly Todo[];
  /** Position in `todos` of each explicit id's first holder. */
  readonly by_id: ReadonlyMap<string, number>;
  /** Explicit ids below archive headings, in file order (FIL-49). */
  readonly archived_ids: readonly string[];
  /** Whole items of `## Next Action` (DEC-77). */
  readonly next_action: readonly string[];
  /** Line on which a fence begins that nothing closes, or -1: what stands behind it is code. */
  readonly open_fence_line: number;
  readonly findings: readonly Finding[];
}

/** The todos of a role, in file order. */
export function todosOf(state: GoalState, role: TodoRole): Todo[] {
  return state.todos.filter((todo) => todo.role === role);
}

/** The first section with exactly this heading, or null. */
export function sectionNamed(state: Pick<GoalState, "sections">, heading: string): Section | null {
  return state.sections.find((section) => section.heading === heading) ?? null;
}

/** The first section that holds todos of the role, or null. */
export function todoSection(state: GoalState, role: TodoRole): Section | null {
  return state.sections.find((section) => section.todos === role) ?? null;
}

/** The todo with this id, explicit or derived; null when there is none. Archived todos are not found. */
export function findTodo(state: GoalState, todo_id: string): Todo | null {
  const position = state.by_id.get(todo_id);
  if (position !== undefined) return state.todos[position] ?? null;
  return state.todos.find((todo) => !todo.explicit_id && todo.todo_id === todo_id) ?? null;
}

/** The first 16 hex of the text's sha256: what a run remembers a state by. */
export function stateSha(state: Pick<GoalState, "digest" | "text">): string {
  return state.digest("sha256", state.text).slice(0, 16);
}
