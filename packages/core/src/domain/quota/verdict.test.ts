import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { FACTS_BY_RULE, finding, mapped, monitor, ranAs, spent, surface } from "../../testing/facts-by-rule.ts";
import { TEST_NOW, agentTodo, goalFacts, hoursFromNow, runFact, userTodo } from "../../testing/facts.ts";
import type { FactsOverrides } from "../../testing/facts.ts";
import { LOCALES } from "../locale/locale.ts";
import { RULE_NAMES } from "./answers.ts";
import { printedBytes, VERDICT_BUDGET_BYTES } from "./budget.ts";
import { decide } from "./decide.ts";
import { exitCodeOf } from "./exit-code.ts";
import { errorOf } from "./verdict-error.ts";
import { VerdictSchema } from "./verdict-schema.ts";
import { verdictOf } from "./verdict.ts";
import type { VerdictOptions } from "./verdict.ts";
import { PRIVATE_PATH } from "../../testing/private-texts.ts";

function ask(over: FactsOverrides, options: Partial<VerdictOptions> = {}) {
  const facts = goalFacts(over);
  const decision = decide(facts, TEST_NOW);
  return {
    verdict: verdictOf(decision, facts, TEST_NOW, { locale: "en", ...options }),
    exit: exitCodeOf(decision, { exit_code: true }),
    error: errorOf(decision),
  };
}

const parser = runFact({ classification: "parser_implementation" });
const spentThree = { spent_slots: 3, remaining_slots: 1437 };

