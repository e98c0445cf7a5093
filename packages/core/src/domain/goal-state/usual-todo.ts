/**
 * The todo as LoopX writes it: a checkbox line and one metadata line, in one expression. Large files consist of little
 * else, and reading them this way takes a third of the time. Anything unusual does not match and is read line by line;
 * a test holds both ways to the same answers.
 */
import { TASK_CLASSES, TODO_STATUSES, type TaskClass, type TodoMetadata, type TodoStatus } from "./todo.ts";
import type { ReadMetadata } from "./metadata.ts";

const WORD = "[^\\s\\x00-\\x1f\\x85]+";
const INSTANT = "\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:%2B|-)(?:[01]\\d|2[0-3]):[0-5]\\d";
const AGENT = "[a-z][a-z0-9_.:-]{0,79}";

const USUAL_TODO = new RegExp(
  `- \\[([ xX-])\\] (${WORD}(?: ${WORD})*)\\n` +
    `  <!-- loopx:todo todo_id=(todo_[a-z0-9_-]{3,64}) status=(${TODO_STATUSES.join("|")})` +
    `(?: task_class=(${TASK_CLASSES.join("|")}))?(?: action_kind=([a-z][a-z0-9_-]{0,63}))?(?: claimed_by=(${AGENT}))?` +
    `(?: completed_at=(${INSTANT}))?(?: updated_at=(${INSTANT}))?(?: claimed_at=(${INSTANT}))? -->` +
    // No continuation: the next line with something on it begins at column 0 and is no comment.
    `(?=$|\\n+(?:$|[^\\s<]))`,
  "y",
);

/** A longer line is not usual; it could exhaust the expression's stack. */
export const USUAL_LINE_LIMIT = 16_384;

export interface UsualTodo {
  readonly marker: number;
  readonly text: string;
  readonly read: ReadMetadata;
}

/** The usual todo that begins at this offset, or null. It takes exactly two lines. */
export function usualTodoAt(text: string, at: number): UsualTodo | null {
  USUAL_TODO.lastIndex = at;
  const match = USUAL_TODO.exec(text);
  if (match === null) return null;
  const words = match[2] ?? "";
  // A comment at the end of the line, or an unfinished one, is looked at closely.
  if (words.includes("-->")) return null;
  const metadata: TodoMetadata = {};
  if (match[6] !== undefined) metadata.action_kind = match[6];
  if (match[7] !== undefined) metadata.claimed_by = match[7];
  if (match[8] !== undefined) metadata.completed_at = match[8].replace("%2B", "+");
  if (match[9] !== undefined) metadata.updated_at = match[9].replace("%2B", "+");
  if (match[10] !== undefined) metadata.claimed_at = match[10].replace("%2B", "+");
  const read = {
    todo_id: match[3] ?? null,
    status: (match[4] as TodoStatus | undefined) ?? null,
    task_class: (match[5] as TaskClass | undefined) ?? null,
    metadata,
  };
  return { marker: text.charCodeAt(at + 3), text: words, read };
}
