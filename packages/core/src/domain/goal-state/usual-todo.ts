/**
 * Todos as LoopX writes them: a checkbox line and one metadata line, in one expression. Large files consist of little
 * else, and a process that reads one is too young to be fast: each todo costs one search and the making of its value.
 * Anything unusual does not match and is read line by line; a test holds both ways to the same answers.
 */
import type { Cursor } from "./lines.ts";
import { priorityParts } from "./todo-text.ts";
import { TASK_CLASSES, TODO_STATUSES, type TaskClass, type Todo, type TodoMetadata, type TodoRole, type TodoStatus } from "./todo.ts";

const WORD = "[^\\s\\x00-\\x1f\\x85]+";
export const INSTANT =
  "\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:%2B|-)(?:[01]\\d|2[0-3]):[0-5]\\d";
export const AGENT = "[a-z][a-z0-9_.:-]{0,79}";

/** `- [ ] ` */
export const BOX_LENGTH = 6;
export const COMMENT = "  <!-- loopx:todo todo_id=";
export const STATUS = " status=";
/** No continuation: the next line with something on it begins at column 0 and is no comment. */
export const ENDED = "(?=$|\\n+(?:$|[^\\s<]))";

const USUAL_TODO = new RegExp(
  `- \\[[ xX-]\\] ${WORD}(?: ${WORD})*\\n${COMMENT}todo_[a-z0-9_-]{3,64}${STATUS}(?:${TODO_STATUSES.join("|")}) (?:[a-z_]+=[^\\s>]+ )*-->${ENDED}`,
  "y",
);

/** A longer line is not usual; it could exhaust the expression's stack. */
export const USUAL_LINE_LIMIT = 16_384;

/** Where todos are put: the list of a file, and the position of each id in it. */
export interface TodoShelf {
  readonly todos: Todo[];
  readonly by_id: Map<string, number>;
}

/** What all todos of a section have in common; `count` is how many the role had before. */
export interface TodoPlace {
  readonly role: TodoRole;
  readonly section: string;
  readonly count: number;
}

/**
 * Puts away the usual todos that stand one below the other from the cursor on, at most `limit` of them, and moves it behind them.
 * Returns how many there were.
 */
export function readUsualTodos(text: string, cursor: Cursor, place: TodoPlace, shelf: TodoShelf, limit: number): number {
  const { todos, by_id } = shelf;
  const { role, section, count } = place;
  for (let read = 0; ; read += 1) {
    const start = cursor.at;
    if (read === limit || text.charCodeAt(start) !== 45) return read;
    const next = text.indexOf("\n", start) + 1;
    if (next === 0 || next - start > USUAL_LINE_LIMIT) return read;
    USUAL_TODO.lastIndex = start;
    // Asked for no parts of it: making a list of them would cost as much as the todo.
    if (!USUAL_TODO.test(text)) return read;
    const end = USUAL_TODO.lastIndex;
    const words = text.slice(start + BOX_LENGTH, next - 1);
    const id_end = text.indexOf(" ", next + COMMENT.length);
    const todo_id = text.slice(next + COMMENT.length, id_end);
    const status = statusAt(text, id_end + STATUS.length);
    const said_from = id_end + STATUS.length + status.length + 1;
    const said = said_from + 3 === end ? NO_TOKENS : tokensOf(text.slice(said_from, end - 3));
    // A comment at the end of the line, a box that says something else, an id that is taken: all looked at closely.
    if (said === null || words.includes("-->") || !agrees(text.charCodeAt(start + 3), status) || by_id.has(todo_id)) return read;
    const { priority, rank, title } = priorityParts(words);
    by_id.set(todo_id, todos.length);
    todos.push({
      todo_id,
      explicit_id: true,
      role,
      index: count + read + 1,
      section,
      line: cursor.line + 1,
      status,
      text: words,
      title,
      priority,
      rank,
      task_class: said.task_class ?? (role === "agent" ? "advancement_task" : null),
      metadata: said.metadata,
    });
    cursor.line += 2;
    cursor.at = end + 1;
  }
}

/** By its first letters; the expression knows that it is one of them. */
function statusAt(text: string, at: number): TodoStatus {
  const code = text.charCodeAt(at);
  if (code === 111) return "open";
  if (code === 98) return "blocked";
  return text.charCodeAt(at + 1) === 111 ? "done" : "deferred";
}

/** True when the box says what the metadata says (FIL-45). */
function agrees(box: number, status: TodoStatus): boolean {
  if (box === 32) return status === "open" || status === "blocked";
  return status === (box === 45 ? "deferred" : "done");
}

interface Tokens {
  readonly task_class: TaskClass | null;
  readonly metadata: TodoMetadata;
}

/** Most todos say no more; nobody writes to what they share. */
const NO_TOKENS: Tokens = { task_class: null, metadata: Object.freeze({}) };

let further: RegExp | null = null;

/** The further tokens that LoopX writes most, in the order of FIL-42. Many files have none, and many processes never ask. */
function furtherTokens(): RegExp {
  return (further ??= new RegExp(
    `^(?:task_class=(${TASK_CLASSES.join("|")}) )?(?:action_kind=([a-z][a-z0-9_-]{0,63}) )?(?:claimed_by=(${AGENT}) )?` +
      `(?:completed_at=(${INSTANT}) )?(?:updated_at=(${INSTANT}) )?(?:claimed_at=(${INSTANT}) )?$`,
  ));
}

/** Null when they are others, in another order, or not readable. */
function tokensOf(written: string): Tokens | null {
  const match = furtherTokens().exec(written);
  if (match === null) return null;
  const metadata: TodoMetadata = {};
  if (match[2] !== undefined) metadata.action_kind = match[2];
  if (match[3] !== undefined) metadata.claimed_by = match[3];
  if (match[4] !== undefined) metadata.completed_at = match[4].replace("%2B", "+");
  if (match[5] !== undefined) metadata.updated_at = match[5].replace("%2B", "+");
  if (match[6] !== undefined) metadata.claimed_at = match[6].replace("%2B", "+");
  return { task_class: (match[1] as TaskClass | undefined) ?? null, metadata };
}
