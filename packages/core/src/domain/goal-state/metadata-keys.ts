/**
 * The keys of a todo's metadata: their order on writing, the shape of each value, and what would be right (FIL-42).
 * A value that does not fit is never used: ignored on reading, refused on writing (FIL-43).
 */
import { parseAgentId, parseTodoId } from "../ids.ts";
import { readInstant } from "../time.ts";
import { characterCount, collapse, ONE_LINE_LIMIT } from "./text.ts";
import { TASK_CLASSES, type TodoMetadata, type TodoStatus } from "./todo.ts";

export type MetadataKey = keyof TodoMetadata;
export type KnownKey = MetadataKey | "todo_id" | "status" | "task_class";
export type Scalar = string | number | boolean;

interface Shape {
  readonly expected: string;
  /** The value in its stored form, or null when the text is none. */
  readonly read: (text: string) => Scalar | null;
}

export interface KeySpec extends Shape {
  readonly key: KnownKey;
  /** Place on writing. */
  readonly order: number;
  readonly list: boolean;
  /** A singular spelling of a list key: it adds to the list instead of replacing it. */
  readonly singular: boolean;
}

const STATUS_WORDS: Readonly<Record<string, TodoStatus>> = {
  open: "open",
  done: "done",
  blocked: "blocked",
  deferred: "deferred",
  completed: "done",
  closed: "done",
  archived: "done",
};
const CLASS_WORDS: ReadonlySet<string> = new Set(TASK_CLASSES);

const ACTION_KIND = /^[a-z][a-z0-9_-]{0,63}$/;
const CAPABILITY = /^[a-z][a-z0-9_:-]{0,63}$/;
const DECISION_SCOPE =
  /^(?:private_read|write_scope|resource|production|public_claim|direction|other):(?:action|lane|goal|project|global):(?:\*|[A-Za-z0-9][A-Za-z0-9_.:@*/-]{0,95})$/;
