/**
 * Metadata comments of a todo: finding them on a line, reading their tokens, rewriting only the tokens that change (FIL-42).
 * Unknown tokens keep their place and their bytes. Nothing here knows what a todo is.
 */
import {
  decodeValue,
  keySpec,
  lacksZone,
  specOf,
  encodeValue,
  type KeySpec,
  type KnownKey,
  type MetadataKey,
  type Scalar,
} from "./metadata-keys.ts";
import type { TaskClass, TodoMetadata, TodoStatus } from "./todo.ts";

/** Items of one list; more are ignored and reported (REL-105 has the same for a lease's write scopes). */
export const LIST_LIMIT = 64;

/** Where a metadata comment stands: `<!--` to `-->`, and the tokens in it. */
export interface MetadataComment {
  readonly start: number;
  readonly end: number;
  readonly body_start: number;
  readonly body_end: number;
}

/** What the comments of one todo say, later over earlier. */
export interface ReadMetadata {
  todo_id: string | null;
  status: TodoStatus | null;
  task_class: TaskClass | null;
  metadata: TodoMetadata;
}

/** Told of each value that cannot be read, and of instants without a zone. */
export type TokenFault = (key: string, fault: { kind: "invalid"; expected: string } | { kind: "without_zone" }) => void;

export function emptyMetadata(): ReadMetadata {
  return { todo_id: null, status: null, task_class: null, metadata: {} };
}

/** The metadata comment that begins at `at`, where the text has `<!--`; null for any other comment, or text behind it. */
export function metadataCommentAt(text: string, at: number, end: number): MetadataComment | null {
  let from = at + 4;
  while (from < end && isTokenBlank(text.charCodeAt(from))) from += 1;
  if (!text.startsWith("loopx:", from)) return null;
  from += 6;
  // Searched for on this line only: a file full of unfinished comments stays cheap.
  const behind = text.slice(from, end).indexOf("-->");
  if (behind === -1) return null;
  const closing = from + behind;
  if (closing + 3 < end && text.slice(closing + 3, end).trim() !== "") return null;
  const body = bodyStart(text, from, closing);
  return body === -1 ? null : { start: at, end: closing + 3, body_start: body, body_end: closing };
}

/** Behind `loopx:` stand `todo` and a blank, a blank, or a first token; another word (`next-action`) is no metadata. */
function bodyStart(text: string, from: number, closing: number): number {
  const code = text.charCodeAt(from);
  if (text.startsWith("todo", from) && (from + 4 === closing || isTokenBlank(text.charCodeAt(from + 4)))) return from + 4;
  if (from === closing || isTokenBlank(code)) return from;
  return /^[a-z_][a-z0-9_-]*=/.test(text.slice(from, Math.min(closing, from + 80))) ? from : -1;
}

function isTokenBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Reads the tokens of one comment into what earlier comments said. */
export function readTokens(text: string, comment: MetadataComment, into: ReadMetadata, fault: TokenFault): void {
  const to = comment.body_end;
  let at = comment.body_start;
  for (;;) {
    while (at < to && isTokenBlank(text.charCodeAt(at))) at += 1;
    if (at >= to) return;
    let equals = -1;
    const start = at;
    for (; at < to; at += 1) {
      const code = text.charCodeAt(at);
      if (isTokenBlank(code)) break;
      if (code === 61 && equals === -1) equals = at;
    }
    if (equals <= start) continue;
    const spec = keySpec(text.slice(start, equals));
    if (spec !== undefined) readToken(spec, text.slice(equals + 1, at), into, fault);
  }
}

function readToken(spec: KeySpec, raw: string, into: ReadMetadata, fault: TokenFault): void {
  const decoded = decodeValue(raw);
  const value = decoded === null ? null : spec.list ? readList(spec, decoded, into.metadata) : spec.read(decoded);
  if (value === null || decoded === null) {
    forget(spec.key, into);
    fault(spec.key, { kind: "invalid", expected: spec.expected });
    return;
  }
  if (typeof value === "object" && value.faulty) fault(spec.key, { kind: "invalid", expected: spec.expected });
  if (lacksZone(spec, decoded)) fault(spec.key, { kind: "without_zone" });
  store(spec.key, typeof value === "object" ? value.items : value, into);
}

/** An unreadable status or class undoes an earlier one too, so that it never opens a gate (FIL-43). */
function forget(key: KnownKey, into: ReadMetadata): void {
  if (key === "status") into.status = null;
  if (key === "task_class") into.task_class = null;
}

