/**
 * The agent todos of a file that no rule of a decision names, counted instead of made: open work that nobody claims, but for
 * the first of it, and closed todos. A list of ten thousand consists of them, and a verdict shows three (PRF-14).
 * Only todos that stand as LoopX writes them are passed by; an id that stands twice makes the whole file be read.
 */
import { LoopxError } from "../errors.ts";
import type { Cursor } from "./lines.ts";
import { priorityParts } from "./todo-text.ts";
import { RANK_WITHOUT_PRIORITY, type Todo } from "./todo.ts";
import { AGENT, BOX_LENGTH, COMMENT, ENDED, INSTANT, readUsualTodos, STATUS, USUAL_LINE_LIMIT, type TodoPlace } from "./usual-todo.ts";

/** So many open ones of each rank are remembered: the three that a verdict shows, and others in whose place they come. */
const FIRST_KEPT = 16;
/** So many of the open ones are made, beside those that were named. */
const FIRST_MADE = 3;
/** Shorter a todo that LoopX writes cannot be. */
const SHORTEST = 48;

/** One character at a time: with a repetition in it, a long word that does not match would be tried in every way to part it. */
const WORD = "(?:[^\\s\\x00-\\x1f\\x85>]|(?<!--)>)+";
const TEXT = `${WORD}(?: ${WORD})*\\n${COMMENT}todo_[a-z0-9_-]{3,64}${STATUS}`;
const KIND = "(?:task_class=advancement_task )?(?:action_kind=[a-z][a-z0-9_-]{0,63} )?";
const TIMES = `(?:completed_at=${INSTANT} )?(?:updated_at=${INSTANT} )?`;
const HELD = `${KIND}(?:claimed_by=${AGENT} )?${TIMES}(?:claimed_at=${INSTANT} )?`;

let leavable: RegExp | null = null;

/** Open work without a claim, or a closed todo whose box agrees. Few processes meet a list that is worth it. */
function leavableTodo(): RegExp {
  return (leavable ??= new RegExp(
    `- \\[(?: \\] ${TEXT}open ${KIND}${TIMES}|[xX]\\] ${TEXT}done ${HELD}|-\\] ${TEXT}deferred ${HELD})-->${ENDED}`,
    "y",
  ));
}

/** Todos that stand one below the other: the numbers from `from` on, up to `to`. */
interface Block {
  readonly from: number;
  readonly to: number;
  /** Of the first one. */
  readonly line: number;
  readonly end: number;
  readonly place: TodoPlace;
}

export interface LeftCounts {
  readonly open: number;
  readonly closed: number;
}

/**
 * They are numbered in file order. What is done for each of them stands in a few short loops: a young process runs them before
 * they are compiled, and compiles short ones first.
 */
export class LeftTodos {
  open = 0;
  closed = 0;
  /** An id stands twice: what is known of the file is not enough. */
  clash = false;
  private readonly text: string;
  /** Where each todo begins, and where its id does. */
  private readonly starts: Int32Array;
  private readonly ids_at: Int32Array;
  /** The number of each id. */
  private readonly ids = new Map<string, number>();
  private readonly blocks: Block[] = [];
  /** The numbers of the first open ones, by rank. */
  private readonly first = new Map<number, number[]>();

  constructor(text: string) {
    const most = Math.ceil(text.length / SHORTEST);
    this.text = text;
    this.starts = new Int32Array(most);
    this.ids_at = new Int32Array(most);
  }

  /** Moves the cursor behind the todos that can be left out from here on; returns how many there were. */
  pass(cursor: Cursor, place: TodoPlace): number {
    const from = this.open + this.closed;
    const { line, at } = cursor;
    const to = this.find(at, from);
    if (to === from) return 0;
    this.name(from, to);
    this.count(from, to);
    cursor.line += 2 * (to - from);
    cursor.at = leavableTodo().lastIndex;
    this.blocks.push({ from, to, line, end: cursor.at, place });
    return to - from;
  }

  /** True for an open one, false for a closed one, null when no todo with this id was left out. */
  isOpen(todo_id: string): boolean | null {
    const number = this.ids.get(todo_id);
    return number === undefined ? null : this.isOpenOne(number);
  }