const RESUME_WHEN =
  /^(?:todo_done:todo_[a-z0-9_-]{3,64}|pr_merged:(?:[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+)?#\d{1,10}|(?!todo_done:|pr_merged:)[a-z][a-z0-9_-]{0,31}(?::[A-Za-z0-9_.:@#/-]{1,96})?)$/;
const CADENCE = /^[1-9]\d{0,5}[mhd]$/;
const COUNT = /^\d{1,9}$/;
const TOKEN_LIMIT = 200;
const WRITE_SCOPE_LIMIT = 160;

const lower = (pattern: RegExp) => (text: string) => {
  const value = text.toLowerCase();
  return pattern.test(value) ? value : null;
};
const exact = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : null);

const SHAPES = {
  todo_id: {
    expected: "`todo_` and 3 to 64 characters of `[a-z0-9_-]`",
    read: (text) => parseTodoId(text) ?? parseTodoId(text.toLowerCase()),
  },
  status: { expected: "open, done, blocked or deferred", read: (text) => STATUS_WORDS[text] ?? STATUS_WORDS[text.toLowerCase()] ?? null },
  task_class: { expected: TASK_CLASSES.join(", "), read: (text) => readClass(text) },
  action_kind: { expected: "`[a-z][a-z0-9_-]{0,63}`", read: lower(ACTION_KIND) },
  agent: { expected: "an agent id, `[a-z][a-z0-9_.:@-]{0,79}`", read: (text) => parseAgentId(text) },
  capability: { expected: "`[a-z][a-z0-9_:-]{0,63}`", read: lower(CAPABILITY) },
  write_scope: {
    expected: `a relative path of at most ${WRITE_SCOPE_LIMIT} characters without \`..\`, blanks or commas`,
    read: readWriteScope,
  },
  decision_scope: {
    expected:
      "`kind:granularity:key`; kind private_read, write_scope, resource, production, public_claim, direction or other; granularity action, lane, goal, project or global",
    read: exact(DECISION_SCOPE),
  },
  resume_when: { expected: "`todo_done:<id>`, `pr_merged:[owner/repo]#N` or `word[:token]`", read: exact(RESUME_WHEN) },
  flag: { expected: "true or false", read: readFlag },
  token: { expected: `1 to ${TOKEN_LIMIT} characters`, read: (text) => (text !== "" && text.length <= TOKEN_LIMIT ? text : null) },
  cadence: { expected: "`<n>m`, `<n>h` or `<n>d`", read: exact(CADENCE) },
  instant: { expected: "an RFC 3339 instant", read: (text) => (isPlainInstant(text) || readInstant(text) !== null ? text : null) },
  count: { expected: "a whole number", read: (text) => (COUNT.test(text) ? Number(text) : null) },
  text: {
    expected: `1 to ${ONE_LINE_LIMIT} characters`,
    read: (text) => (text !== "" && characterCount(text) <= ONE_LINE_LIMIT ? text : null),
  },
} as const satisfies Record<string, Shape>;

/** Every key in its order on writing. `[]` marks a list. */
const KEYS: readonly (readonly [KnownKey, keyof typeof SHAPES, "[]"?])[] = [
  ["todo_id", "todo_id"],
  ["status", "status"],
  ["task_class", "task_class"],
  ["action_kind", "action_kind"],
  ["required_write_scopes", "write_scope", "[]"],
  ["required_capabilities", "capability", "[]"],
  ["target_capabilities", "capability", "[]"],
  ["decision_scope", "decision_scope"],
  ["required_decision_scopes", "decision_scope", "[]"],
  ["claimed_by", "agent"],
  ["blocks_agent", "agent"],
  ["global_gate", "flag"],
  ["unblocks_todo_id", "todo_id"],
  ["resume_when", "resume_when"],
  ["no_followup", "flag"],
  ["target_key", "token"],
  ["cadence", "cadence"],
  ["next_due_at", "instant"],
  ["expires_at", "instant"],
  ["last_checked_at", "instant"],
  ["result_hash", "token"],
  ["consecutive_no_change", "count"],
  ["material_change", "flag"],
  ["max_no_change_before_replan", "count"],
  ["note", "text"],
  ["evidence", "text"],
  ["reason", "text"],
  ["completed_at", "instant"],
  ["updated_at", "instant"],
  ["superseded_by", "todo_id"],
  ["claimed_at", "instant"],
  ["claim_taken_from", "agent"],
  ["claim_taken_at", "instant"],
];

const SINGULAR = {
  required_write_scope: "required_write_scopes",
  required_capability: "required_capabilities",
  target_capability: "target_capabilities",
  required_decision_scope: "required_decision_scopes",
} as const;

const SPECS = new Map<string, KeySpec>();
for (const [order, [key, shape, list]] of KEYS.entries())
  SPECS.set(key, { ...SHAPES[shape], key, order, list: list !== undefined, singular: false });
for (const [singular, key] of Object.entries(SINGULAR)) SPECS.set(singular, { ...specOf(key), singular: true });

/** What is known about a key as written in a file, or undefined for one that is not ours. */
export function keySpec(name: string): KeySpec | undefined {
  return SPECS.get(name) ?? (name.includes("-") ? SPECS.get(name.replaceAll("-", "_")) : undefined);
}

export function specOf(key: KnownKey): KeySpec {
  return SPECS.get(key) as KeySpec;
}

export const KNOWN_KEYS: readonly KnownKey[] = KEYS.map(([key]) => key);

function readClass(text: string): string | null {
  if (CLASS_WORDS.has(text)) return text;
  const value = text.toLowerCase();
  return CLASS_WORDS.has(value) ? value : null;
}

function readFlag(text: string): boolean | null {
  const value = text.toLowerCase();
  if (value === "true" || value === "1" || value === "yes") return true;
  return value === "false" || value === "0" || value === "no" ? false : null;
}

function readWriteScope(text: string): string | null {
  if (text === "" || text.length > WRITE_SCOPE_LIMIT) return null;
  return /^[/~\\]|^[A-Za-z]:|\.\.|[\s,\x00-\x1f]/.test(text) ? null : text;
}

/** `2026-11-21T01:08:04+08:00`, as we write it, without a regular expression: most instants of a large file. */
function isPlainInstant(text: string): boolean {
  if (text.length !== 25 || text.charCodeAt(10) !== 84) return false;
  const sign = text.charCodeAt(19);
  if (sign !== 43 && sign !== 45) return false;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58 ||
    text.charCodeAt(22) !== 58
  )
    return false;
  const [century, year, month, day] = [pair(text, 0), pair(text, 2), pair(text, 5), pair(text, 8)];
  // Days 29 to 31 are left to the full reader, which knows the months.
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 28) return false;
  return (
    below(pair(text, 11), 24) &&
    below(pair(text, 14), 60) &&
    below(pair(text, 17), 60) &&
    below(pair(text, 20), 24) &&
    below(pair(text, 23), 60)
  );
}

function pair(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}

function below(value: number, limit: number): boolean {
  return value >= 0 && value < limit;
}

/** True for an instant that names no zone; UTC is assumed (FIL-3). */
export function lacksZone(spec: KeySpec, text: string): boolean {
  return spec.expected === SHAPES.instant.expected && !isPlainInstant(text) && readInstant(text)?.zoned === false;
}

/** A decoded value from a file: percent signs undone, white space collapsed; null when the encoding is broken. */
export function decodeValue(raw: string): string | null {
  if (!raw.includes("%")) return raw;
  // The `+` of an instant's offset is by far the most common escape.
  const plain = raw.replace("%2B", "+");
  if (!plain.includes("%")) return plain;
  try {
    return collapse(decodeURIComponent(raw));
  } catch {
    return null;
  }
}

/** A value as it stands in a file: percent-encoded except `A-Za-z0-9_.:-` (FIL-42). */
export function encodeValue(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");
}