/** The readable items; null when there is none. A singular spelling adds to what is known (FIL-42). */
function readList(spec: KeySpec, decoded: string, metadata: TodoMetadata): { items: string[]; faulty: boolean } | null {
  const known = spec.singular ? metadata[spec.key as MetadataKey] : undefined;
  const items: string[] = Array.isArray(known) ? [...known] : [];
  const before = items.length;
  let faulty = false;
  for (const part of decoded.split(",", LIST_LIMIT + 1)) {
    const item = items.length < LIST_LIMIT ? spec.read(part.trim()) : null;
    if (item === null) faulty = true;
    else if (!items.includes(String(item))) items.push(String(item));
  }
  return faulty && items.length === before ? null : { items, faulty };
}

function store(key: KnownKey, value: Scalar | string[], into: ReadMetadata): void {
  if (key === "todo_id") into.todo_id = value as string;
  else if (key === "status") into.status = value as TodoStatus;
  else if (key === "task_class") into.task_class = value as TaskClass;
  else (into.metadata as Record<string, Scalar | string[]>)[key] = value;
}

/** Wanted values by key, decoded; null takes the key away. */
export type TokenChanges = ReadonlyMap<KnownKey, string | null>;

interface Piece {
  gap: string;
  token: string;
  readonly key: KnownKey | null;
}

/** The bodies of a todo's comments after the changes, in the same order; a body that need not change is returned as it is. */
export function rewriteBodies(bodies: readonly string[], changes: TokenChanges): string[] {
  const rows = bodies.map(pieces);
  const fresh: [KnownKey, string][] = [];
  for (const [key, value] of changes) {
    if (!replaceTokens(rows, key, value) && value !== null) fresh.push([key, value]);
  }
  const home = rows.find((row) => row.some((piece) => piece.key === "todo_id")) ?? rows.at(-1);
  if (home !== undefined) for (const [key, value] of fresh) insertToken(home, key, value);
  return rows.map((row, at) => restore(row, bodies[at] ?? ""));
}

/** The body of a new comment that says just this, in the order of FIL-42. */
export function newBody(changes: TokenChanges): string {
  const row: Piece[] = [];
  for (const [key, value] of changes) if (value !== null) insertToken(row, key, value);
  return restore(row, " ");
}

function pieces(body: string): Piece[] {
  const row: Piece[] = [];
  for (const [, gap = "", token = ""] of body.slice(0, tailStart(body)).matchAll(/([ \t]*)([^ \t]+)/g)) {
    const equals = token.indexOf("=");
    row.push({ gap, token, key: equals > 0 ? (keySpec(token.slice(0, equals))?.key ?? null) : null });
  }
  return row;
}

function restore(row: readonly Piece[], body: string): string {
  return row.map((piece) => piece.gap + piece.token).join("") + body.slice(tailStart(body));
}

/** Where the blanks at the end of a body begin. */
function tailStart(body: string): number {
  let at = body.length;
  while (at > 0 && isTokenBlank(body.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Sets the last token of a key and removes its earlier ones, so that none of them is stale. False when there is none. */
function replaceTokens(rows: Piece[][], key: KnownKey, value: string | null): boolean {
  let kept = value === null;
  let found = false;
  for (const row of rows.toReversed()) {
    for (let at = row.length - 1; at >= 0; at -= 1) {
      const piece = row[at];
      if (piece?.key !== key) continue;
      found = true;
      if (kept) row.splice(at, 1);
      else if (!saysAlready(piece.token, key, value ?? "")) piece.token = `${key}=${encodeValue(value ?? "")}`;
      kept = true;
    }
  }
  return found;
}

/** True when the token, however it is spelled, gives exactly this value under its plural name. */
function saysAlready(token: string, key: KnownKey, value: string): boolean {
  const equals = token.indexOf("=");
  return token.slice(0, equals).replaceAll("-", "_") === key && decodeValue(token.slice(equals + 1)) === value;
}

function insertToken(row: Piece[], key: KnownKey, value: string): void {
  const order = specOf(key).order;
  const isBefore = (piece: Piece): boolean => piece.key !== null && specOf(piece.key).order < order;
  const behind = row.findLastIndex(isBefore);
  const first = row.findIndex((piece) => piece.key !== null);
  const place = behind !== -1 ? behind + 1 : first !== -1 ? first : row.length;
  const next = row[place];
  // `<!-- loopx:status=open -->` has no blank before its first token; that place is the new token's now.
  const gap = next?.gap === "" ? "" : " ";
  if (next !== undefined && gap === "") next.gap = " ";
  row.splice(place, 0, { gap, token: `${key}=${encodeValue(value)}`, key });
}
