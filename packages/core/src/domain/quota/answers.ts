/**
 * The 34 rules by name, in order, and what each of them answers (DEC section 3, DEC-30). The table is the only place
 * that knows the words of an answer; a new rule does not compile without its row.
 */
export const RULE_NAMES = [
  "registry_unreadable",
  "goal_not_found",
  "paused",
  "agent_not_registered",
  "contract_broken",
  "boundary_scan_hit",
  "health_blocked",
  "identity_required",
  "user_gate",
  "registry_gate",
  "map_opt_in",
  "run_gate",
  "adapter_not_connected",
  "throttled",
  "workspace_guard",
  "external_evidence_registered",
  "approved_command",
  "first_map",
  "outcome_floor",
  "outcome_floor_unavailable",
  "due_monitor",
  "gates_block_all",
  "agent_scope_wait",
  "boundary_gap",
  "gate_fallback",
  "advance_todo",
  "external_evidence_run",
  "blockers_only",
  "monitor_quiet",
  "agent_scope_exhausted",
  "projection_gap",
  "mapped_noop",
  "steering_audit",
  "nothing_to_do",
] as const;
/** A rule of the verdict, by name. */
export type RuleName = (typeof RULE_NAMES)[number];

/** The kinds of decision, as `decision` says them. */
export const DECISION_KINDS = [
  "run",
  "skip",
  "observe",
  "self_repair",
  "workspace_guard",
  "agent_scope_wait",
  "agent_scope_exhausted",
  "automation_prompt_upgrade",
  "safe_bypass_recovery",
  "safe_bypass_user_gate_fallback",
] as const;
/** The states a goal's decision puts it in; they are the groups of `quota status`. */
export const GOAL_STATES = [
  "blocked_health",
  "operator_gate",
  "focus_wait",
  "eligible",
  "waiting",
  "throttled",
  "paused",
  "unknown",
] as const;
export const EFFECTIVE_ACTIONS = [
  "blocked_health",
  "quota_skip",
  "automation_prompt_upgrade_required",
  "operator_gate_notify",
  "throttled_skip",
  "side_agent_workspace_repair",
  "external_evidence_observe",
  "normal_run",
  "outcome_floor_recovery",
  "blocked_wait",
  "agent_scope_wait",
  "boundary_projection_repair",
  "scoped_user_gate_fallback",
  "monitor_quiet_skip",
  "agent_scope_exhausted",
  "state_projection_gap_repair",
  "quiet_noop_if_unchanged",
] as const;
/** Who has to act. */
export const WAITING_PARTIES = ["codex", "user_or_controller", "controller", "external_evidence", "monitor_signal", "none"] as const;
export const RECOMMENDED_MODES = [
  "repair_control_plane_health",
  "quota_skip",
  "automation_prompt_upgrade",
  "ask_operator_gate",
  "side_agent_workspace_repair",
  "external_evidence_observe_or_blocker",
  "run_agent_command",
  "run_first_read_only_map",
  "outcome_floor_recovery",
  "report_handoff_outcome_blocker",
  "attempt_due_monitor",
  "agent_scope_wait",
  "repair_boundary_projection",
  "scoped_user_gate_fallback",
  "steering_audit_then_one_step",
  "blocker_push_notify",
  "monitor_quiet_until_material_transition",
  "agent_scope_exhausted",
  "repair_state_projection_gap",
  "mapped_noop_if_unchanged",
] as const;

/** A kind of {@link DECISION_KINDS}. */
export type DecisionKind = (typeof DECISION_KINDS)[number];
export type GoalState = (typeof GOAL_STATES)[number];
export type EffectiveAction = (typeof EFFECTIVE_ACTIONS)[number];
/** A party of {@link WAITING_PARTIES}. */
export type WaitingParty = (typeof WAITING_PARTIES)[number];
export type RecommendedMode = (typeof RECOMMENDED_MODES)[number];

/** One row of DEC-30. `user`: a person must act always, only while a gate is open, or never. */
export interface Answer {
  readonly decision: DecisionKind;
  readonly state: GoalState;
  readonly effective_action: EffectiveAction;
  readonly waiting_on: WaitingParty;
  readonly recommended_mode: RecommendedMode;
  readonly user: "yes" | "gate" | "no";
  /** `deliver`: work that may be paid; `bounded`: only the named work; `none`: no work. */
  readonly work: "deliver" | "bounded" | "none";
}

type Cells = readonly [DecisionKind, GoalState, EffectiveAction, WaitingParty, RecommendedMode, Answer["user"], Answer["work"]];

function row([decision, state, effective_action, waiting_on, recommended_mode, user, work]: Cells): Answer {
  return { decision, state, effective_action, waiting_on, recommended_mode, user, work };
}

