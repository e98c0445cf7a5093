/** A goal as an asset (DEC-73): who acts, which gate holds it, what is next, within which bounds. Values are the verdict's. */
import { STOP_CONDITION } from "../locale/verdict.ts";
import type { Locale } from "../locale/locale.ts";
import type { AssetGate, ProjectAsset } from "../payload/attention.ts";
import type { RuleName } from "../quota/answers.ts";
import type { Decision } from "../quota/decision.ts";
import { orchestrationOf, profileLine } from "../quota/goal-boundary.ts";
import { agentTodos, todoList } from "../quota/todo-view.ts";
import { quotaView } from "../quota/verdict.ts";

const GATES: Partial<Readonly<Record<RuleName, AssetGate>>> = {
  registry_unreadable: "health",
  goal_not_found: "registry",
  agent_not_registered: "identity",
  contract_broken: "health",
  boundary_scan_hit: "health",
  health_blocked: "health",
  identity_required: "identity",
  user_gate: "user_todo",
  registry_gate: "registry",
  map_opt_in: "read_only_map_opt_in",
  run_gate: "operator_gate",
  adapter_not_connected: "adapter",
  gates_block_all: "user_todo",
  gate_fallback: "user_todo",
};

export function projectAsset(decision: Decision, action: string, locale: Locale): ProjectAsset {
  const { facts, goal } = decision.context;
  return {
    owner: decision.waiting_on,
    gate: decision.asks !== null ? "user_todo" : (GATES[decision.rule] ?? "none"),
    next_action: action,
    stop_condition: STOP_CONDITION[locale](),
    execution_profile: profileLine(goal?.execution_profile ?? null),
    orchestration: orchestrationOf(goal),
    user_todos: todoList(facts.todos.user, decision.context),
    agent_todos: agentTodos(decision.context),
    quota: quotaView(facts.quota),
  };
}