describe("the ten examples of DEC-50", () => {
  it("1: an open agent todo", () => {
    const { verdict, exit } = ask({ quota: spentThree, runs: { status_run: parser, run_count: 1 }, agent: [agentTodo()] });
    expect(verdict).toEqual({
      ok: true,
      schema_version: "loopx_quota_should_run_v1",
      goal_id: "project-goal",
      should_run: true,
      decision: "run",
      rule: "advance_todo",
      reason: "1 executable agent todo is open; 3 of 1440 slots spent in 24 h",
      state: "eligible",
      effective_action: "normal_run",
      waiting_on: "codex",
      status: "parser_implementation",
      severity: "action",
      recommended_action: "[P1] Implement the parser",
      selected_todo: {
        todo_id: "todo_ag0001",
        text: "[P1] Implement the parser",
        priority: "P1",
        task_class: "advancement_task",
        selected_by: "priority",
        claimed_by: null,
        claim_required_before_work: false,
      },
      quota: {
        compute: 1,
        window_hours: 24,
        slot_minutes: 1,
        allowed_slots: 1440,
        spent_slots: 3,
        remaining_slots: 1437,
        state: "eligible",
      },
      heartbeat_recommendation: {
        recommended_mode: "steering_audit_then_one_step",
        notify: "DONT_NOTIFY",
        reason: "Compare the open todos, then do one bounded step.",
        spend_policy: "spend_once_after_writeback",
      },
      execution_obligation: { must_attempt_work: true, kind: "normal_run", delivery_allowed: true, notify_is_execution_gate: false },
      goal_boundary: {
        adapter: { kind: "generic_project_goal_v0", status: "connected-delivery" },
        write_scope: ["src/**", "docs/**"],
        requires_parent_approval: ["write", "publish", "production-action"],
        guards: ["Read-only by default.", "No production change without the user's approval.", "No private evidence in public commits."],
        stop_condition: "Stop before private material, credentials, destructive git, production, or a write outside write_scope.",
        orchestration: null,
        minimum_scale: "multi_surface_or_implementation",
      },
      user_todos: { open_count: 0, next: [] },
      agent_todos: { open_count: 1, next: [{ todo_id: "todo_ag0001", text: "[P1] Implement the parser", task_class: "advancement_task" }] },
      execution_profile:
        "cadence=bounded_progress_segment; minimum_scale=multi_surface_or_implementation; include=coherent_artifact+targeted_validation+state_writeback; spend_rule=spend_only_after_artifact_validation_writeback; small=2; surface=3",
      requires_user_action: false,
      warnings: [],
      next_commands: {
        refresh:
          'loopx refresh-state --goal-id project-goal --classification "<PROGRESS>" --delivery-batch-scale "<SCALE>" --delivery-outcome "<OUTCOME>" --artifact "<PATH>" --validation "<CHECK AND RESULT>"',
        spend: "loopx quota spend-slot --goal-id project-goal --slots 1 --source heartbeat --execute",
      },
    });
    expect(exit).toBe(0);
  });

  const runs = ranAs("read_only_project_map");
  const examples: readonly [string, FactsOverrides, object, number][] = [
    [
      "2: a new read-only goal",
      { goal_id: "g1", goal: mapped },
      {
        rule: "first_map",
        status: "connected_without_run",
        heartbeat_recommendation: { notify: "NOTIFY", command: "loopx read-only-map --goal-id g1" },
        execution_obligation: { delivery_allowed: false },
        next_commands: { spend: null },
      },
      0,
    ],
    [
      "3: mapped, unchanged",
      { goal: mapped, runs },
      {
        should_run: false,
        decision: "skip",
        rule: "mapped_noop",
        effective_action: "quiet_noop_if_unchanged",
        waiting_on: "none",
        status: "read_only_project_map",
        severity: "watch",
        execution_obligation: { must_attempt_work: false },
        next_commands: { refresh: null, spend: null },
      },
      10,
    ],
    [
      "4: a plain user todo",
      { user: [userTodo()], agent: [agentTodo()] },
      {
        should_run: false,
        decision: "skip",
        rule: "user_gate",
        state: "operator_gate",
        waiting_on: "controller",
        status: "active_state_user_todo",
        recommended_action: "[P1] Confirm the owner name",
        heartbeat_recommendation: { notify: "NOTIFY" },
        requires_user_action: true,
        operator_question: expect.stringMatching(/\[P1\] Confirm the owner name.*agree, disagree, done or still open/),
        user_todos: { open_count: 1, next: [{ gates: true, task_class: "user_gate" }] },
      },
      11,
    ],
    [
      "5: a linked gate, other work free",
      FACTS_BY_RULE.gate_fallback,
      {
        decision: "safe_bypass_user_gate_fallback",
        rule: "gate_fallback",
        state: "operator_gate",
        status: "active_state_user_todo",
        heartbeat_recommendation: { notify: "NOTIFY" },
        requires_user_action: true,
        selected_todo: { todo_id: "todo_ag0002" },
        recommended_action: "[P2] Other",
      },
      0,
    ],
    [
      "6: paused",
      FACTS_BY_RULE.paused,
      { should_run: false, decision: "skip", rule: "paused", state: "paused", waiting_on: "none", quota: { state: "paused" } },
      12,
    ],
    [
      "7: the window is spent",
      { quota: { ...spent, next_slot_at_ms: TEST_NOW.ms + 3_600_000 }, agent: [agentTodo()] },
      {
        rule: "throttled",
        state: "throttled",
        effective_action: "throttled_skip",
        quota: { state: "throttled" },
        reason: "2/2 slots spent; the next frees at 2026-11-21T11:00:00+08:00",
      },
      12,
    ],
    [
      "8: monitors, none due",
      { agent: [monitor()] },
      { rule: "monitor_quiet", effective_action: "monitor_quiet_skip", waiting_on: "monitor_signal" },
      10,
    ],
    [
      "9: three surface runs",
      { runs: surface, agent: [agentTodo()] },
      {
        decision: "safe_bypass_recovery",
        rule: "outcome_floor",
        state: "focus_wait",
        effective_action: "outcome_floor_recovery",
        handoff_delivery_contract: { mode: "expand_after_repeated_small_delivery", post_handoff_outcome_gap_streak: 3 },
      },
      0,
    ],
    [
      "10: the state file is missing",
      {
        state: null,
        health: [
          { ...finding("state_file_missing"), message: "The goal state file does not exist.", file: "/srv/project/ACTIVE_GOAL_STATE.md" },
        ],
      },
      {
        ok: false,
        rule: "contract_broken",
        state: "blocked_health",
        status: "contract_check_failed",
        severity: "high",
        heartbeat_recommendation: { notify: "NOTIFY" },
        reason: "The goal state file does not exist. (/srv/project/ACTIVE_GOAL_STATE.md)",
      },
      13,
    ],
  ];
  it.each(examples)("%s", (_name, over, expected, exitCode) => {
    const { verdict, exit } = ask(over);
    expect(verdict).toMatchObject(expected);
    expect(exit).toBe(exitCode);
    expect(printedBytes(verdict)).toBeLessThanOrEqual(VERDICT_BUDGET_BYTES);
  });

  it("10: names its error", () => {
    expect(ask({ health: [finding("state_file_missing")] }).error).toMatchObject({
      code: "goal_unhealthy",
      message: expect.stringContaining("state_file_missing"),
      hint: "loopx connect --project /srv/project --goal-id project-goal",
    });
  });
});

