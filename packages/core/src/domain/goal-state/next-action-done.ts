/**
 * A next step that is done is no next step: an item of `## Next Action` that says what a closed todo says. It is compared
 * by its words, white space and priority aside; nothing is guessed.
 */
import { sectionNamed, type GoalState } from "./document.ts";
import { deleteLines, type Edit } from "./edit.ts";
import { NEXT_ACTION } from "./headings.ts";
import { endOfLine, lineAt, startOfLine } from "./lines.ts";
import { itemsOf, type SectionItem } from "./next-action.ts";
import { priorityParts } from "./todo-text.ts";
import type { Todo } from "./todo.ts";

/** Todos of which only the titles can be asked: whether an open one has this one, or none but closed ones; null when none has it. */
export interface TitledTodos {
  readonly titled: (title: string) => "open" | "closed" | null;
}

/** The items that no closed agent todo says; one that an open todo says as well stays. */
export function openItems(items: readonly string[], todos: readonly Todo[], others?: TitledTodos): string[] {
  return items.filter((item) => {
    const title = priorityParts(item).title;
    const same = todos.filter((todo) => todo.role === "agent" && todo.title === title);
    const other = others?.titled(title) ?? null;
    return other === "open" || (other === null && same.length === 0) || same.some((todo) => !isClosed(todo));
  });
}

/**
 * The edit that takes the closed todo's step out of `## Next Action`. Where nothing else would be left there, what follows
 * takes its place: the successor, else the first open agent todo. Empty where no item says the todo.
 */
export function nextActionAfter(state: GoalState, closed: Todo, successor: string | null): Edit[] {
  if (closed.role !== "agent") return [];
  const items = itemsOf(state, sectionNamed(state, NEXT_ACTION));
  const item = items.find((each) => priorityParts(each.text).title === closed.title);
  if (item === undefined || !isUnbroken(item)) return [];
  const next = successor ?? firstOpen(state, closed)?.text ?? null;
  const [first = 0] = item.lines;
  const last = item.lines.at(-1) ?? first;
  if (items.length > 1 || next === null) return [deleteLines(state, first, last)];
  return [{ start: startOfLine(state, first), end: endOfLine(state, last), replacement: `${bulletOf(lineAt(state, first))}${next}` }];
}

function firstOpen(state: GoalState, closed: Todo): Todo | undefined {
  const open = state.todos.filter(
    (todo) => todo !== closed && todo.role === "agent" && todo.status === "open" && todo.task_class === "advancement_task",
  );
  return open.toSorted((a, b) => a.rank - b.rank || a.index - b.index)[0];
}

/** A comment or a fence inside of it is somebody else's. */
function isUnbroken({ lines }: SectionItem): boolean {
  return lines.every((line, at) => at === 0 || line === (lines[at - 1] ?? 0) + 1);
}

/** The item's own mark, without a checkbox; a dash where it was a paragraph. */
function bulletOf(line: string): string {
  return /^[ \t]*(?:[-*]|\d{1,9}[.)])[ \t]+/.exec(line)?.[0] ?? "- ";
}

function isClosed(todo: Todo): boolean {
  return todo.status === "done" || todo.status === "deferred";
}
