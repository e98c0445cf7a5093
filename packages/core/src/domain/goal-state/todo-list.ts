/**
 * The todos of one file in their order: what was read becomes a value, with a status, a class and an id (FIL-41 to FIL-47).
 * Ids are derived only when somebody asks for them.
 */
import type { Digest } from "../digest.ts";
import type { LeftTodos } from "./left-todos.ts";
import type { ReadMetadata } from "./metadata.ts";
import type { Notes } from "./notes.ts";
import { derivedTodoId, priorityParts } from "./todo-text.ts";
import type { Todo, TodoRole, TodoStatus } from "./todo.ts";

const DERIVED_ID_TRIES = 16;

/** What makes a todo, once its lines are read. */
export interface RawTodo {
  /** 0-based. */
  readonly line: number;
  readonly role: TodoRole;
  /** Heading of its section, and of the role's first section: the one ids are derived from. */
  readonly section: string;
  readonly first_section: string;
  /** Code of the character in the brackets. */
  readonly marker: number;
  readonly index: number;
  readonly read: ReadMetadata;
  readonly text: string;
}

export class TodoList {
  readonly todos: Todo[] = [];
  /** Position of each explicit id's first holder. */
  readonly by_id = new Map<string, number>();
  /** Explicit ids below archive headings. */
  readonly archived = new Set<string>();
  private readonly notes: Notes;
  private readonly digest: Digest;
  /** Todos of the file that are not put into this list; their ids are taken too. */
  private readonly left: LeftTodos | null;

  constructor(notes: Notes, digest: Digest, left: LeftTodos | null) {
    this.notes = notes;
    this.digest = digest;
    this.left = left;
  }

  /** Adds the todo; true when its checkbox and its metadata disagree (FIL-45). */
  add(raw: RawTodo): boolean {
    const { read, line } = raw;
    const status = statusOf(raw.marker, read.status);
    const differs = read.status !== null && read.status !== status;
    if (differs) {
      this.notes.add(
        "todo_marker_differs",
        `A todo in ${this.notes.file} is ${status} by its checkbox and ${read.status} by its metadata; the checkbox counts.`,
        line,
        "status",
      );
    }
    const explicit = read.todo_id !== null && this.register(read.todo_id, line);
    this.todos.push(explicit ? this.todoOf(read.todo_id ?? "", raw, status) : this.todoWithDerivedId(raw, status));
    return differs;
  }

  /** True for the first todo with this id; a later one keeps a derived id and is reported (FIL-47). */
  private register(todo_id: string, line: number): boolean {
    const holder = this.by_id.get(todo_id);
    if (holder === undefined) {
      this.by_id.set(todo_id, this.todos.length);
      return true;
    }
    const first = this.todos[holder]?.line ?? 0;
    this.notes.add(
      "todo_id_duplicate",
      `Lines ${first} and ${line + 1} of ${this.notes.file} have the id ${todo_id}; the later one is shown under a derived id.`,
      line,
      "todo_id",
    );
    return false;
  }

  private todoOf(todo_id: string, raw: RawTodo, status: TodoStatus): Todo {
    const { role, read, text } = raw;
    const { priority, rank, title } = priorityParts(text);
    return {
      todo_id,
      explicit_id: true,
      role,
      index: raw.index,
      section: raw.section,
      line: raw.line + 1,
      status,
      text,
      title,
      priority,
      rank,
      task_class: read.task_class ?? (role === "agent" ? "advancement_task" : null),
      metadata: read.metadata,
    };
  }

  /** The id is derived when somebody asks for it: a sha1 for each of 10,000 todos would cost more than reading them. */
  private todoWithDerivedId(raw: RawTodo, status: TodoStatus): Todo {
    const place = { role: raw.role, heading: raw.first_section, index: raw.index, text: raw.text };
    let known: string | null = null;
    const derive = (): string => (known ??= this.deriveId(place));
    const todo = { ...this.todoOf("", raw, status), explicit_id: false };
    return Object.defineProperty(todo, "todo_id", { enumerable: true, configurable: true, get: derive });
  }

  /** A derived id that an explicit one already uses (its line was pasted) is derived again. */
  private deriveId(place: { role: TodoRole; heading: string; index: number; text: string }): string {
    let id = derivedTodoId(this.digest, place, 0);
    for (let nth = 1; nth < DERIVED_ID_TRIES && this.isTaken(id); nth += 1) id = derivedTodoId(this.digest, place, nth);
    return id;
  }

  private isTaken(id: string): boolean {
    return this.by_id.has(id) || this.archived.has(id) || (this.left?.isOpen(id) ?? null) !== null;
  }
}

/** FIL-45: the checkbox decides; an unticked one asks the metadata only whether it is blocked. */
function statusOf(marker: number, written: TodoStatus | null): TodoStatus {
  if (marker === 120 || marker === 88) return "done";
  if (marker === 45) return "deferred";
  return written === "blocked" ? "blocked" : "open";
}
