/** When a monitor looks for the first time. Without a next time it is never due (DEC-10), and nobody would notice. */
import type { Moment } from "../time.ts";
import type { TodoOutlook } from "./metadata-input.ts";
import type { KnownKey } from "./metadata-keys.ts";
import { metadataInstant } from "./todo-edit.ts";
import type { TodoWarning } from "./todo-outcome.ts";
import type { Todo } from "./todo.ts";

/** A cadence that comes without a first time begins now: a monitor has to have looked once to see what changes. */
export function withFirstLook(tokens: Map<KnownKey, string | null>, outlook: TodoOutlook, now: Moment): Map<KnownKey, string | null> {
  const begins = outlook.task_class === "continuous_monitor" && typeof tokens.get("cadence") === "string" && !outlook.has("next_due_at");
  return begins ? tokens.set("next_due_at", metadataInstant(now)) : tokens;
}

/** Says that an open monitor has no time; empty otherwise. */
export function neverDueWarnings(todo: Todo): TodoWarning[] {
  const idle = todo.task_class === "continuous_monitor" && todo.status === "open" && todo.metadata.next_due_at === undefined;
  return idle ? [{ kind: "never_due", todo_id: todo.todo_id }] : [];
}
