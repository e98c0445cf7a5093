/**
 * Facts of a healthy goal, for tests of everything that decides or projects. Say only what differs:
 * `goalFacts({ agent: [agentTodo({ text: "[P1] Implement the parser" })] })`.
 */
import type { GoalEntry } from "../domain/goal/entry.ts";
import { DEFAULT_EXECUTION_PROFILE } from "../domain/goal/execution-profile.ts";
import type { Todo, TodoMetadata, TodoRole } from "../domain/goal-state/todo.ts";
import type { Facts } from "../domain/quota/facts.ts";
import type { HumanReward, Run } from "../domain/run/history.ts";
import type { Moment } from "../domain/time.ts";
import { formatInstant } from "../domain/time.ts";

/** 2026-11-21T10:00:00+08:00. */
export const TEST_NOW: Moment = { ms: Date.UTC(2026, 10, 21, 2), offset_minutes: 480 };

const HOUR_MS = 3_600_000;

/** An instant that many hours from the test's now, as a document writes it. */
export function hoursFromNow(hours: number): string {
  return formatInstant({ ms: TEST_NOW.ms + hours * HOUR_MS, offset_minutes: TEST_NOW.offset_minutes }, "seconds");
}

export type GoalOverrides = Partial<Omit<GoalEntry, "coordination" | "attention" | "execution_profile">> & {
  coordination?: Partial<GoalEntry["coordination"]>;
  attention?: Partial<GoalEntry["attention"]>;
  execution_profile?: Partial<GoalEntry["execution_profile"]>;
};

/** A connected generic goal without agents. */
export function goalEntry(over: GoalOverrides = {}): GoalEntry {
  return {
    id: "project-goal",
    domain: "project-goal-control-plane",
    status: "active",
    role: "controller",
    parent_goal_id: null,
    repo: "/srv/project",
    state_file: ".codex/goals/project-goal/ACTIVE_GOAL_STATE.md",
    authority_sources: [],
    adapter: { kind: "generic_project_goal_v0", status: "connected-delivery" },
    spawn_policy: { mode: "default", allowed: false, max_children: 3, allowed_domains: [] },
    quota: { compute: 1, window_hours: 24, slot_minutes: 1, allowed_slots: 1440 },
    boundary_authority: null,
    guards: ["Read-only by default.", "No production change without the user's approval.", "No private evidence in public commits."],
    next_probe: null,
    source_registry: null,
    synced_at: null,
    authority_source_count: 0,
    ...over,
    coordination: {
      write_scope: ["src/**", "docs/**"],
      claim_ttl_minutes: 30,
      requires_parent_approval: ["write", "publish", "production-action"],
      registered_agents: [],
      primary_agent: null,
      side_agent_handoff_agent: null,
      agent_profiles: [],
      ...over.coordination,
    },
    attention: {
      waiting_on: null,
      attention_status: null,
      operator_question: null,
      recommended_action: null,
      next_handoff_condition: null,
      ...over.attention,
    },
    execution_profile: { ...DEFAULT_EXECUTION_PROFILE, ...over.execution_profile },
  };
}

export type FactsOverrides = Partial<Omit<Facts, "goal" | "quota" | "runs" | "todos" | "state">> & {
  goal?: GoalOverrides | null;
  quota?: Partial<Facts["quota"]>;
  runs?: Partial<Facts["runs"]>;
  state?: Partial<NonNullable<Facts["state"]>> | null;
  user?: readonly Todo[];
  agent?: readonly Todo[];
  archived_ids?: readonly string[];
};

