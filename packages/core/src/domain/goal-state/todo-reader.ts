/**
 * The line loop of a goal state: sections, todos and their metadata in one pass (FIL-34 to FIL-42).
 * It never throws; what is wrong goes to the notes. What a todo's lines mean is `todo-list.ts`.
 */
import type { Digest } from "../digest.ts";
import { TODO_LIMIT, type TodoSpan } from "./document.ts";
import { SINGLE_SECTIONS, todosUnder, type Section } from "./headings.ts";
import type { LeftTodos } from "./left-todos.ts";
import type { Cursor, LinedText } from "./lines.ts";
import { Mask, type Cover } from "./mask.ts";
import { emptyMetadata, metadataCommentAt, readTokens, type MetadataComment, type ReadMetadata, type TokenFault } from "./metadata.ts";
import type { Notes } from "./notes.ts";
import { collapse, isBlankCode } from "./text.ts";
import { TodoList } from "./todo-list.ts";
import type { TodoRole } from "./todo.ts";
import { readUsualTodos } from "./usual-todo.ts";

/** A todo whose lines are still being read. `role` is null below an archive heading. */
interface OpenTodo {
  readonly span: TodoSpan;
  readonly role: TodoRole | null;
  readonly marker: number;
  readonly index: number;
  readonly read: ReadMetadata;
  text: string;
  /** A fenced checkbox ended the text, as it does for the older Python LoopX. */
  text_ended: boolean;
}

/** The line loop: keeps the current section and the current todo, and nothing else. */
export class TodoReader {
  readonly sections: Section[] = [];
  readonly list: TodoList;
  readonly mask: Mask;

  private readonly text: string;
  private readonly notes: Notes;
  /** Takes the todos that a decision needs no more than counted; null where all are wanted. */
  private readonly left: LeftTodos | null;
  private section: Section | null = null;
  private current: OpenTodo | null = null;
  private readonly counts = { user: 0, agent: 0 };
  /** Heading of a role's first section: the one ids are derived from. */
  private readonly headings: { user: string; agent: string } = { user: "", agent: "" };
  /** Headings of the sections that are read once. */
  private readonly seen = new Set<string>();
  private tokenLine = 0;

  constructor(text: string, notes: Notes, digest: Digest, left: LeftTodos | null = null) {
    this.text = text;
    this.notes = notes;
    this.left = left;
    this.list = new TodoList(notes, digest, left);
    this.mask = new Mask(text);
  }

  /** Every line from here on. */
  read(from: Readonly<Cursor>): void {
    const { text, left } = this;
    const cursor = { ...from };
    while (cursor.at < text.length) if (!this.readUsual(cursor)) this.readLine(cursor);
    this.close();
    this.endSection(cursor);
    const count = this.list.todos.length + (left === null ? 0 : left.open + left.closed);
    if (count > TODO_LIMIT) this.notes.add("too_large", `${this.notes.file} has ${count} todos; the limit is ${TODO_LIMIT}.`);
  }

  /** The span of the todo on this line, which stands in a section of that role. The reader is used up. */
  readSpan({ starts }: LinedText, line: number, role: TodoRole): TodoSpan | null {
    const cursor = { line, at: starts[line] ?? 0 };
    this.section = { heading: "", line, end_line: line, start: cursor.at, end: cursor.at, todos: role };
    this.readLine(cursor);
    const span = this.current?.span ?? null;
    while (this.current?.span === span && cursor.at < this.text.length) this.readLine(cursor);
    if (this.current?.span === span) this.close();
    return span;
  }

  /** Reads the todos from here on that stand as LoopX writes them; false when there is none. */
  private readUsual(cursor: Cursor): boolean {
    const { text, section, list, left } = this;
    const role = section?.todos;
    if (section === null || (role !== "user" && role !== "agent") || this.mask.isOpen || text.charCodeAt(cursor.at) !== 45) return false;
    this.close();
    const place = { role, section: section.heading, count: this.counts[role] };
    const passed = role === "agent" && left !== null ? left.pass(cursor, place) : 0;
    // One that is not passed by may have others behind it that are.
    const count = passed > 0 ? passed : readUsualTodos(text, cursor, place, list, left === null ? Infinity : 1);
    this.counts[role] += count;
    return count > 0;
  }