  /** Whether an open one has this title, or none but closed ones; null when none has it. */
  titled(title: string): "open" | "closed" | null {
    const { text } = this;
    let closed = false;
    let at = 0;
    for (const { from, end } of this.blocks) {
      const begin = this.starts[from] ?? 0;
      if (at < begin) at = text.indexOf(`${title}\n`, begin);
      for (; at < end; at = text.indexOf(`${title}\n`, at + 1)) {
        if (at === -1) return closed ? "closed" : null;
        const start = text.lastIndexOf("\n", at - 1) + 1;
        if (text.charCodeAt(start) !== 45 || priorityParts(text.slice(start + BOX_LENGTH, at + title.length)).title !== title) continue;
        if (text.charCodeAt(start + 3) === 32) return "open";
        closed = true;
      }
    }
    return closed ? "closed" : null;
  }

  /**
   * Those with one of these ids and the first of the other open ones, in file order, with the counts of the rest. Null when it
   * cannot be said which ones are the first: nearly all that were remembered have names.
   */
  todos(named: ReadonlySet<string>): { todos: Todo[]; rest: LeftCounts } | null {
    const wanted = new Set([...named].flatMap((id) => this.ids.get(id) ?? []));
    const ranks = [...this.first.keys()].sort((a, b) => a - b);
    let made = 0;
    for (const rank of ranks) {
      const kept = this.first.get(rank) ?? [];
      const others = kept.filter((number) => !wanted.has(number)).slice(0, FIRST_MADE - made);
      made += others.length;
      if (made < FIRST_MADE && kept.length === FIRST_KEPT) return null;
      for (const number of others) wanted.add(number);
    }
    const todos = [...wanted].sort((a, b) => a - b).map((number) => this.todo(number));
    const open = todos.filter((todo) => todo.status === "open").length;
    return { todos, rest: { open: this.open - open, closed: this.closed - (todos.length - open) } };
  }

  /** Notes where the todos from here on stand; returns the number behind the last. The expression ends behind it, too. */
  private find(at: number, from: number): number {
    const { text, starts, ids_at } = this;
    const expression = leavableTodo();
    let number = from;
    for (let start = at; ; number += 1) {
      const next = text.indexOf("\n", start) + 1;
      expression.lastIndex = start;
      if (next === 0 || next - start > USUAL_LINE_LIMIT || !expression.test(text)) {
        expression.lastIndex = start;
        return number;
      }
      starts[number] = start;
      ids_at[number] = next + COMMENT.length;
      start = expression.lastIndex + 1;
    }
  }

  private name(from: number, to: number): void {
    const { text, ids, ids_at } = this;
    for (let number = from; number < to; number += 1) {
      const at = ids_at[number] ?? 0;
      ids.set(text.slice(at, text.indexOf(" ", at)), number);
    }
    if (ids.size < to) this.clash = true;
  }

  private count(from: number, to: number): void {
    const { first } = this;
    let closed = 0;
    for (let number = from; number < to; number += 1) {
      if (!this.isOpenOne(number)) {
        closed += 1;
        continue;
      }
      const rank = this.rankOf(number);
      const kept = first.get(rank);
      if (kept === undefined) first.set(rank, [number]);
      else if (kept.length < FIRST_KEPT) kept.push(number);
    }
    this.open += to - from - closed;
    this.closed += closed;
  }

  private isOpenOne(number: number): boolean {
    return this.text.charCodeAt((this.starts[number] ?? 0) + 3) === 32;
  }

  /** Nearly every priority is written `[P1]`. */
  private rankOf(number: number): number {
    const { text } = this;
    const at = (this.starts[number] ?? 0) + BOX_LENGTH;
    if (text.charCodeAt(at) !== 91) return RANK_WITHOUT_PRIORITY;
    const digit = text.charCodeAt(at + 2) - 48;
    if (text.charCodeAt(at + 1) === 80 && digit >= 0 && digit <= 4 && text.charCodeAt(at + 3) === 93) return digit;
    return priorityParts(text.slice(at, text.indexOf("\n", at))).rank;
  }

  private todo(number: number): Todo {
    const block = this.blocks.findLast(({ from }) => from <= number);
    const todos: Todo[] = [];
    if (block !== undefined) {
      const { from, line, place } = block;
      const cursor = { line: line + 2 * (number - from), at: this.starts[number] ?? 0 };
      readUsualTodos(this.text, cursor, { ...place, count: place.count + number - from }, { todos, by_id: new Map() }, 1);
    }
    const [todo] = todos;
    if (todo === undefined) throw new LoopxError("internal", `The todo at ${this.starts[number] ?? 0} cannot be read again.`);
    return todo;
  }
}