describe.each(LOCALES)("every rule in %s", (locale) => {
  it.each(RULE_NAMES)("%s: valid, within the budget with what the output layer adds, each sentence complete", (name) => {
    const { verdict } = ask(FACTS_BY_RULE[name], { locale, reserve_bytes: 400 });
    expect(z.safeParse(VerdictSchema, verdict).error?.issues).toBeUndefined();
    expect(printedBytes(verdict)).toBeLessThanOrEqual(VERDICT_BUDGET_BYTES - 400);
    expect(JSON.stringify(verdict)).not.toMatch(/undefined|NaN|\[object/);
    const sentences = [verdict.reason, verdict.heartbeat_recommendation.reason, verdict.goal_boundary.stop_condition];
    for (const sentence of sentences) expect(/[\u4e00-\u9fff]/.test(sentence)).toBe(locale === "zh");
  });

  it.each(RULE_NAMES)("%s: --detail adds its keys and stays valid", (name) => {
    const { verdict } = ask(FACTS_BY_RULE[name], { locale, detail: true });
    expect(z.safeParse(VerdictSchema, verdict).error?.issues).toBeUndefined();
    expect(verdict.trace?.at(-1)).toEqual({ rule: name, matched: true });
  });
});

it("prints the keys in the order of DEC-50, absent ones absent", () => {
  const { verdict } = ask({ ...FACTS_BY_RULE.outcome_floor, user: [userTodo({ task_class: "user_action" })] });
  const order = Object.keys(VerdictSchema.shape);
  const keys = Object.keys(verdict);
  expect(keys).toEqual(order.filter((key) => keys.includes(key)));
  expect(keys).not.toContain("operator_question");
  expect(keys).not.toContain("agent_id");
});

it("gives exit codes with and without the flag (DEC-36)", () => {
  const codes = RULE_NAMES.map((name) => {
    const decision = decide(goalFacts(FACTS_BY_RULE[name]), TEST_NOW);
    return [name, exitCodeOf(decision, { exit_code: true }), exitCodeOf(decision, { exit_code: false })];
  });
  const odd = codes.filter(([, flagged, plain]) => flagged !== 0 || plain !== 0);
  expect(odd).toEqual([
    ["registry_unreadable", 2, 2],
    ["goal_not_found", 2, 2],
    ["paused", 12, 0],
    ["agent_not_registered", 2, 2],
    ["contract_broken", 13, 1],
    ["boundary_scan_hit", 13, 1],
    ["health_blocked", 13, 0],
    ["identity_required", 11, 0],
    ["user_gate", 11, 0],
    ["registry_gate", 11, 0],
    ["map_opt_in", 11, 0],
    ["run_gate", 11, 0],
    ["adapter_not_connected", 11, 0],
    ["throttled", 12, 0],
    ["outcome_floor_unavailable", 11, 0],
    ["gates_block_all", 11, 0],
    ["agent_scope_wait", 10, 0],
    ["blockers_only", 11, 0],
    ["monitor_quiet", 10, 0],
    ["agent_scope_exhausted", 10, 0],
    ["mapped_noop", 10, 0],
    ["nothing_to_do", 10, 0],
  ]);
});

it("an error stands beside a verdict exactly when ok is false (DEC-35)", () => {
  for (const name of RULE_NAMES) {
    const { verdict, error } = ask(FACTS_BY_RULE[name]);
    expect(error === null, name).toBe(verdict.ok);
  }
  expect(ask({ goal: null, registry_fault: finding("registry_missing") }).error?.code).toBe("registry_not_found");
  const file = `/srv/${"deep/".repeat(900)}STATE.md`;
  expect(ask({ health: [{ ...finding("too_large"), file }] }).error?.hint).toBe("loopx why --goal-id project-goal");
});

it("200 todos of 4,000 Chinese characters fit, with gates and warnings (DEC-51)", () => {
  const long = "把解析器的全部行为写成测试并逐条验证".repeat(230);
  const many = Array.from({ length: 200 }, (_, at) =>
    agentTodo({ todo_id: `todo_ag${String(at).padStart(4, "0")}`, text: `[P1] ${long}` }),
  );
  const gates = Array.from({ length: 200 }, (_, at) =>
    userTodo({ todo_id: `todo_us${String(at).padStart(4, "0")}`, text: long, metadata: { unblocks_todo_id: "todo_ag0000" } }),
  );
  const guards = Array.from({ length: 20 }, () => long);
  const scopes = Array.from({ length: 40 }, (_, at) => `packages/part-${String(at)}/src/**`);
  for (const locale of LOCALES) {
    for (const user of [gates, [userTodo({ text: long })]]) {
      const { verdict } = ask(
        { user, agent: many, runs: surface, goal: { guards, coordination: { write_scope: scopes } } },
        { locale, reserve_bytes: 400 },
      );
      expect(printedBytes(verdict)).toBeLessThanOrEqual(VERDICT_BUDGET_BYTES - 400);
      expect(z.safeParse(VerdictSchema, verdict).success).toBe(true);
    }
  }
});

it("names registry and runtime root in every command it prints (HBT-11)", () => {
  const invocation = { cli_bin: "loopx-canary", registry: "/srv/my project/registry.json", runtime_root: "/srv/rt" };
  const prefix = "loopx-canary --registry '/srv/my project/registry.json' --runtime-root /srv/rt ";
  const { verdict } = ask({ agent: [agentTodo()], invocation });
  expect(verdict.next_commands.refresh?.startsWith(prefix)).toBe(true);
  expect(verdict.next_commands.spend?.startsWith(prefix)).toBe(true);
  expect(ask({ goal: mapped, invocation }).verdict.heartbeat_recommendation.command?.startsWith(prefix)).toBe(true);
});

it("redacts texts from files and never the approved command", () => {
  const { verdict } = ask({ agent: [agentTodo({ text: `[P1] Read ${PRIVATE_PATH}` })] });
  expect(verdict.recommended_action).toContain("<redacted:local_private_path>");
  expect(JSON.stringify(verdict)).not.toContain("alice");
  const approved = ranAs("operator_gate_approved", { operator_gate: { gate: "g", agent_command: `cat ${PRIVATE_PATH}` } });
  expect(ask({ runs: approved }).verdict.agent_command).toBe(`cat ${PRIVATE_PATH}`);
});

describe("where the goal stands (DEC-38)", () => {
  it.each([
    [
      "the registry's word while it waits",
      { goal: { attention: { waiting_on: "codex", attention_status: "owner_review" } }, runs: ranAs("forecast") },
      "owner_review",
    ],
    [
      "the run's word when the registry waits for nobody",
      { goal: { attention: { attention_status: "owner_review" } }, runs: ranAs("forecast") },
      "forecast",
    ],
    ["a missing artifact", { runs: { ...ranAs("forecast"), status_run_artifact_missing: true } }, "run_artifact_missing"],
    [
      "a planned goal's own word",
      { goal: { status: "planned-high-complexity", adapter: { kind: "big_read_only_map_v0", status: "planned" } } },
      "planned-high-complexity",
    ],
    ["planned", { goal: { adapter: { kind: "big_read_only_map_v0", status: "planned" } } }, "planned"],
    ["no run", { goal: { adapter: { kind: "x", status: "odd" } } }, "no_run"],
    ["no goal", { goal: null }, "goal_not_found"],
    ["a foreign agent", FACTS_BY_RULE.agent_not_registered, "quota_collection_failed"],
  ] as const)("%s", (_name, over, status) => {
    expect(ask(over as FactsOverrides).verdict.status).toBe(status);
  });
});

describe("warnings (DEC-52)", () => {
  const codes = (over: FactsOverrides) => ask(over, { detail: true }).verdict.warnings.map((one) => one.code);

  it("stand in the order of the table, and change nothing else", () => {
    const goal = { coordination: { registered_agents: ["side", "other"], primary_agent: null } };
    const closed = Array.from({ length: 13 }, (_, at) => agentTodo({ todo_id: `todo_done${String(at)}`, status: "done" }));
    const claim = (claimed_by: string) => ({ claimed_by, claimed_at: hoursFromNow(-5) });
    const lesson = { kind: "route", summary: "s", avoid: ["implement the parser"], prefer: ["test first"] };
    const rewards = [{ recorded_at: hoursFromNow(-1), decision: "d", reward: "mixed", reason_summary: "r", lesson }];
    const gap = runFact({ classification: "forecast_c", rewards, hours_ago: 2 });
    const over: FactsOverrides = {
      goal,
      agent_id: "side",
      state: { updated_at: hoursFromNow(0) },
      runs: { status_run: gap, graded: [gap], judged: [gap], accepted_bad_line_count: 1 },
      quota: { spent_slots: 0, allowed_slots: 1440 },
      health: [finding("todo_marker_differs", "warning"), { ...finding("quota_value_clamped", "warning"), key: "compute" }],
      user: [userTodo({ task_class: "user_action" })],
      agent: [
        agentTodo(),
        agentTodo({ todo_id: "todo_stale", text: "[P2] Stale", metadata: claim("other") }),
        agentTodo({ todo_id: "todo_void", text: "[P2] Void", metadata: claim("ghost") }),
        agentTodo({ todo_id: "todo_wide", text: "[P2] Wide", metadata: { required_write_scopes: ["infra/**"] } }),
        agentTodo({
          todo_id: "todo_mon",
          text: "[P2] Watch",
          task_class: "continuous_monitor",
          metadata: { expires_at: hoursFromNow(-1) },
        }),
        ...closed,
      ],
    };
    expect(codes(over)).toEqual([
      "reward_lesson_projection_warning",
      "outcome_followthrough_required",
      "stale_latest_run_warning",
      "claim_stale",
      "claim_unregistered",
      "primary_agent_missing",
      "boundary_scope_missing",
      "monitor_expired",
      "quota_value_clamped",
      "history_line_accepted",
      "completed_todo_archive_warning",
      "todo_marker_differs",
    ]);
    expect(ask(over).verdict.rule).toBe("advance_todo");
  });

  it("name a dangling and a conflicting gate", () => {
    expect(
      codes({
        user: [
          userTodo({ metadata: { unblocks_todo_id: "todo_nowhere" } }),
          userTodo({ todo_id: "todo_us2", metadata: { global_gate: true, blocks_agent: "x" } }),
        ],
      }),
    ).toEqual(["gate_link_dangling", "gate_scope_conflict"]);
  });

  it("say that 0 slots means none", () => {
    expect(codes({ quota: { allowed_slots: 0, remaining_slots: 0, state: "throttled" } })).toEqual(["allowed_slots_zero"]);
  });

  it("are silent about a goal without agents, a state older than its run, and notes", () => {
    const info = { ...finding("timestamp_without_zone", "warning"), severity: "info" as const };
    expect(
      codes({ runs: ranAs("read_only_project_map"), agent: [agentTodo({ metadata: { claimed_by: "codex" } })], health: [info] }),
    ).toEqual([]);
  });
});