/** Facts of that goal: readable, unspent, no todos, no runs. */
export function goalFacts(over: FactsOverrides = {}): Facts {
  const { goal = {}, quota, runs, state = {}, user = [], agent = [], archived_ids = [], ...rest } = over;
  return {
    goal_id: "project-goal",
    registry_fault: null,
    registry_file: "/srv/project/.loopx/registry.json",
    registered: goal !== null,
    agent_id: null,
    workspace: null,
    leases: [],
    health: [],
    scan: [],
    invocation: { cli_bin: "loopx", registry: null, runtime_root: null },
    ...rest,
    goal: goal === null ? null : goalEntry(goal),
    quota: {
      compute: 1,
      window_hours: 24,
      slot_minutes: 1,
      allowed_slots: 1440,
      spent_slots: 0,
      remaining_slots: 1440,
      state: "eligible",
      window_start_ms: TEST_NOW.ms - 24 * HOUR_MS,
      spend_event_count: 0,
      void_event_count: 0,
      next_slot_at_ms: null,
      ...quota,
    },
    todos: { user: numbered(user), agent: numbered(agent), archived_ids: [...archived_ids] },
    runs: {
      status_run: null,
      status_run_artifact_missing: false,
      graded: [],
      judged: [],
      unaccepted_bad_lines: [],
      accepted_bad_line_count: 0,
      index_file: "/srv/runtime/goals/project-goal/runs/index.jsonl",
      run_count: 0,
      ...runs,
    },
    state:
      state === null
        ? null
        : {
            file: "/srv/project/.codex/goals/project-goal/ACTIVE_GOAL_STATE.md",
            sha256_16: "0123456789abcdef",
            updated_at: hoursFromNow(-24),
            next_action: [],
            ...state,
          },
  };
}

export type TodoOverrides = Partial<Omit<Todo, "metadata" | "role" | "index">> & { metadata?: TodoMetadata };

/** An open `[P1]` advancement todo of the agent. */
export function agentTodo(over: TodoOverrides = {}): Todo {
  return todo("agent", "advancement_task", { todo_id: "todo_ag0001", text: "[P1] Implement the parser", ...over });
}

/** An open user todo without a class: it gates. */
export function userTodo(over: TodoOverrides = {}): Todo {
  return todo("user", null, { todo_id: "todo_us0001", text: "[P1] Confirm the owner name", ...over });
}

function todo(role: TodoRole, task_class: Todo["task_class"], over: TodoOverrides & { todo_id: string; text: string }): Todo {
  const prefix = /^\[(P[0-4])\] /.exec(over.text);
  const priority = (prefix?.[1] as Todo["priority"] | undefined) ?? null;
  return {
    explicit_id: true,
    role,
    index: 1,
    section: role === "user" ? "User Todo" : "Agent Todo",
    line: 10,
    status: "open",
    title: prefix === null ? over.text : over.text.slice(prefix[0].length),
    priority,
    rank: priority === null ? 50 : Number(priority.slice(1)),
    task_class,
    ...over,
    metadata: { ...over.metadata },
  };
}

function numbered(todos: readonly Todo[]): Todo[] {
  return todos.map((one, at) => ({ ...one, index: at + 1, line: 10 + at * 2 }));
}

export type RunOverrides = Partial<Run> & { hours_ago?: number; rewards?: readonly HumanReward[] };

/** A run of one hour ago with both artifacts. `record` holds what its index line has besides. */
export function runFact({ hours_ago = 1, rewards = [], record = {}, ...over }: RunOverrides = {}): Run {
  const at_ms = TEST_NOW.ms - hours_ago * HOUR_MS;
  const generated_at = formatInstant({ ms: at_ms, offset_minutes: TEST_NOW.offset_minutes }, "milliseconds");
  const line = { generated_at, classification: "state_refreshed", recommended_action: "continue", health_check: "ok", ...over };
  return {
    run_id: `run_${String(at_ms)}`,
    at_ms,
    ordinal: 1,
    json_path: "/srv/runtime/goals/project-goal/runs/run-000.json",
    markdown_path: "/srv/runtime/goals/project-goal/runs/run-000.md",
    agent_id: null,
    human_rewards: [...rewards],
    ...line,
    record: { ...line, ...record },
  };
}

/** Facts with these runs, newest first: the first is the status run, all of them count for the streaks. */
export function graded(...runs: readonly Run[]): Facts["runs"] {
  return { ...goalFacts().runs, status_run: runs[0] ?? null, graded: [...runs], run_count: runs.length };
}
