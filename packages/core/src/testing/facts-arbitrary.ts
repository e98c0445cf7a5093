/**
 * Arbitrary facts for property tests, every rule of the verdict among them. A draw is made of choices and distances
 * in time, so that the same goal can be built at another now or in another zone.
 */
import fc from "fast-check";
import type { Todo, TodoMetadata } from "../domain/goal-state/todo.ts";
import type { Facts } from "../domain/quota/facts.ts";
import type { Run } from "../domain/run/history.ts";
import type { Moment } from "../domain/time.ts";
import { formatInstant } from "../domain/time.ts";
import { agentTodo, goalFacts, runFact, userTodo } from "./facts.ts";

/** Builds the drawn facts as they are at that moment. */
export type FactsAt = (now: Moment) => Facts;
type At<T> = (now: Moment) => T;

const AGENTS = ["main", "side", "third"];
const TODO_IDS = ["todo_aa1", "todo_aa1", "todo_aa1", "todo_aa2", "todo_aa2", "todo_aa3", "todo_us1", "todo_old", "todo_nowhere"];
const CLASSIFICATIONS = [
  "state_refreshed",
  "read_only_project_map",
  "operator_gate_approved",
  "operator_gate_deferred",
  "needs_human_reward",
  "await_numbers",
  "blocked_by_safety",
  "forecast_c",
  "runbook_b",
  "queue_fields_a",
  "experiment_result",
  "parser_batch",
];
const SCOPES = ["src/**", "docs/**", "infra/**", "src/a.ts"];
const DECISION_SCOPES = ["direction:lane:parser", "direction:goal:*", "production:action:deploy", "nonsense"];

const optional = <T>(value: fc.Arbitrary<T>, freq = 3) => fc.option(value, { nil: undefined, freq });
const orNull = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: null, freq });
/** An instant some minutes from now, in that moment's own zone. */
const instant = (): fc.Arbitrary<At<string>> =>
  fc
    .integer({ min: -3_000, max: 3_000 })
    .map((minutes) => (now: Moment) => formatInstant({ ms: now.ms + minutes * 60_000, offset_minutes: now.offset_minutes }, "seconds"));

const textArbitrary = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("[P0] First", "[P1] Implement the parser", "[P1] 把解析器写完并验证", "[P2] Later", "No priority"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 400 }) },
);

interface MetadataDraw {
  readonly claimed_by: string | undefined;
  readonly claimed_at: At<string> | undefined;
  readonly next_due_at: At<string> | undefined;
  readonly expires_at: At<string> | undefined;
  readonly fixed: TodoMetadata;
}

const metadataArbitrary: fc.Arbitrary<MetadataDraw> = fc.record({
  claimed_by: optional(fc.constantFrom(...AGENTS, "ghost")),
  claimed_at: optional(instant()),
  next_due_at: optional(instant()),
  expires_at: optional(instant(), 2),
  fixed: fc
    .record({
      required_write_scopes: optional(fc.uniqueArray(fc.constantFrom(...SCOPES), { maxLength: 2 }), 2),
      required_decision_scopes: optional(fc.uniqueArray(fc.constantFrom(...DECISION_SCOPES), { maxLength: 2 }), 2),
      blocks_agent: optional(fc.constantFrom(...AGENTS, "ghost"), 2),
      cadence: optional(fc.constantFrom("30m", "2h", "0m", "often")),
    })
    .map(definedOnly),
});

const linksArbitrary: fc.Arbitrary<TodoMetadata> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TODO_IDS).map((unblocks_todo_id) => ({ unblocks_todo_id })) },
  { weight: 2, arbitrary: fc.constantFrom(...DECISION_SCOPES).map((decision_scope) => ({ decision_scope })) },
  { weight: 1, arbitrary: fc.constantFrom(...AGENTS, "ghost").map((blocks_agent) => ({ blocks_agent })) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        global_gate: optional(fc.boolean()),
        blocks_agent: optional(fc.constantFrom(...AGENTS)),
        unblocks_todo_id: optional(fc.constantFrom(...TODO_IDS)),
      })
      .map(definedOnly),
  },
);

function definedOnly<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function metadataAt({ claimed_by, claimed_at, next_due_at, expires_at, fixed }: MetadataDraw, now: Moment): TodoMetadata {
  return {
    ...fixed,
    ...definedOnly({ claimed_by, claimed_at: claimed_at?.(now), next_due_at: next_due_at?.(now), expires_at: expires_at?.(now) }),
  };
}

