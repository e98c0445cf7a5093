/** Whether a look at a monitor may be recorded now, and which monitor it is about (DEC-65). A poll never spends. */
import type { Todo } from "../goal-state/todo.ts";
import type { RuleName } from "./answers.ts";

/** The verdicts that ask for a look: quiet monitors, a due one, and outside evidence that is awaited. */
const POLL_RULES: ReadonlySet<RuleName> = new Set([
  "monitor_quiet",
  "due_monitor",
  "external_evidence_registered",
  "external_evidence_run",
]);

/** True when the rule that answered lets a poll be recorded. */
export function allowsPoll(rule: RuleName): boolean {
  return POLL_RULES.has(rule);
}

export type PollTarget =
  | { readonly kind: "monitor"; readonly todo_id: string }
  /** No monitor watches that key: the poll is a record only. */
  | { readonly kind: "key_only" }
  | { readonly kind: "ambiguous"; readonly todo_ids: readonly string[] };

/** The open monitor that watches the key. */
export function monitorOf(todos: readonly Todo[], target_key: string): PollTarget {
  const found = todos.filter(
    (todo) =>
      todo.task_class === "continuous_monitor" &&
      (todo.status === "open" || todo.status === "blocked") &&
      todo.metadata.target_key === target_key,
  );
  const [first, ...others] = found;
  if (first === undefined) return { kind: "key_only" };
  return others.length === 0
    ? { kind: "monitor", todo_id: first.todo_id }
    : { kind: "ambiguous", todo_ids: found.map((todo) => todo.todo_id) };
}
