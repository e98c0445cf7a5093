/** What a run recommends when nobody says so: the state's own next step (DEC-77). Items are taken whole or not at all. */
import { isSafe } from "../boundary/detector.ts";
import type { Locale } from "../locale/locale.ts";
import { REFRESH_ACTION } from "../locale/refresh.ts";
import type { ActionSource } from "../payload/refresh-state.ts";
import type { GoalState } from "./document.ts";
import { openItems } from "./next-action-done.ts";

export interface DerivedAction {
  readonly action: string;
  readonly source: ActionSource;
}

/** The first whole item that may be public, else the best open agent todo, else a catalogue sentence. */
export function derivedAction(state: GoalState, locale: Locale): DerivedAction {
  const item = openItems(state.next_action, state.todos).find((each) => isSafe(each, "next_action"));
  if (item !== undefined) return { action: item, source: "active_state_next_action" };
  const todos = state.todos.filter(
    (todo) => todo.role === "agent" && (todo.status === "open" || todo.status === "blocked") && isSafe(todo.text, "next_action"),
  );
  const [best] = todos.toSorted(
    (a, b) =>
      CLASS_ORDER.indexOf(a.task_class ?? "advancement_task") - CLASS_ORDER.indexOf(b.task_class ?? "advancement_task") ||
      a.rank - b.rank ||
      a.index - b.index,
  );
  if (best !== undefined) return { action: best.text, source: "agent_todo_fallback" };
  return { action: REFRESH_ACTION[locale](), source: "default_refresh_action" };
}

const CLASS_ORDER: readonly string[] = ["advancement_task", "blocker", "continuous_monitor", "user_gate", "user_action"];
