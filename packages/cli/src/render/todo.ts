import type { TodoArchiveResult, TodoCaptureResult, TodoChangeResult, TodoListResult } from "@loopx/core";
import { field, fields, nested, section, title } from "./markdown.ts";

/** A changed todo and what follows from it. */
export function renderTodoChange(what: "Added" | "Claimed" | "Updated" | "Completed" | "Superseded", result: TodoChangeResult): string[] {
  return [
    title(`Todo ${what}`),
    ...fields(result, [
      "goal_id",
      "dry_run",
      "applied",
      "changed",
      "already_exists",
      "role",
      "section",
      "todo_id",
      "todo",
      "status",
      "task_class",
      "claimed_by",
    ]),
    ...result.successors.flatMap((next) =>
      field(
        "followed_by",
        `${next.todo_id} ${next.text} (${next.role}${next.claimed_by === null ? "" : `, claimed by ${next.claimed_by}`})`,
      ),
    ),
    ...fields(result, ["state_file"]),
    ...section(
      "Warnings",
      result.warnings.map((warning) => `- ${warning}`),
    ),
  ];
}

/** What came up, each with its todo. */
export function renderTodoCapture(result: TodoCaptureResult): string[] {
  return [
    title("Todo Follow-ups"),
    ...fields(result, ["goal_id", "dry_run", "applied", "changed", "section", "captured_count", "already_exists_count", "state_file"]),
    ...section(
      "Todos",
      result.todos.map((todo) => `- [${MARK[todo.status]}] ${todo.todo_id} ${todo.text}${todo.added ? "" : " (was there)"}`),
    ),
  ];
}

/** The closed todos that moved away, oldest first. */
export function renderTodoArchive(result: TodoArchiveResult): string[] {
  const unlisted = result.archived_count - result.archived.length;
  return [
    title("Todo Archive"),
    ...fields(result, ["goal_id", "dry_run", "applied", "changed", "role", "archived_count", "kept_count", "section", "state_file"]),
    ...section("Moved", [
      ...result.archived.map((todo) => `- [${MARK[todo.status]}] ${todo.todo_id} ${todo.text}`),
      ...(unlisted === 0 ? [] : [`- and ${unlisted} more`]),
    ]),
  ];
}

/** The todos by role, each with its id, mark and what is worth knowing. */
export function renderTodoList(result: TodoListResult): string[] {
  const ofRole = (role: "user" | "agent"): string[] => result.todos.filter((todo) => todo.role === role).flatMap(todoLines);
  return [
    title("Todos"),
    ...fields(result, ["goal_id", "todo_count"]),
    ...section("User", ofRole("user")),
    ...section("Agent", ofRole("agent")),
  ];
}

const MARK = { open: " ", done: "x", blocked: "!", deferred: "-" } as const;

function todoLines(todo: TodoListResult["todos"][number]): string[] {
  const notes = [
    todo.task_class === null || todo.task_class === "advancement_task" ? null : todo.task_class,
    todo.claimed_by === null ? null : `claimed by ${todo.claimed_by}${todo.claim_stale ? ", stale" : ""}`,
    todo.leased_by === null ? null : `leased by ${todo.leased_by} until ${todo.lease_expires_at ?? "?"}`,
  ].filter((note) => note !== null);
  return [`- [${MARK[todo.status]}] ${todo.todo_id} ${todo.text}`, ...(notes.length === 0 ? [] : [nested(notes.join("; "))])];
}
