/**
 * A goal state read for one decision (PRF-14): the agent todos that no rule names are left out and counted. It says nothing else
 * than the whole state does; tests hold a decision over a survey to the decision over the whole.
 */
import { isOpen } from "../gate/effects.ts";
import { sectionNamed, type GoalState } from "./document.ts";
import { scanFrontMatter } from "./front-matter.ts";
import { NEXT_ACTION, type Section } from "./headings.ts";
import { LeftTodos, type LeftCounts } from "./left-todos.ts";
import { lineStarts, type LinedText } from "./lines.ts";
import { openItems } from "./next-action-done.ts";
import { sectionItems } from "./next-action.ts";
import { parseGoalState, readParts, type ParseOptions } from "./parse.ts";
import type { Todo } from "./todo.ts";

/** So far front matter is looked for before the lines of the whole text are. */
const HEAD_LENGTH = 4096;

/** A shorter text is read whole sooner than what to leave out is found. */
const WORTH_LENGTH = 32 * 1024;

/** The todos of both roles that a decision may name, in file order, and how many agent todos are left out. */
export interface DecisionTodos {
  readonly todos: readonly Todo[];
  readonly left_out: LeftCounts;
}

export interface Survey {
  /** The whole state; its lines and todos are read when somebody asks for them. */
  readonly state: GoalState;
  /** True for an open todo, false for a closed one, null when no todo has this explicit id. */
  readonly isOpen: (todo_id: string) => boolean | null;
  /** The items of `## Next Action` that no closed todo says. */
  readonly openItems: () => string[];
  /** `named` are the todos that something outside of the state names. */
  readonly todosFor: (named: Iterable<string>) => DecisionTodos;
}

/** The survey of any text. One that is shorter than `from` leaves nothing out. */
export function surveyGoalState(text: string, options: ParseOptions, from = WORTH_LENGTH): Survey {
  if (text.length < from) return surveyOfAll(text, options);
  const left = new LeftTodos(text);
  const { parts, reader } = readParts(headOf(text), options, left, text);
  const { todos, by_id } = reader.list;
  if (left.clash || [...by_id.keys()].some((id) => left.isOpen(id) !== null)) {
    return surveyOfAll(text, options);
  }
  let whole: GoalState | null = null;
  const read = (): GoalState => (whole ??= parseGoalState(text, options));
  const state: GoalState = {
    ...parts,
    text,
    next_action: itemsIn(text, sectionNamed(parts, NEXT_ACTION)),
    get starts() {
      return read().starts;
    },
    get todos() {
      return read().todos;
    },
    get by_id() {
      return read().by_id;
    },
  };
  return surveyOf(state, { todos, by_id }, left);
}

function surveyOfAll(text: string, options: ParseOptions): Survey {
  const state = parseGoalState(text, options);
  return surveyOf(state, state, new LeftTodos(""));
}

/** `made` are the todos of the state that were not left out. */
function surveyOf(state: GoalState, made: Pick<GoalState, "todos" | "by_id">, left: LeftTodos): Survey {
  const { todos, by_id } = made;
  return {
    state,
    isOpen: (todo_id) => {
      const todo = todos[by_id.get(todo_id) ?? -1];
      return todo === undefined ? left.isOpen(todo_id) : isOpen(todo);
    },
    openItems: () => openItems(state.next_action, todos, left),
    todosFor: (named) => {
      const links = todos.flatMap(({ metadata }) => metadata.unblocks_todo_id ?? []);
      const more = left.todos(new Set([...named, ...links]));
      if (more === null) return { todos: state.todos, left_out: { open: 0, closed: 0 } };
      return { todos: [...todos, ...more.todos].sort((a, b) => a.line - b.line), left_out: more.rest };
    },
  };
}

/** The first lines of a text, as many as its front matter needs. */
function headOf(text: string): LinedText {
  const head = text.slice(0, text.lastIndexOf("\n", HEAD_LENGTH) + 1);
  const lined: LinedText = { text: head, starts: lineStarts(head) };
  const scan = scanFrontMatter(lined);
  const last = scan.kind === "found" ? scan.front_matter.closing_line : 0;
  return scan.kind !== "unclosed" && last + 1 < lined.starts.length ? lined : { text, starts: lineStarts(text) };
}

/** The section alone is read as it would be in the whole text: no fence and no comment reaches over its heading. */
function itemsIn(text: string, section: Section | null): string[] {
  if (section === null) return [];
  const part = text.slice(section.start, section.end);
  const starts = lineStarts(part);
  return sectionItems({ text: part, starts }, { ...section, line: 0, end_line: starts.length });
}