const statusArbitrary = fc.constantFrom<Todo["status"][]>("open", "open", "open", "done", "blocked", "deferred");

/** Up to four agent todos with distinct ids. */
const agentTodosArbitrary: fc.Arbitrary<At<Todo[]>> = fc
  .array(
    fc.record({
      text: textArbitrary,
      status: statusArbitrary,
      task_class: fc.constantFrom<Todo["task_class"][]>(
        "advancement_task",
        "advancement_task",
        "advancement_task",
        "continuous_monitor",
        "blocker",
        "user_gate",
        "user_action",
      ),
      metadata: metadataArbitrary,
    }),
    { maxLength: 4 },
  )
  .map(
    (draws) => (now: Moment) =>
      draws.map(({ metadata, ...draw }, at) =>
        agentTodo({ ...draw, todo_id: `todo_aa${String(at + 1)}`, metadata: metadataAt(metadata, now) }),
      ),
  );

/** A user todo that gates, or informs, with any links. */
export const userTodoArbitrary: fc.Arbitrary<Todo> = fc
  .record({
    text: textArbitrary,
    status: statusArbitrary,
    task_class: fc.constantFrom<Todo["task_class"][]>(null, "user_gate", "user_action", "continuous_monitor"),
    metadata: linksArbitrary,
  })
  .map((draw) => userTodo(draw));

const runArbitrary: fc.Arbitrary<At<Run>> = fc
  .record({
    classification: fc.constantFrom(...CLASSIFICATIONS),
    minutes: fc.integer({ min: 0, max: 3_000 }),
    outcome: optional(fc.constantFrom("surface_only", "outcome_gap", "outcome_progress", "nonsense"), 2),
    command: optional(fc.constant("loopx read-only-map --goal-id project-goal --dry-run")),
    hash: optional(fc.constantFrom("0123456789abcdef", "fedcba9876543210"), 2),
  })
  .map(({ classification, minutes, outcome, command, hash }) => (now: Moment) => {
    const at_ms = now.ms - minutes * 60_000;
    const generated_at = formatInstant({ ms: at_ms, offset_minutes: now.offset_minutes }, "milliseconds");
    const record = definedOnly({
      delivery_outcome: outcome,
      operator_gate: command === undefined ? undefined : { gate: "g", agent_command: command },
      state: hash === undefined ? undefined : { sha256_16: hash },
    });
    return runFact({ classification, at_ms, generated_at, run_id: `run_${String(minutes)}`, record });
  });

const goalArbitrary = fc.record({
  status: fc.constantFrom("active", "active", "planned-high-complexity"),
  adapter: fc.record({
    kind: fc.constantFrom("generic_project_goal_v0", "read_only_project_map_v0", "big_read_only_map_v0"),
    status: fc.constantFrom(
      "connected-delivery",
      "connected-delivery",
      "connected-delivery",
      "connected",
      "connected-read-only",
      "read-only-map-ready",
      "planned",
      "odd",
    ),
  }),
  waiting_on: fc.constantFrom(
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    "codex",
    "codex",
    "controller",
    "user_or_controller",
    "external_evidence",
  ),
  agents: fc.constantFrom([], [], [], ["main", "side"], ["main", "side", "third"], ["main", "side", "third"]),
  primary: fc.constantFrom(null, "main", "main", "ghost"),
  write_scope: fc.uniqueArray(fc.constantFrom(...SCOPES), { maxLength: 3 }),
  must_advance: fc.constantFrom(["primary_goal_outcome"], ["primary_goal_outcome"], []),
});

const FINDING_CODES = [
  "state_file_missing",
  "state_file_unreadable",
  "goal_field_missing",
  "state_file_shared",
  "goal_id_duplicate",
  "repo_missing",
  "history_unreadable",
  "waiting_on_unknown",
  "too_large",
];

