/** `todo archive-completed`: keeps a goal state short; closed todos move to its end, byte for byte (CMD-97, FIL-49). */
import { LoopxError } from "../domain/errors.ts";
import { TODO_LIMIT } from "../domain/goal-state/document.ts";
import { WORK_ARCHIVE } from "../domain/goal-state/headings.ts";
import { archiveCompleted, LISTED_ARCHIVED, MAX_ACTIVE_DONE } from "../domain/goal-state/todo-archive.ts";
import type { TodoRole } from "../domain/goal-state/todo.ts";
import type { TodoArchiveResult } from "../domain/payload/todo.ts";
import { observed } from "./observed.ts";
import type { TodoPlace } from "./todo-place.ts";
import { changeState } from "./write-todo.ts";

/** The flags of `todo archive-completed` (CMD-97); agent todos, and 12 of the newest stay. */
export interface ArchiveTodosInput extends TodoPlace {
  readonly role?: TodoRole | undefined;
  readonly max_active_done?: number | undefined;
}

export type { TodoArchiveResult } from "../domain/payload/todo.ts";

/** What moved; a second run moves nothing. Ids of moved todos still resolve. */
export const archiveTodos = observed("archive_todos", async (host, input: ArchiveTodosInput): Promise<TodoArchiveResult> => {
  const { role = "agent", max_active_done = MAX_ACTIVE_DONE, dry_run = false } = input;
  if (!Number.isInteger(max_active_done) || max_active_done < 0 || max_active_done > TODO_LIMIT) {
    throw new LoopxError("invalid_value", `--max-active-done is ${max_active_done}; a whole number from 0 to ${TODO_LIMIT} is right`, {
      details: { key: "max_active_done" },
    });
  }
  const { goal, outcome } = await changeState(host, input, (state, context) => archiveCompleted(state, { role, max_active_done }, context));
  const changed = outcome.kind === "edited";
  return {
    dry_run,
    applied: changed && !dry_run,
    changed,
    archived_count: outcome.archived.length,
    kept_count: outcome.kept.length,
    archived: outcome.archived.slice(0, LISTED_ARCHIVED).map(({ todo_id, status, text }) => ({ todo_id, status, text })),
    goal_id: goal.goal_id,
    role,
    section: WORK_ARCHIVE,
    max_active_done,
    state_file: goal.state_path,
    project: goal.repo,
    updated_at: outcome.state.updated_at,
    warnings: [],
  };
});
