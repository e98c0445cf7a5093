/** Rules about agent todos: the due monitor, the pick, and why there is none. */
import { some } from "../decision.ts";
import { missingScopes, writeScopes } from "../selection.ts";
import { goalRule } from "./rule.ts";
import { byRank } from "../../gate/effects.ts";

/** Rule 21: a due monitor goes first only when nothing of equal or better rank can be done. */
export const dueMonitor = goalRule(
  "due_monitor",
  ({ work }) => ({ due_monitor: work.dueMonitor?.todo.todo_id ?? null, pick: work.pick?.todo.todo_id ?? null }),
  ({ work: { dueMonitor: due, pick } }) =>
    due !== null && (pick === null || due.todo.rank < pick.todo.rank) ? { rule: "due_monitor", selected: due } : null,
);

/** Rule 23: all the work that gates leave is another agent's. */
export const agentScopeWait = goalRule(
  "agent_scope_wait",
  ({ work }) => ({ ungated: work.ungated.length, available: work.available.length }),
  ({ work }) => {
    const held = some(work.held);
    return work.available.length === 0 && held !== null ? { rule: "agent_scope_wait", held } : null;
  },
);

/** Rule 24: what is left needs a write scope that the boundary does not grant. */
export const boundaryGap = goalRule(
  "boundary_gap",
  ({ work }) => ({ available: work.available.length, in_bounds: work.inBounds.length }),
  ({ work, now }, goal) => {
    if (work.inBounds.length > 0) return null;
    const todo = work.available.toSorted(byRank)[0];
    if (todo === undefined) return null;
    const missing = some(missingScopes(todo, writeScopes(goal, now)));
    return missing === null ? null : { rule: "boundary_gap", todo, missing };
  },
);

/** Rule 25: a gate stops some of the work; the rest goes on and the user is told. */
export const gateFallback = goalRule(
  "gate_fallback",
  ({ work }) => ({ executable: work.executable.length, ungated: work.ungated.length, pick: work.pick?.todo.todo_id ?? null }),
  ({ work, blocking }) => {
    const gates = some(blocking);
    if (work.pick === null || gates === null || work.executable.length <= work.ungated.length) return null;
    return { rule: "gate_fallback", selected: work.pick, gates };
  },
);

/** Rule 26: the ordinary case. */
export const advanceTodo = goalRule(
  "advance_todo",
  ({ work }) => ({ in_bounds: work.inBounds.length, pick: work.pick?.todo.todo_id ?? null }),
  ({ work: { pick } }) => (pick === null ? null : { rule: "advance_todo", selected: pick }),
);

/** Rule 28: only blockers are left. */
export const blockersOnly = goalRule(
  "blockers_only",
  ({ work }) => ({ blockers: work.blockers.length }),
  ({ work }) => {
    const blockers = some(work.blockers);
    return blockers === null ? null : { rule: "blockers_only", blockers };
  },
);

/** Rule 29: only monitors are left, and none is due. */
export const monitorQuiet = goalRule(
  "monitor_quiet",
  ({ work }) => ({ monitors: work.monitors.length }),
  ({ work }) => {
    const monitors = some(work.monitors.toSorted(byRank));
    return monitors === null ? null : { rule: "monitor_quiet", monitors };
  },
);

/** Rule 30: a side agent without work does not invent some. */
export const agentScopeExhausted = goalRule(
  "agent_scope_exhausted",
  ({ caller }) => ({ role: caller.role }),
  ({ caller }) =>
    caller.role === "side-agent" && caller.agent_id !== null ? { rule: "agent_scope_exhausted", agent_id: caller.agent_id } : null,
);
