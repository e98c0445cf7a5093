/**
 * Facts as a command would leave them: the model behind `loopx why`. Each function changes what one command changes
 * and nothing else; none of them is ever written anywhere.
 */
import { priorityParts } from "../goal-state/todo-text.ts";
import type { Todo, TodoMetadata, TodoStatus } from "../goal-state/todo.ts";
import type { GoalEntry } from "../goal/entry.ts";
import type { Run } from "../run/history.ts";
import type { Moment } from "../time.ts";
import type { FindingFact } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { instantText } from "./reason.ts";

const ADDED_TODO_ID = "todo_added";

/** Quota and status of a goal that works again. */
export function resumed(facts: Facts): Facts {
  const { quota } = facts;
  const byCompute = quota.compute === 0;
  const compute = byCompute ? 1 : quota.compute;
  const allowed = byCompute && quota.allowed_slots === 0 ? Math.round((quota.window_hours * 60) / quota.slot_minutes) : quota.allowed_slots;
  const state = quota.spent_slots >= allowed ? "throttled" : "eligible";
  return withGoal(
    { ...facts, quota: { ...quota, compute, allowed_slots: allowed, remaining_slots: Math.max(0, allowed - quota.spent_slots), state } },
    { status: "active" },
  );
}

export function withOneMoreSlot(facts: Facts): Facts {
  return { ...facts, quota: { ...facts.quota, allowed_slots: facts.quota.spent_slots + 1, remaining_slots: 1, state: "eligible" } };
}

export function withAgent(facts: Facts, agent: string): Facts {
  return withCoordination(facts, { registered_agents: [...(facts.goal?.coordination.registered_agents ?? []), agent] });
}

export function withWriteScopes(facts: Facts, scopes: readonly string[]): Facts {
  return withCoordination(facts, { write_scope: [...(facts.goal?.coordination.write_scope ?? []), ...scopes] });
}

export function withAttentionCleared(facts: Facts): Facts {
  return facts.goal === null ? facts : withGoal(facts, { attention: { ...facts.goal.attention, waiting_on: null } });
}

export function withAdapterConnected(facts: Facts): Facts {
  return facts.goal === null ? facts : withGoal(facts, { adapter: { ...facts.goal.adapter, status: "connected" } });
}

/** The status of one todo; found by role and id. The step that a finished one was leaves `## Next Action` with it. */
export function withTodoStatus(facts: Facts, now: Moment, todo: Todo, status: TodoStatus): Facts {
  const changed = withTodo(facts, now, todo, (one) => ({ ...one, status }));
  const { state } = changed;
  if (state === null || status !== "done" || todo.role !== "agent") return changed;
  const next_action = state.next_action.filter((item) => priorityParts(item).title !== todo.title);
  return { ...changed, state: { ...state, next_action } };
}

export function withMetadata(facts: Facts, now: Moment, todo: Todo, change: Partial<TodoMetadata>): Facts {
  return withTodo(facts, now, todo, (one) => ({ ...one, metadata: { ...one.metadata, ...change } }));
}

/** A new open agent todo at the end. */
export function withAgentTodo(facts: Facts, now: Moment, metadata: TodoMetadata): Facts {
  const { agent } = facts.todos;
  const added: Todo = {
    todo_id: ADDED_TODO_ID,
    explicit_id: true,
    role: "agent",
    index: agent.length + 1,
    section: "Agent Todo",
    line: 0,
    status: "open",
    text: "",
    title: "",
    priority: null,
    rank: 50,
    task_class: "advancement_task",
    metadata,
  };
  return withTouchedState({ ...facts, todos: { ...facts.todos, agent: [...agent, added] } }, now);
}

