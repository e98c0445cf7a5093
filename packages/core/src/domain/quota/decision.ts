/**
 * The decision: which rule answered, what that rule knows, and the answer itself. A value; everything printed about a
 * goal is a projection of it, and nothing reads it back from rendered text.
 */
import type { Todo } from "../goal-state/todo.ts";
import type { Run } from "../run/history.ts";
import type { DecisionKind, EffectiveAction, GoalState, RecommendedMode, RuleName, WaitingParty } from "./answers.ts";
import type { Context } from "./context.ts";
import type { Facts } from "./facts.ts";
import type { HeldTodo, Selection } from "./selection.ts";

/** A finding as facts carry it. */
export type FindingFact = Facts["health"][number];
/** A list that has at least one member. */
export type Some<T> = readonly [T, ...T[]];

/** What the deciding rule found, by rule. */
export type Outcome =
  | { readonly rule: "registry_unreadable"; readonly fault: FindingFact }
  | { readonly rule: "goal_not_found" }
  | { readonly rule: "paused" }
  | { readonly rule: "agent_not_registered"; readonly agent_id: string; readonly registered: readonly string[] }
  | { readonly rule: "contract_broken"; readonly faults: Some<FindingFact> }
  | { readonly rule: "boundary_scan_hit"; readonly hits: Some<FindingFact> }
  | { readonly rule: "health_blocked"; readonly cause: "artifact_missing" | "safety"; readonly fault: FindingFact | null }
  | { readonly rule: "identity_required"; readonly suggested: string; readonly registered: readonly string[] }
  | { readonly rule: "user_gate"; readonly gates: Some<Todo> }
  | { readonly rule: "registry_gate"; readonly waiting_on: "user_or_controller" | "controller" }
  | { readonly rule: "map_opt_in" }
  | { readonly rule: "run_gate"; readonly run: Run; readonly gate: string; readonly question: string | null }
  | { readonly rule: "adapter_not_connected"; readonly status: string }
  | { readonly rule: "throttled" }
  | { readonly rule: "workspace_guard"; readonly agent_id: string; readonly workspace: string }
  | { readonly rule: "external_evidence_registered" }
  | { readonly rule: "approved_command"; readonly run: Run; readonly agent_command: string }
  | { readonly rule: "first_map" }
  | { readonly rule: "outcome_floor"; readonly selected: Selection | null; readonly must_advance: Some<string> }
  | { readonly rule: "outcome_floor_unavailable" }
  | { readonly rule: "due_monitor"; readonly selected: Selection }
  | { readonly rule: "gates_block_all"; readonly gates: Some<Todo> }
  | { readonly rule: "agent_scope_wait"; readonly held: Some<HeldTodo> }
  | { readonly rule: "boundary_gap"; readonly todo: Todo; readonly missing: Some<string> }
  | { readonly rule: "gate_fallback"; readonly selected: Selection; readonly gates: Some<Todo> }
  | { readonly rule: "advance_todo"; readonly selected: Selection }
  | { readonly rule: "external_evidence_run"; readonly run: Run }
  | { readonly rule: "blockers_only"; readonly blockers: Some<Todo> }
  | { readonly rule: "monitor_quiet"; readonly monitors: Some<Todo> }
  | { readonly rule: "agent_scope_exhausted"; readonly agent_id: string }
  | { readonly rule: "projection_gap"; readonly item: string }
  | { readonly rule: "mapped_noop"; readonly run: Run }
  | { readonly rule: "steering_audit"; readonly run: Run | null }
  | { readonly rule: "nothing_to_do" };

export type ObligationKind = EffectiveAction | "attempt_due_monitor" | "run_agent_command" | "run_first_read_only_map" | "none";
export type SpendPolicy = "spend_once_after_writeback" | "spend_only_for_validated_new_evidence" | "no_spend";
export type VerdictSeverity = "high" | "action" | "watch";

/** The answer's words, the same for every rule (DEC-30 to DEC-37). */
export interface Frame {
  readonly should_run: boolean;
  readonly decision: DecisionKind;
  readonly state: GoalState;
  readonly effective_action: EffectiveAction;
  readonly waiting_on: WaitingParty;
  readonly recommended_mode: RecommendedMode;
  readonly requires_user_action: boolean;
  readonly must_attempt_work: boolean;
  readonly delivery_allowed: boolean;
  readonly obligation_kind: ObligationKind;
  readonly notify: "NOTIFY" | "DONT_NOTIFY";
  readonly spend_policy: SpendPolicy;
  readonly severity: VerdictSeverity;
  /** Neither work nor a person is wanted (DEC-32). */
  readonly quiet: boolean;
  /** The open gate whose answer is asked for although another rule decided (DEC-31). */
  readonly asks: Todo | null;
  /** Every rule asked, in order; only the last one matched. */
  readonly trace: readonly TraceStep[];
  /** What the rules looked at, for projections of this decision. */
  readonly context: Context;
}

export interface TraceStep {
  readonly rule: RuleName;
  readonly matched: boolean;
}

/** The rule that answered, what it knows, and the answer. */
export type Decision = Outcome & Frame;
/** The decision of one rule. */
export type DecisionOf<Name extends RuleName> = Extract<Outcome, { rule: Name }> & Frame;

/** One function per rule, each seeing only its own kind of decision. */
export type ByRule<Inputs extends readonly unknown[], Result> = {
  readonly [Name in RuleName]: (decision: DecisionOf<Name>, ...inputs: Inputs) => Result;
};

/** What the row of the decision's own rule says; null where a partial table has none. */
export function byRule<Inputs extends readonly unknown[], Result>(
  table: ByRule<Inputs, Result>,
  decision: Decision,
  ...inputs: Inputs
): Result;
export function byRule<Inputs extends readonly unknown[], Result>(
  table: Partial<ByRule<Inputs, Result>>,
  decision: Decision,
  ...inputs: Inputs
): Result | null;
export function byRule<Inputs extends readonly unknown[], Result>(
  table: Partial<ByRule<Inputs, Result>>,
  decision: Decision,
  ...inputs: Inputs
): Result | null {
  // The row is found by the decision's own rule, which the compiler cannot follow.
  const row = table[decision.rule] as ((decision: Decision, ...inputs: Inputs) => Result) | undefined;
  return row === undefined ? null : row(decision, ...inputs);
}

/** The list, when it has a member. */
export function some<T>(list: readonly T[]): Some<T> | null {
  const [first, ...rest] = list;
  return first === undefined ? null : [first, ...rest];
}