  private readLine(cursor: Cursor): void {
    const { text } = this;
    const { line, at: start } = cursor;
    const feed = text.indexOf("\n", start);
    cursor.line += 1;
    cursor.at = feed === -1 ? text.length : feed + 1;
    let end = cursor.at;
    if (feed !== -1) end -= text.charCodeAt(end - 2) === 13 && end - 2 >= start ? 2 : 1;
    let at = start;
    while (at < end && isBlankCode(text.charCodeAt(at))) at += 1;
    if (at < end) this.readUsedLine(line, start, at, end);
  }

  /** A line with something on it. `at` is its first non-blank character. */
  private readUsedLine(line: number, start: number, at: number, end: number): void {
    const code = this.text.charCodeAt(at);
    const inside = at > start && (this.text.charCodeAt(start) === 32 || this.text.charCodeAt(start) === 9);
    const cover = this.mask.cover(line, at, end);
    if (cover !== null) this.readCovered(cover, line, at, end, inside);
    else if (code === 35 && at === start && this.text.startsWith("## ", at)) this.openSection(line, at, end);
    else if (this.section !== null && this.section.todos !== null) this.readTodoLine(code, line, start, at, end, inside);
  }

  /** A line of a todo section or an archive. */
  private readTodoLine(code: number, line: number, start: number, at: number, end: number, inside: boolean): void {
    if ((code === 45 || code === 42) && this.openTodo(line, start, at, end)) return;
    if (code === 60 && this.text.startsWith("<!--", at)) this.readComment(line, at, end, inside);
    else if (inside) this.readText(line, at, end);
    else this.close();
  }

  private openSection(line: number, at: number, end: number): void {
    this.close();
    this.endSection({ line, at });
    const heading = this.text.slice(at + 3, end).trim();
    const todos = todosUnder(heading);
    if (this.seen.has(heading))
      this.notes.add("section_duplicate", `\`## ${heading}\` stands twice in ${this.notes.file}; the first one is read.`, line);
    if (SINGLE_SECTIONS.has(heading)) this.seen.add(heading);
    if ((todos === "user" || todos === "agent") && this.headings[todos] === "") this.headings[todos] = heading;
    this.section = { heading, line, end_line: line + 1, start: at, end, todos };
    this.sections.push(this.section);
  }

  private endSection({ line, at }: Cursor): void {
    if (this.section === null) return;
    this.section.end_line = line;
    this.section.end = at;
  }

  /** Offset of the character in a checkbox's brackets when the line is a todo line (FIL-40), else -1. */
  private markerOf(at: number, end: number): number {
    const { text } = this;
    let to = at + 1;
    while (to < end && isBlankCode(text.charCodeAt(to))) to += 1;
    if (to === at + 1 || text.charCodeAt(to) !== 91 || text.charCodeAt(to + 2) !== 93 || to + 4 >= end) return -1;
    const marker = text.charCodeAt(to + 1);
    if (marker !== 32 && marker !== 120 && marker !== 88 && marker !== 45) return -1;
    return isBlankCode(text.charCodeAt(to + 3)) ? to + 1 : -1;
  }

  private openTodo(line: number, start: number, at: number, end: number): boolean {
    const { text } = this;
    const marker_at = this.markerOf(at, end);
    if (marker_at === -1) return false;
    let text_start = marker_at + 3;
    while (text_start < end && isBlankCode(text.charCodeAt(text_start))) text_start += 1;
    if (text_start >= end) return false;
    this.close();
    const comment = this.commentAtEnd(text_start, end);
    let text_end = comment === null ? end : comment.start;
    while (isBlankCode(text.charCodeAt(text_end - 1))) text_end -= 1;
    const todos = this.section?.todos;
    const role = todos === "user" || todos === "agent" ? todos : null;
    const index = role === null ? 0 : (this.counts[role] += 1);
    const indent = at === start ? "" : text.slice(start, at);
    const comments = comment === null ? [] : [comment];
    const span: TodoSpan = {
      line,
      last_line: line,
      metadata_after: line,
      marker_at,
      text_start,
      text_end,
      indent,
      comments,
      text_lines: null,
      marker_differs: false,
    };
    const read = emptyMetadata();
    this.current = {
      span,
      role,
      marker: text.charCodeAt(marker_at),
      index,
      read,
      text: collapse(text.slice(text_start, text_end)),
      text_ended: false,
    };
    if (comment !== null) this.readMetadata(comment, line, read);
    return true;
  }

