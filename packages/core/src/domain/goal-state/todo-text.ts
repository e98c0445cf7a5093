/** A todo's text: its priority prefix, its title, and the id that follows from it (FIL-41, FIL-46). */
import type { Digest } from "../digest.ts";
import { cutText, oneLine } from "./text.ts";
import { PRIORITIES, RANK_WITHOUT_PRIORITY, type Priority, type TodoRole } from "./todo.ts";

/** What the older Python LoopX cuts a text to before it derives an id. */
const IDENTITY_TEXT_LIMIT = 500;

export interface PriorityParts {
  readonly priority: Priority | null;
  readonly rank: number;
  readonly title: string;
}

/** Of a collapsed text: the priority prefix, any suffix up to the bracket allowed (`[P1-high]`), and the text behind it. */
export function priorityParts(text: string): PriorityParts {
  const digit = text.charCodeAt(2) - 48;
  const letter = text.charCodeAt(1);
  if (text.charCodeAt(0) !== 91 || (letter !== 80 && letter !== 112) || !(digit >= 0 && digit <= 4)) return unranked(text);
  const close = text.indexOf("]", 3);
  const suffix = text.charCodeAt(3) - 48;
  // `[P10]` is no priority 1.
  if (close === -1 || (suffix >= 0 && suffix <= 9)) return unranked(text);
  return { priority: PRIORITIES[digit] ?? null, rank: digit, title: text.slice(text.charCodeAt(close + 1) === 32 ? close + 2 : close + 1) };
}

function unranked(text: string): PriorityParts {
  return { priority: null, rank: RANK_WITHOUT_PRIORITY, title: text };
}

/** The prefix as written, with one blank behind it; empty without one. */
export function priorityPrefix(text: string): string {
  return priorityParts(text).priority === null ? "" : `${text.slice(0, text.indexOf("]") + 1)} `;
}

/** The id of a todo that names none, equal to the one the older Python LoopX shows. `nth` tells colliding ones apart. */
export function derivedTodoId(
  digest: Digest,
  place: { role: TodoRole; heading: string; index: number; text: string },
  nth: number,
): string {
  const identity = `${place.role}|${place.heading}|${place.index}|${cutText(place.text, IDENTITY_TEXT_LIMIT)}`;
  return `todo_${digest("sha1", nth === 0 ? identity : `${identity}|${nth}`).slice(0, 12)}`;
}

/** The collapsed text of a todo to be written, or what is wrong with it (FIL-48). */
export function newTodoText(text: string): { text: string } | { fault: string } {
  const line = oneLine(text);
  return "text" in line && priorityParts(line.text).title === "" ? { fault: "words behind its priority" } : line;
}