/** One goal in every respect; `calm` leaves the decision to its todos, which elsewhere seldom have a say. */
const recordArbitrary = fc.record({
  calm: fc.boolean(),
  goal: goalArbitrary,
  agent_id: orNull(fc.constantFrom(...AGENTS, ...AGENTS, ...AGENTS, "ghost"), 6),
  workspace: fc.constantFrom(null, null, null, "independent_worktree", "primary_checkout"),
  agentTodos: agentTodosArbitrary,
  user: fc.array(userTodoArbitrary, { maxLength: 2 }),
  runs: fc.array(runArbitrary, { maxLength: 5 }),
  artifactMissing: fc.nat({ max: 19 }).map((n) => n === 0),
  health: fc.constantFrom<string | null>(...Array.from({ length: 100 }, () => null), ...FINDING_CODES),
  badLine: fc.nat({ max: 19 }).map((n) => n === 0),
  quota: fc.record({
    allowed: fc.constantFrom(0, 2, 1440, 1440, 1440, 1440),
    spent: fc.constantFrom(0, 0, 0, 1, 2),
    paused: fc.nat({ max: 19 }).map((n) => n === 0),
  }),
  leases: fc.array(
    fc.record({
      todo_id: fc.constantFrom("todo_aa1", "todo_aa2"),
      holder: fc.constantFrom(...AGENTS, "ghost"),
      minutes: fc.integer({ min: -60, max: 60 }),
    }),
    { maxLength: 2 },
  ),
  updated: fc.integer({ min: -3_000, max: 0 }),
  next_action: fc.constantFrom([], [], ["Write the parser"]),
});
type Draw = typeof recordArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

function calmed(draw: Draw): Draw {
  const goal = { ...draw.goal, waiting_on: null, adapter: { kind: "generic_project_goal_v0", status: "connected-delivery" } } as const;
  const agent_id = draw.goal.agents.length === 0 ? null : draw.agent_id === "third" || draw.agent_id === "side" ? draw.agent_id : "main";
  const quota = { allowed: 1440, spent: 1, paused: false } as const;
  return {
    ...draw,
    goal,
    agent_id,
    quota,
    runs: draw.runs.slice(3),
    artifactMissing: false,
    health: null,
    badLine: false,
    workspace: null,
  };
}

/** Facts of any goal that a store could give. */
export const factsArbitrary: fc.Arbitrary<FactsAt> = recordArbitrary.map(
  (draw) => (now: Moment) => factsOf(draw.calm ? calmed(draw) : draw, now),
);

function factsOf(draw: Draw, now: Moment): Facts {
  const { goal, quota } = draw;
  const runs = draw.runs.map((run) => run(now)).toSorted((a, b) => (b.at_ms ?? 0) - (a.at_ms ?? 0));
  const state = quota.paused ? "paused" : quota.spent >= quota.allowed ? "throttled" : "eligible";
  const facts = goalFacts({
    agent_id: draw.agent_id,
    workspace: draw.workspace,
    goal: {
      status: goal.status,
      adapter: goal.adapter,
      attention: { waiting_on: goal.waiting_on as "codex" | null },
      coordination: { registered_agents: [...goal.agents], primary_agent: goal.primary, write_scope: goal.write_scope },
    },
    agent: draw.agentTodos(now),
    user: draw.user.map((todo, at) => ({ ...todo, todo_id: `todo_us${String(at + 1)}` })),
    archived_ids: ["todo_old"],
    health:
      draw.health === null
        ? []
        : [{ code: draw.health, severity: "error", message: `${draw.health} in the registry`, goal_ids: ["project-goal", "other"] }],
    quota: {
      compute: quota.paused ? 0 : 1,
      allowed_slots: quota.allowed,
      spent_slots: quota.spent,
      remaining_slots: Math.max(0, quota.allowed - quota.spent),
      state,
      next_slot_at_ms: quota.spent > 0 ? now.ms + 60_000 : null,
    },
    runs: {
      status_run: runs[0] ?? null,
      status_run_artifact_missing: runs.length > 0 && draw.artifactMissing,
      graded: runs.filter((run) => !/^(operator_|needs_|await_|blocked_|state_|read_)/.test(run.classification)),
      unaccepted_bad_lines: draw.badLine ? [{ line: 7, offset: 120 }] : [],
      run_count: runs.length,
    },
    state: {
      next_action: [...draw.next_action],
      updated_at: formatInstant({ ms: now.ms + draw.updated * 60_000, offset_minutes: now.offset_minutes }, "seconds"),
    },
    leases: draw.leases.map(({ minutes, ...lease }) => ({ ...lease, expires_at_ms: now.ms + minutes * 60_000 })),
  });
  const profile = facts.goal?.execution_profile;
  if (facts.goal === null || profile === undefined) return facts;
  return {
    ...facts,
    goal: {
      ...facts.goal,
      execution_profile: { ...profile, outcome_floor: { ...profile.outcome_floor, must_advance: [...goal.must_advance] } },
    },
  };
}