const UNHEALTHY = row(["skip", "blocked_health", "blocked_health", "controller", "repair_control_plane_health", "yes", "none"]);
const ASK_CONTROLLER = row(["skip", "operator_gate", "operator_gate_notify", "controller", "ask_operator_gate", "yes", "none"]);
const ASK_EITHER = row(["skip", "operator_gate", "operator_gate_notify", "user_or_controller", "ask_operator_gate", "yes", "none"]);
const OBSERVE = row([
  "observe",
  "waiting",
  "external_evidence_observe",
  "external_evidence",
  "external_evidence_observe_or_blocker",
  "gate",
  "bounded",
]);
const ONE_STEP = row(["run", "eligible", "normal_run", "codex", "steering_audit_then_one_step", "gate", "deliver"]);

/**
 * DEC-30. Two cells depend on the goal: `registry_gate` waits for whom the registry names, `blockers_only` is a
 * focus wait while the floor is tripped.
 */
export const ANSWERS: Readonly<Record<RuleName, Answer>> = {
  registry_unreadable: UNHEALTHY,
  goal_not_found: row(["skip", "unknown", "quota_skip", "controller", "quota_skip", "no", "none"]),
  paused: row(["skip", "paused", "quota_skip", "none", "quota_skip", "no", "none"]),
  agent_not_registered: UNHEALTHY,
  contract_broken: UNHEALTHY,
  boundary_scan_hit: UNHEALTHY,
  health_blocked: UNHEALTHY,
  identity_required: row([
    "automation_prompt_upgrade",
    "operator_gate",
    "automation_prompt_upgrade_required",
    "controller",
    "automation_prompt_upgrade",
    "yes",
    "none",
  ]),
  user_gate: ASK_CONTROLLER,
  registry_gate: ASK_EITHER,
  map_opt_in: ASK_EITHER,
  run_gate: ASK_EITHER,
  adapter_not_connected: ASK_CONTROLLER,
  throttled: row(["skip", "throttled", "throttled_skip", "none", "quota_skip", "gate", "none"]),
  workspace_guard: row([
    "workspace_guard",
    "eligible",
    "side_agent_workspace_repair",
    "codex",
    "side_agent_workspace_repair",
    "gate",
    "bounded",
  ]),
  external_evidence_registered: OBSERVE,
  approved_command: row(["run", "eligible", "normal_run", "codex", "run_agent_command", "gate", "bounded"]),
  first_map: row(["run", "eligible", "normal_run", "codex", "run_first_read_only_map", "gate", "bounded"]),
  outcome_floor: row([
    "safe_bypass_recovery",
    "focus_wait",
    "outcome_floor_recovery",
    "codex",
    "outcome_floor_recovery",
    "gate",
    "deliver",
  ]),
  outcome_floor_unavailable: row([
    "skip",
    "focus_wait",
    "blocked_wait",
    "user_or_controller",
    "report_handoff_outcome_blocker",
    "yes",
    "none",
  ]),
  due_monitor: row(["run", "eligible", "normal_run", "codex", "attempt_due_monitor", "gate", "bounded"]),
  gates_block_all: ASK_CONTROLLER,
  agent_scope_wait: row(["agent_scope_wait", "waiting", "agent_scope_wait", "codex", "agent_scope_wait", "gate", "none"]),
  boundary_gap: row(["self_repair", "eligible", "boundary_projection_repair", "codex", "repair_boundary_projection", "gate", "bounded"]),
  gate_fallback: row([
    "safe_bypass_user_gate_fallback",
    "operator_gate",
    "scoped_user_gate_fallback",
    "codex",
    "scoped_user_gate_fallback",
    "yes",
    "deliver",
  ]),
  advance_todo: ONE_STEP,
  external_evidence_run: OBSERVE,
  blockers_only: row(["skip", "waiting", "blocked_wait", "user_or_controller", "blocker_push_notify", "yes", "none"]),
  monitor_quiet: row([
    "skip",
    "eligible",
    "monitor_quiet_skip",
    "monitor_signal",
    "monitor_quiet_until_material_transition",
    "gate",
    "none",
  ]),
  agent_scope_exhausted: row([
    "agent_scope_exhausted",
    "waiting",
    "agent_scope_exhausted",
    "none",
    "agent_scope_exhausted",
    "gate",
    "none",
  ]),
  projection_gap: row([
    "self_repair",
    "eligible",
    "state_projection_gap_repair",
    "codex",
    "repair_state_projection_gap",
    "gate",
    "bounded",
  ]),
  mapped_noop: row(["skip", "eligible", "quiet_noop_if_unchanged", "none", "mapped_noop_if_unchanged", "gate", "none"]),
  steering_audit: ONE_STEP,
  nothing_to_do: row(["skip", "waiting", "blocked_wait", "none", "quota_skip", "gate", "none"]),
};
