/**
 * Which `## ` headings mean something (FIL-34, FIL-35). Todo sections are known by a part of their heading, in any case;
 * the sections with one meaning by the exact words.
 */
import type { TodoRole } from "./todo.ts";

export const NEXT_ACTION = "Next Action";
export const RECENT_FEEDBACK = "Recent User Feedback";
export const PROGRESS_LEDGER = "Progress Ledger";
/** What real files call the ledger too (FIL-51); read only. */
export const RECENT_PROGRESS = "Recent Progress";
export const WORK_ARCHIVE = "Completed Work Archive";
export const NEW_SECTION = { user: "User Todo", agent: "Agent Todo" } as const;

/** Sections that are read once: the first of several wins. */
export const SINGLE_SECTIONS: ReadonlySet<string> = new Set([NEXT_ACTION, RECENT_FEEDBACK, PROGRESS_LEDGER, WORK_ARCHIVE]);

const USER_PARTS = ["user todo", "owner review reading queue", "owner reading queue"];
const AGENT_PARTS = ["agent todo", "codex todo"];
const ARCHIVE_PARTS = ["todo archive", "work archive", "completed archive", "completed work", "完成归档", "待办归档"];

export interface Section {
  /** Without `## `, trimmed. */
  readonly heading: string;
  /** Line of the heading, 0-based. */
  readonly line: number;
  /** Line behind the section's last, 0-based. */
  end_line: number;
  /** Offset of the heading, and of what follows the section. */
  readonly start: number;
  end: number;
  /** Whose todos stand here; `archive` for closed work, null for everything else. */
  readonly todos: TodoRole | "archive" | null;
}

/** Whose todos a section with this heading holds. An archive is no todo section, whatever else its heading says. */
export function todosUnder(heading: string): TodoRole | "archive" | null {
  const lower = heading.toLowerCase();
  if (ARCHIVE_PARTS.some((part) => lower.includes(part))) return "archive";
  if (USER_PARTS.some((part) => lower.includes(part))) return "user";
  return AGENT_PARTS.some((part) => lower.includes(part)) ? "agent" : null;
}