/** A new status run of that kind with both artifacts; it has seen the state as it is. */
export function withRun(facts: Facts, now: Moment, classification: string, record: Record<string, unknown> = {}): Facts {
  const generated_at = instantText(now.ms, now) ?? "";
  const run: Run = {
    run_id: "run_added",
    generated_at,
    at_ms: now.ms,
    ordinal: Number.MAX_SAFE_INTEGER,
    classification,
    recommended_action: "",
    health_check: "ok",
    json_path: null,
    markdown_path: null,
    agent_id: null,
    record: { classification, ...(facts.state === null ? {} : { state: { sha256_16: facts.state.sha256_16 } }), ...record },
    human_rewards: [],
  };
  return {
    ...facts,
    health: facts.health.filter((finding) => finding.code !== "run_artifact_missing"),
    runs: { ...facts.runs, status_run: run, status_run_artifact_missing: false, run_count: facts.runs.run_count + 1 },
  };
}

/** A person's approval: the status run, and the place where streaks begin anew (DEC-54). */
export function withApproval(facts: Facts, now: Moment, gate: string): Facts {
  // Only the map's opt-in has a command of its own (DEC-42).
  const agent_command = gate === "read_only_map_opt_in" ? `loopx read-only-map --goal-id ${facts.goal_id} --dry-run` : undefined;
  const approved = withRun(facts, now, "operator_gate_approved", { operator_gate: { gate, decision: "approve", agent_command } });
  return { ...approved, runs: { ...approved.runs, graded: [] } };
}

/** A record that advances the goal ends the streaks. */
export function withProgress(facts: Facts, now: Moment): Facts {
  const recorded = withRun(facts, now, "state_refreshed", {
    delivery_outcome: "primary_goal_outcome",
    delivery_batch_scale: "implementation",
  });
  const run = recorded.runs.status_run;
  return run === null ? recorded : { ...recorded, runs: { ...recorded.runs, graded: [run, ...recorded.runs.graded] } };
}

/** One repair removes every finding of that kind: a file is repaired once. */
export function withoutFault(facts: Facts, fault: FindingFact): Facts {
  return { ...facts, health: facts.health.filter((finding) => finding.code !== fault.code) };
}

export function withBadLinesAccepted(facts: Facts): Facts {
  const { runs } = facts;
  return {
    ...facts,
    health: facts.health.filter((finding) => finding.code !== "history_line_bad"),
    runs: { ...runs, unaccepted_bad_lines: [], accepted_bad_line_count: runs.accepted_bad_line_count + runs.unaccepted_bad_lines.length },
  };
}

export function withoutHistory(facts: Facts): Facts {
  const none = {
    status_run: null,
    status_run_artifact_missing: false,
    graded: [],
    judged: [],
    unaccepted_bad_lines: [],
    accepted_bad_line_count: 0,
    run_count: 0,
  };
  return { ...facts, runs: { ...facts.runs, ...none } };
}

/** A state file where none could be read: fresh, with its one todo (FIL-33). */
export function withState(facts: Facts, now: Moment): Facts {
  if (facts.state !== null || facts.goal === null) return facts;
  return withAgentTodo({ ...facts, state: { file: facts.goal.state_file, sha256_16: "", updated_at: null, next_action: [] } }, now, {});
}

function withGoal(facts: Facts, change: Partial<GoalEntry>): Facts {
  return facts.goal === null ? facts : { ...facts, goal: { ...facts.goal, ...change } };
}

function withCoordination(facts: Facts, change: Partial<GoalEntry["coordination"]>): Facts {
  return facts.goal === null ? facts : withGoal(facts, { coordination: { ...facts.goal.coordination, ...change } });
}

function withTodo(facts: Facts, now: Moment, todo: Todo, edit: (todo: Todo) => Todo): Facts {
  const todos = facts.todos[todo.role].map((one) => (one.todo_id === todo.todo_id ? edit(one) : one));
  return withTouchedState({ ...facts, todos: { ...facts.todos, [todo.role]: todos } }, now);
}

/** Every write to the state is a change that no earlier run has seen (FIL-50). */
function withTouchedState(facts: Facts, now: Moment): Facts {
  return facts.state === null ? facts : { ...facts, state: { ...facts.state, sha256_16: "", updated_at: instantText(now.ms, now) } };
}
