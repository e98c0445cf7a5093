/**
 * Edits of todo lines: rewriting one todo where it stands, and placing a new one (FIL-36, FIL-42, FIL-45).
 * Only the todo's own lines change; marker and status are always written together.
 */
import { formatInstant, type Moment } from "../time.ts";
import { deleteLines, insertAfter, insertSection, lastUsedLine, type Edit } from "./edit.ts";
import { sectionNamed, todoSection, type GoalState, type TodoSpan } from "./document.ts";
import { NEW_SECTION, NEXT_ACTION } from "./headings.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { newBody, rewriteBodies } from "./metadata.ts";
import { spanOf } from "./parse.ts";
import type { Todo, TodoRole, TodoStatus } from "./todo.ts";

const MARKERS: Readonly<Record<TodoStatus, string>> = { open: " ", blocked: " ", done: "x", deferred: "-" };

export interface TodoChange {
  readonly status?: TodoStatus;
  /** One checked line (FIL-48). */
  readonly text?: string;
  /** Decoded values by key, in the order in which fresh ones are added; null takes a key away. */
  readonly tokens?: ReadonlyMap<KnownKey, string | null>;
}

/** An instant as metadata has it. */
export function metadataInstant(now: Moment): string {
  return formatInstant(now, "seconds");
}

/**
 * The edits that make the change, or null when the todo says all of it already. A write also notes the id, the status
 * and `updated_at`, and repairs a checkbox that differs from its metadata.
 */
export function changeTodo(state: GoalState, todo: Todo, change: TodoChange, now: Moment): Edit[] | null {
  const span = spanOf(state, todo);
  const status = change.status ?? todo.status;
  const wanted = change.tokens ?? new Map<KnownKey, string | null>();
  const bodies = span.comments.map((comment) => state.text.slice(comment.body_start, comment.body_end));
  const text = change.text !== undefined && change.text !== todo.text ? change.text : null;
  const same = text === null && status === todo.status && !span.marker_differs && saysAll(bodies, wanted);
  if (same) return null;
  const tokens = new Map<KnownKey, string | null>([
    ["todo_id", todo.todo_id],
    ["status", status],
    ...wanted,
    ["updated_at", metadataInstant(now)],
  ]);
  return [
    { start: span.marker_at, end: span.marker_at + 1, replacement: markerFor(state, span, status) },
    ...(text === null ? [] : textEdits(state, span, text)),
    ...metadataEdits(state, span, bodies, tokens, text !== null),
  ].filter((edit) => state.text.slice(edit.start, edit.end) !== edit.replacement);
}

/** An upper-case `[X]` that is right already stays. */
function markerFor(state: GoalState, span: TodoSpan, status: TodoStatus): string {
  const marker = state.text.charAt(span.marker_at);
  return marker.toLowerCase() === MARKERS[status] ? marker : MARKERS[status];
}

/** True when the comments give these values already, so that rewriting them changes nothing. */
function saysAll(bodies: readonly string[], wanted: ReadonlyMap<KnownKey, string | null>): boolean {
  if (bodies.length === 0) return [...wanted.values()].every((value) => value === null);
  return rewriteBodies(bodies, wanted).every((body, at) => body === bodies[at]);
}

function textEdits(state: GoalState, span: TodoSpan, text: string): Edit[] {
  const edits: Edit[] = [{ start: span.text_start, end: span.text_end, replacement: text }];
  const lines = span.text_lines ?? [];
  for (let at = 0; at < lines.length; at += 1) {
    const first = lines[at];
    if (first === undefined) continue;
    if (!first.whole) {
      edits.push({ start: first.start, end: first.end, replacement: "" });
      continue;
    }
    let last = first;
    for (let next = lines[at + 1]; next?.whole === true && next.line === last.line + 1; next = lines[at + 1]) {
      last = next;
      at += 1;
    }
    edits.push(deleteLines(state, first.line, last.line));
  }
  return edits;
}

function metadataEdits(
  state: GoalState,
  span: TodoSpan,
  bodies: readonly string[],
  tokens: ReadonlyMap<KnownKey, string | null>,
  textReplaced: boolean,
): Edit[] {
  if (bodies.length === 0) {
    // Below the checkbox when the wrapped lines go away, so that the two edits do not meet.
    return [insertAfter(state, textReplaced ? span.line : span.metadata_after, [metadataLine(span.indent, tokens)])];
  }
  const after = rewriteBodies(bodies, tokens);
  return span.comments.map((comment, at) => ({ start: comment.body_start, end: comment.body_end, replacement: after[at] ?? "" }));
}

function metadataLine(indent: string, tokens: ReadonlyMap<KnownKey, string | null>): string {
  return `${indent}  <!-- loopx:todo${newBody(tokens)}-->`;
}

export interface NewTodo {
  readonly todo_id: string;
  readonly text: string;
  readonly tokens: ReadonlyMap<KnownKey, string | null>;
}

/** The two lines of a new open todo. */
export function newTodoLines(todo: NewTodo, now: Moment): string[] {
  const tokens = new Map<KnownKey, string | null>([
    ["todo_id", todo.todo_id],
    ["status", "open"],
    ...todo.tokens,
    ["updated_at", metadataInstant(now)],
  ]);
  return [`- [ ] ${todo.text}`, metadataLine("", tokens)];
}

/** New todos at the end of the role's first section, which is made when there is none (FIL-35, FIL-36). */
export function insertTodos(state: GoalState, role: TodoRole, todos: readonly NewTodo[], now: Moment): Edit {
  const lines = todos.flatMap((todo) => newTodoLines(todo, now));
  const section = todoSection(state, role);
  if (section === null) {
    const before = [role === "user" ? todoSection(state, "agent") : null, sectionNamed(state, NEXT_ACTION)];
    return insertSection(state, NEW_SECTION[role], lines, before);
  }
  const last = lastUsedLine(state, section);
  return insertAfter(state, last, last === section.line ? ["", ...lines] : lines);
}

/** The open or blocked todo of the role with this text, other than the one named (FIL-48). */
export function sameOpenTodo(state: GoalState, role: TodoRole, text: string, except: string | null = null): Todo | null {
  return (
    state.todos.find(
      (todo) =>
        todo.role === role && todo.text === text && (todo.status === "open" || todo.status === "blocked") && todo.todo_id !== except,
    ) ?? null
  );
}
