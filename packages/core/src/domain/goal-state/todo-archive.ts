/** `todo archive-completed`: closed todos move, byte for byte, to the end of the archive (FIL-49, CMD-97). */
import { instantMs, type Moment } from "../time.ts";
import { sectionNamed, todosOf, type GoalState } from "./document.ts";
import { deleteLines, insertAfter, lastUsedLine, lastUsedLineOfFile, type Edit } from "./edit.ts";
import { WORK_ARCHIVE } from "./headings.ts";
import { endOfLine, startOfLine } from "./lines.ts";
import { spanOf } from "./parse.ts";
import { rewrite, type Refused, type Rewritten } from "./todo-outcome.ts";
import type { Todo, TodoRole } from "./todo.ts";

export const MAX_ACTIVE_DONE = 12;
/** So many moved todos an answer lists; its count is whole. */
export const LISTED_ARCHIVED = 50;

/** Whose closed todos to archive, and how many of them stay. */
export interface ArchiveRequest {
  readonly role: TodoRole;
  /** So many of the newest closed todos stay where they are. */
  readonly max_active_done: number;
}

/** The state with its closed todos in the archive, or why not. */
export type ArchiveOutcome =
  | (Rewritten & { readonly archived: readonly Todo[]; readonly kept: readonly Todo[] })
  | { readonly kind: "unchanged"; readonly state: GoalState; readonly archived: readonly Todo[]; readonly kept: readonly Todo[] }
  | Refused;

/** The state with all but the newest closed todos of the role moved to the archive, their bytes unchanged (FIL-49). */
export function archiveCompleted(state: GoalState, request: ArchiveRequest, context: { readonly now: Moment }): ArchiveOutcome {
  const closed = todosOf(state, request.role)
    .filter((todo) => todo.status === "done" || todo.status === "deferred")
    .toSorted((a, b) => closedAt(a) - closedAt(b) || a.line - b.line);
  const archived = closed.slice(0, Math.max(0, closed.length - request.max_active_done));
  const kept = closed.slice(archived.length);
  if (archived.length === 0) return { kind: "unchanged", state, archived, kept };
  const result = rewrite(state, moveEdits(state, archived), context.now);
  return result.kind === "refused" ? result : { ...result, archived, kept };
}

/** An unknown time is the oldest. */
function closedAt(todo: Todo): number {
  return instantMs(todo.metadata.completed_at ?? todo.metadata.updated_at) ?? 0;
}

interface Block {
  readonly first: number;
  readonly last: number;
}

function moveEdits(state: GoalState, todos: readonly Todo[]): Edit[] {
  const blocks = todos.map((todo): Block => {
    const span = spanOf(state, todo);
    return { first: span.line, last: span.last_line };
  });
  const moved = blocks.map((block) => state.text.slice(startOfLine(state, block.first), endOfLine(state, block.last)));
  return [appendToArchive(state, moved, blocks), ...joinRuns(blocks).map((run) => deleteLines(state, run.first, run.last))];
}

function appendToArchive(state: GoalState, moved: readonly string[], blocks: readonly Block[]): Edit {
  const section = sectionNamed(state, WORK_ARCHIVE);
  if (section !== null) {
    const last = lastUsedLine(state, section);
    return insertAfter(state, last, last === section.line ? ["", ...moved] : moved);
  }
  const used = lastKept(lastUsedLineOfFile(state), blocks);
  const block = [`## ${WORK_ARCHIVE}`, "", ...moved];
  // A todo section has a heading, so a line always stays; the blank line sets the new heading apart from it.
  return insertAfter(state, used, ["", ...block]);
}

/** The last line that does not move away. */
function lastKept(from: number, blocks: readonly Block[]): number {
  let line = from;
  for (let block = blockAt(blocks, line); block !== undefined; block = blockAt(blocks, line)) line = block.first - 1;
  return line;
}

function blockAt(blocks: readonly Block[], line: number): Block | undefined {
  return blocks.find((block) => block.first <= line && line <= block.last);
}

/** Neighbouring blocks as one, so that their deletions do not meet. */
function joinRuns(blocks: readonly Block[]): Block[] {
  const runs: Block[] = [];
  for (const block of blocks.toSorted((a, b) => a.first - b.first)) {
    const last = runs.at(-1);
    if (last !== undefined && last.last + 1 === block.first) runs[runs.length - 1] = { first: last.first, last: block.last };
    else runs.push(block);
  }
  return runs;
}
