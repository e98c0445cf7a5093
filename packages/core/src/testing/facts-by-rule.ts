/** For each rule the least that makes it answer: a starting point for tests of verdicts, prompts and packets. */
import { DEFAULT_EXECUTION_PROFILE } from "../domain/goal/execution-profile.ts";
import type { RuleName } from "../domain/quota/answers.ts";
import { agentTodo, goalFacts, graded, hoursFromNow, runFact, userTodo } from "./facts.ts";
import type { FactsOverrides } from "./facts.ts";

/** Coordination of a goal with these agents; the first is the primary. */
export const agents = (...ids: string[]) => ({ registered_agents: ids, primary_agent: ids[0] ?? null });
export const finding = (code: string, severity: "error" | "warning" = "error") => ({ code, severity, message: `${code} in registry.json` });
/** Runs of a goal whose status run has that classification. */
export const ranAs = (classification: string, record = {}) => ({ ...goalFacts().runs, status_run: runFact({ classification, record }) });
const planned = { adapter: { kind: "big_read_only_map_v0", status: "planned" } };
export const mapped = { adapter: { kind: "read_only_project_map_v0", status: "connected-read-only" } };
/** Three runs in a row that moved no outcome: the floor is tripped. */
export const surface = graded(
  runFact({ classification: "forecast_c", hours_ago: 1 }),
  runFact({ classification: "runbook_b", hours_ago: 2 }),
  runFact({ classification: "queue_fields_a", hours_ago: 3 }),
);
const noOutcomeNamed = { execution_profile: { outcome_floor: { ...DEFAULT_EXECUTION_PROFILE.outcome_floor, must_advance: [] } } };
export const monitor = (metadata = {}, text = "[P1] Watch the nightly dashboard") =>
  agentTodo({ todo_id: "todo_mon001", text, task_class: "continuous_monitor", metadata });
export const spent = { spent_slots: 2, allowed_slots: 2, remaining_slots: 0, state: "throttled" as const };

export const FACTS_BY_RULE: Readonly<Record<RuleName, FactsOverrides>> = {
  registry_unreadable: { registry_fault: finding("registry_invalid"), goal: null },
  goal_not_found: { goal: null },
  paused: { quota: { state: "paused", compute: 0, allowed_slots: 0, remaining_slots: 0 }, agent: [agentTodo()], user: [userTodo()] },
  agent_not_registered: { goal: { coordination: agents("main") }, agent_id: "ghost" },
  contract_broken: { health: [finding("state_file_missing")] },
  boundary_scan_hit: { scan: [finding("boundary_hit")] },
  health_blocked: { runs: ranAs("blocked_by_safety"), goal: { attention: { waiting_on: "codex" } } },
  identity_required: { goal: { coordination: agents("main", "side") } },
  user_gate: { user: [userTodo()], agent: [agentTodo()] },
  registry_gate: { goal: { attention: { waiting_on: "controller" } } },
  map_opt_in: { goal: planned },
  run_gate: { runs: ranAs("operator_gate_deferred") },
  adapter_not_connected: { goal: { adapter: { kind: "generic_project_goal_v0", status: "planned" } } },
  throttled: { quota: spent, agent: [agentTodo()] },
  workspace_guard: {
    goal: { coordination: agents("main", "side") },
    agent_id: "side",
    workspace: "primary_checkout",
    agent: [agentTodo()],
  },
  external_evidence_registered: { goal: { attention: { waiting_on: "external_evidence" } } },
  approved_command: {
    runs: ranAs("operator_gate_approved", { operator_gate: { gate: "g", agent_command: "loopx read-only-map --goal-id g1 --dry-run" } }),
  },
  first_map: { goal: mapped },
  outcome_floor: { runs: surface, agent: [agentTodo()] },
  outcome_floor_unavailable: { runs: surface, agent: [agentTodo()], goal: noOutcomeNamed },
  due_monitor: { agent: [monitor({ next_due_at: hoursFromNow(-1) }), agentTodo({ text: "[P2] Implement y" })] },
  gates_block_all: { user: [userTodo({ metadata: { unblocks_todo_id: "todo_ag0001" } })], agent: [agentTodo()] },
  agent_scope_wait: {
    goal: { coordination: agents("main", "side") },
    agent_id: "side",
    agent: [agentTodo({ metadata: { claimed_by: "main", claimed_at: hoursFromNow(-0.1) } })],
  },
  boundary_gap: { agent: [agentTodo({ metadata: { required_write_scopes: ["infra/**"] } })] },
  gate_fallback: {
    user: [userTodo({ metadata: { unblocks_todo_id: "todo_ag0001" } })],
    agent: [agentTodo(), agentTodo({ todo_id: "todo_ag0002", text: "[P2] Other" })],
  },
  advance_todo: { agent: [agentTodo()] },
  external_evidence_run: { runs: ranAs("await_eval_numbers") },
  blockers_only: { agent: [agentTodo({ task_class: "blocker" })] },
  monitor_quiet: { agent: [monitor()] },
  agent_scope_exhausted: { goal: { coordination: agents("main", "side") }, agent_id: "side" },
  projection_gap: { state: { next_action: ["Write the parser"] } },
  mapped_noop: { goal: mapped, runs: ranAs("read_only_project_map") },
  steering_audit: {},
  nothing_to_do: { goal: { adapter: { kind: "generic_project_goal_v0", status: "read-only-map-ready" } } },
};
