/**
 * What arbitrary facts are drawn from: choices and distances in time, so that the same goal can be built at another now
 * or in another zone. `facts-arbitrary.ts` makes facts of a draw.
 */
import fc from "fast-check";
import type { Todo, TodoMetadata } from "../domain/goal-state/todo.ts";
import type { Run } from "../domain/run/history.ts";
import type { Moment } from "../domain/time.ts";
import { formatInstant } from "../domain/time.ts";
import { agentTodo, runFact, userTodo } from "./facts.ts";

export type At<T> = (now: Moment) => T;

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

/** A run with that classification, some minutes ago. */
export const runAt =
  (classification: string, minutes: number, record: Record<string, unknown> = {}): At<Run> =>
  (now: Moment) => {
    const at_ms = now.ms - minutes * 60_000;
    const generated_at = formatInstant({ ms: at_ms, offset_minutes: now.offset_minutes }, "milliseconds");
    return runFact({ classification, at_ms, generated_at, run_id: `run_${String(minutes)}`, record });
  };

const runArbitrary: fc.Arbitrary<At<Run>> = fc
  .record({
    classification: fc.constantFrom(...CLASSIFICATIONS),
    minutes: fc.integer({ min: 0, max: 3_000 }),
    outcome: optional(fc.constantFrom("surface_only", "outcome_gap", "outcome_progress", "nonsense"), 2),
    command: optional(fc.constant("loopx read-only-map --goal-id project-goal --dry-run")),
    hash: optional(fc.constantFrom("0123456789abcdef", "fedcba9876543210"), 2),
  })
  .map(({ classification, minutes, outcome, command, hash }) =>
    runAt(
      classification,
      minutes,
      definedOnly({
        delivery_outcome: outcome,
        operator_gate: command === undefined ? undefined : { gate: "g", agent_command: command },
        state: hash === undefined ? undefined : { sha256_16: hash },
      }),
    ),
  );

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

/** One goal in every respect, each drawn by itself. */
export const drawArbitrary = fc.record({
  goal: goalArbitrary,
  agent_id: orNull(fc.constantFrom(...AGENTS, ...AGENTS, ...AGENTS, "ghost"), 6),
  workspace: fc.constantFrom(null, null, null, "independent_worktree", "primary_checkout"),
  agentTodos: agentTodosArbitrary,
  user: fc.array(userTodoArbitrary, { maxLength: 2 }),
  runs: fc.array(runArbitrary, { maxLength: 5 }),
  artifactMissing: fc.nat({ max: 19 }).map((n) => n === 0),
  health: fc.constantFrom<string | null>(...Array.from({ length: 100 }, () => null), ...FINDING_CODES),
  badLine: fc.nat({ max: 19 }).map((n) => n === 0),
  scan: fc.nat({ max: 39 }).map((n) => Math.max(0, n - 37)),
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
export type Draw = typeof drawArbitrary extends fc.Arbitrary<infer Value> ? Value : never;