  /** The metadata comment at the end of a line that has text before it. */
  private commentAtEnd(from: number, end: number): MetadataComment | null {
    const { text } = this;
    let to = end;
    while (isBlankCode(text.charCodeAt(to - 1))) to -= 1;
    if (text.charCodeAt(to - 1) !== 62 || !text.startsWith("-->", to - 3)) return null;
    const at = text.slice(from, to).lastIndexOf("<!--");
    return at > 0 ? metadataCommentAt(text, from + at, to) : null;
  }

  private readComment(line: number, at: number, end: number, inside: boolean): void {
    const current = this.current;
    if (current === null) return;
    const { span } = current;
    const comment = metadataCommentAt(this.text, at, end);
    // At column 0 metadata belongs to a todo only right below it; any other comment there is passed over.
    if (!inside && (comment === null || span.last_line !== line - 1)) return;
    extend(span, line);
    if (comment === null) return;
    span.comments.push(comment);
    this.readMetadata(comment, line, current.read);
  }

  private readText(line: number, at: number, end: number): void {
    const current = this.current;
    if (current === null) return;
    const { span } = current;
    extend(span, line);
    const comment = this.commentAtEnd(at, end);
    const to = comment === null ? end : comment.start;
    span.text_lines ??= [];
    span.text_lines.push({ line, start: at, end: to, whole: comment === null });
    this.joinText(current, at, to);
    if (comment === null) return;
    span.comments.push(comment);
    this.readMetadata(comment, line, current.read);
  }

  /** A line in a fence or in a comment: never a todo, but it counts, and indented it belongs to the todo above. */
  private readCovered(cover: Cover, line: number, at: number, end: number, inside: boolean): void {
    const todos = this.section?.todos;
    const code = this.text.charCodeAt(at);
    const checkbox = (code === 45 || code === 42) && this.markerOf(at, end) !== -1;
    if (checkbox && (todos === "user" || todos === "agent")) this.counts[todos] += 1;
    const current = this.current;
    if (current === null) return;
    // What an unclosed fence swallows belongs to nobody, so that a todo written above it stays by itself.
    if (!inside || cover === "open_fence") {
      this.close();
      return;
    }
    current.span.last_line = line;
    if (cover === "comment") return;
    if (checkbox) current.text_ended = true;
    current.span.text_lines ??= [];
    current.span.text_lines.push({ line, start: at, end, whole: true });
    this.joinText(current, at, end);
  }

  private joinText(current: OpenTodo, from: number, to: number): void {
    if (current.text_ended) return;
    const more = collapse(this.text.slice(from, to));
    if (more !== "") current.text = `${current.text} ${more}`;
  }

  private readMetadata(comment: MetadataComment, line: number, read: ReadMetadata): void {
    this.tokenLine = line;
    readTokens(this.text, comment, read, this.section?.todos === "archive" ? silent : this.tokenFault);
  }

  private readonly tokenFault: TokenFault = (key, fault) => {
    const { file } = this.notes;
    if (fault.kind === "without_zone") {
      this.notes.add("timestamp_without_zone", `\`${key}\` of a todo in ${file} names no zone; UTC is assumed.`, this.tokenLine, key);
    } else {
      this.notes.add(
        "todo_metadata_invalid",
        `\`${key}\` of a todo in ${file} cannot be read; right would be ${fault.expected}.`,
        this.tokenLine,
        key,
      );
    }
  };

  /** Ends the current todo: its lines are known, so it becomes a value. */
  private close(): void {
    const current = this.current;
    if (current === null) return;
    this.current = null;
    const { span, role, read, marker, index, text } = current;
    if (role === null) {
      if (read.todo_id !== null) this.list.archived.add(read.todo_id);
      return;
    }
    const section = this.section?.heading ?? "";
    span.marker_differs = this.list.add({ line: span.line, role, section, first_section: this.headings[role], marker, index, read, text });
  }
}

const silent: TokenFault = () => undefined;

function extend(span: TodoSpan, line: number): void {
  if (span.metadata_after === line - 1) span.metadata_after = line;
  span.last_line = line;
}
