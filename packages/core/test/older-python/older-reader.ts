/**
 * The older Python LoopX as a reader and rewriter, as far as the files specification tells its rules. Written apart from
 * our own parsers, and much simpler: what it makes of a file is what a person who still runs it would see.
 */
import { createHash } from "node:crypto";

export interface OlderTodo {
  readonly todo_id: string;
  readonly role: "user" | "agent";
  readonly done: boolean;
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Row = Readonly<Record<string, unknown>>;

const SECTIONS: Readonly<Record<OlderTodo["role"], readonly string[]>> = {
  user: ["user todo", "owner review reading queue", "owner reading queue"],
  agent: ["agent todo", "codex todo", "project agent todo"],
};
const NO_SECTION = ["todo archive", "work archive", "completed archive", "completed work", "完成归档", "待办归档"];
const CHECKBOX = /^\s*[-*]\s+\[([ xX-])\]\s+(.+?)\s*$/;
const COMMENT = /<!-- loopx:(?:todo)? *(.*?) *-->/;
/** It does not know our later keys and drops them when it writes a todo again (FIL-113). */
const DROPPED = new Set(["claimed_at", "claim_taken_from", "claim_taken_at"]);

/** It cuts the file at the first two `---`, wherever they stand (FIL-32). */
export function olderFrontMatter(text: string): { keys: Readonly<Record<string, string>>; body: string } {
  const [before = "", front, ...rest] = splitTwice(text, "---");
  if (before.trim() !== "" || front === undefined || rest.length === 0) return { keys: {}, body: text };
  const pairs = front.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at === -1 ? [] : [[line.slice(0, at).trim(), unquoted(line.slice(at + 1).trim())]];
  });
  return { keys: Object.fromEntries(pairs), body: rest.join("---") };
}

/** Todos by section, with explicit ids or those it derives (FIL-35, FIL-40, FIL-46). */
export function olderTodos(text: string): readonly OlderTodo[] {
  const found: OlderTodo[] = [];
  const counts = { user: 0, agent: 0 };
  let section: { role: OlderTodo["role"]; heading: string } | null = null;
  let open: { mark: string; lines: string[]; comments: string[] } | null = null;
  const close = (): void => {
    if (open !== null && section !== null) {
      counts[section.role] += 1;
      found.push(todoOf(open, section, counts[section.role]));
    }
    open = null;
  };
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    if (line.startsWith("## ")) {
      close();
      section = sectionOf(line.slice(3).trim());
      continue;
    }
    if (section === null) continue;
    const box = CHECKBOX.exec(line);
    if (box !== null) {
      close();
      open = { mark: box[1] ?? " ", lines: [(box[2] ?? "").replace(COMMENT, "")], comments: commentOf(line) };
    } else if (open !== null && (COMMENT.test(line) || /^\s+\S/.test(line))) {
      open.comments.push(...commentOf(line));
      open.lines.push(line.replace(COMMENT, ""));
    } else close();
  }
  close();
  return found;
}

/** A todo's metadata line as it comes back from its writer: later keys and classes are gone (FIL-113). */
export function olderRewrite(line: string): string {
  return line.replace(COMMENT, (_whole, tokens: string) => {
    const kept = tokens.split(/\s+/).filter((token) => !DROPPED.has(token.split("=", 1)[0] ?? "") && token !== "task_class=user_action");
    return `<!-- loopx:todo ${kept.join(" ")} -->`;
  });
}

/** The index, newest first: it compares `generated_at` as text (FIL-111), and takes a copy with a reward for an overlay. */
export function olderRuns(index: string): readonly Row[] {
  const rows = index
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
  const runs = new Map<string, Row>();
  const faults: string[] = [];
  for (const { human_reward, ...row } of rows) {
    const key = JSON.stringify([row["generated_at"], row["json_path"], row["markdown_path"]]);
    const before = runs.get(key);
    if (before === undefined) runs.set(key, human_reward === undefined ? row : { ...row, human_reward });
    else if (human_reward !== undefined && sameFields(before, row)) runs.set(key, { ...before, human_reward });
    else faults.push(`duplicate ${key}`);
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return [...runs.values()].toSorted((one, other) => compareText(String(other["generated_at"]), String(one["generated_at"])));
}

/** What it counts as spent: the slots of `quota_event` in the line, less what a void names. */
export function olderSpent(index: string): number {
  const events = olderRuns(index).flatMap((row) => (row["quota_event"] === undefined ? [] : [row["quota_event"] as Row]));
  const slotsOf = (type: string): number =>
    events.filter((event) => event["event_type"] === type).reduce((sum, event) => sum + Number(event["slots"]), 0);
  return slotsOf("quota_slot_spent") - slotsOf("quota_slot_voided");
}

function splitTwice(text: string, mark: string): readonly string[] {
  const first = text.indexOf(mark);
  const second = first === -1 ? -1 : text.indexOf(mark, first + mark.length);
  return second === -1 ? [text] : [text.slice(0, first), text.slice(first + mark.length, second), text.slice(second + mark.length)];
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value;
}

function sectionOf(heading: string): { role: OlderTodo["role"]; heading: string } | null {
  const lower = heading.toLowerCase();
  if (NO_SECTION.some((part) => lower.includes(part))) return null;
  const role = (["user", "agent"] as const).find((each) => SECTIONS[each].some((part) => lower.includes(part)));
  return role === undefined ? null : { role, heading };
}

function commentOf(line: string): string[] {
  const tokens = COMMENT.exec(line)?.[1];
  return tokens === undefined ? [] : tokens.split(/\s+/);
}

function todoOf(
  open: { mark: string; lines: string[]; comments: string[] },
  section: { role: OlderTodo["role"]; heading: string },
  index: number,
): OlderTodo {
  const text = open.lines.join(" ").replace(/\s+/g, " ").trim();
  const metadata = Object.fromEntries(
    open.comments.map((token): [string, string] => [token.split("=", 1)[0] ?? "", decodeURIComponent(token.slice(token.indexOf("=") + 1))]),
  );
  const shown = text.length > 500 ? `${text.slice(0, 499).trimEnd()}…` : text;
  const derived = `todo_${createHash("sha1").update(`${section.role}|${section.heading}|${index}|${shown}`).digest("hex").slice(0, 12)}`;
  return { todo_id: metadata["todo_id"] ?? derived, role: section.role, done: open.mark.toLowerCase() === "x", text, metadata };
}

function sameFields(one: Row, other: Row): boolean {
  const { human_reward: _reward, ...fields } = one;
  return JSON.stringify(fields) === JSON.stringify(other);
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
