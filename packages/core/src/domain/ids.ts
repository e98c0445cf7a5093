/**
 * Identifiers: what a goal, todo, agent or run may be called.
 * Every id that becomes a path segment is parsed here first (FIL-4); nothing else builds a path from text.
 */

/** A goal id that passed {@link parseGoalId}: one safe path segment. */
export type GoalId = string & { readonly brand: "GoalId" };
/** `todo_` and 3 to 64 characters of `[a-z0-9_-]` (FIL-42). */
export type TodoId = string;
/** A resolved absolute path. Only `node/` opens it. */
export type AbsolutePath = string;

const GOAL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?$/i;
const PROTOTYPE_KEYS = new Set(["__proto__", "prototype", "constructor"]);
const TODO_ID = /^todo_[a-z0-9_-]{3,64}$/;
const AGENT_ID = /^[a-z][a-z0-9_.:@-]{0,79}$/;

/** The goal id, or null when the text is no legal one (FIL-4, FIL-8). */
export function parseGoalId(text: string): GoalId | null {
  if (!GOAL_ID.test(text) || text.endsWith(".")) return null;
  if (DEVICE_NAME.test(text) || PROTOTYPE_KEYS.has(text)) return null;
  return text as GoalId;
}

/** The todo id, or null (FIL-42). */
export function parseTodoId(text: string): TodoId | null {
  return TODO_ID.test(text) ? text : null;
}

/** The agent id in its stored form, lower-cased with blanks as `-`, or null when it is no legal one (FIL-42). */
export function parseAgentId(text: string): string | null {
  const id = text.trim().toLowerCase().replace(/\s+/g, "-");
  return AGENT_ID.test(id) && !PROTOTYPE_KEYS.has(id) ? id : null;
}
