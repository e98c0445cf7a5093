/** The verdict for a person: one line (CMD-80), or the whole of it in the order in which one asks. */
import type { Verdict } from "@loopx/core";
import { code, field, fields, nested, oneLine, section, title } from "./markdown.ts";

/** `<decision> <goal_id> [<rule>] <what to do, else why>`. */
export function verdictLine(verdict: Verdict): string {
  return oneLine(`${verdict.decision} ${verdict.goal_id} [${verdict.rule}] ${verdict.recommended_action || verdict.reason}`);
}

/** May it run, why, on what, within which bounds, and what to type next. */
export function renderVerdict(verdict: Verdict): string[] {
  return [
    title("Verdict"),
    ...fields(verdict, [
      "goal_id",
      "agent_id",
      "should_run",
      "decision",
      "rule",
      "reason",
      "state",
      "effective_action",
      "waiting_on",
      "status",
      "severity",
      "recommended_action",
    ]),
    ...field("quota", quotaLine(verdict.quota)),
    ...section("Question", verdict.operator_question === undefined ? [] : verdict.operator_question.split("\n")),
    ...section("Work", workLines(verdict)),
    ...section("Todos", [...todoLines("user", verdict.user_todos), ...todoLines("agent", verdict.agent_todos)]),
    ...section("Boundary", boundaryLines(verdict)),
    ...section(
      "Warnings",
      verdict.warnings.map((warning) => `- ${warning.code}: ${oneLine(warning.message)}`),
    ),
    ...section("Next commands", nextLines(verdict)),
    ...section("Detail", detailLines(verdict)),
  ];
}

/** `todo_x: codex-1 by claim until …`. */
export function holderLine({ todo_id, holder, by, until, live }: NonNullable<Verdict["holders"]>[number]): string {
  const end = until === null ? ", since an unknown time" : live ? ` until ${until}` : `, over since ${until}`;
  return `${todo_id}: ${holder} by ${by}${end}`;
}

type Orchestration = { readonly mode: string; readonly max_children: number; readonly allowed_domains: readonly string[] };

/** `multi_subagent, up to 3 children for docs-map`. */
export function orchestrationLine(orchestration: Orchestration): string {
  const { mode, max_children, allowed_domains } = orchestration;
  return `${mode}, up to ${max_children} children${allowed_domains.length === 0 ? "" : ` for ${allowed_domains.join(", ")}`}`;
}

/** `3 of 1440 slots spent in 24 h, eligible`. */
export function quotaLine(quota: Verdict["quota"]): string {
  return `${quota.spent_slots} of ${quota.allowed_slots} slots spent in ${quota.window_hours} h, ${quota.state}`;
}

function workLines(verdict: Verdict): string[] {
  const { execution_obligation: owed, heartbeat_recommendation: advice, selected_todo: todo } = verdict;
  return [
    ...fields(owed, ["must_attempt_work", "kind", "delivery_allowed"]),
    ...fields(advice, ["recommended_mode", "notify", "spend_policy"]),
    ...field(
      "selected_todo",
      todo === undefined
        ? null
        : `${todo.todo_id} ${todo.text} (${todo.selected_by}${todo.claim_required_before_work ? ", claim it first" : ""})`,
    ),
    ...field("command", advice.command === undefined ? null : code(advice.command)),
    ...field("contract", verdict.handoff_delivery_contract?.summary),
  ];
}

function todoLines(role: string, todos: Verdict["user_todos"]): string[] {
  return [
    `- ${role}: ${todos.open_count} open`,
    ...todos.next.map((todo) =>
      nested(
        `${todo.todo_id} ${todo.text}${todo.gates === true ? " (gates)" : ""}${todo.held_by === undefined ? "" : ` (held by ${todo.held_by})`}`,
      ),
    ),
  ];
}

function boundaryLines({ goal_boundary: boundary, execution_profile: profile }: Verdict): string[] {
  return [
    ...field("adapter", `${boundary.adapter.kind}, ${boundary.adapter.status}`),
    ...fields(boundary, ["write_scope", "requires_parent_approval", "stop_condition", "minimum_scale"]),
    ...field("orchestration", boundary.orchestration === null ? null : orchestrationLine(boundary.orchestration)),
    ...field("execution_profile", profile),
  ];
}

function nextLines({ next_commands: next }: Verdict): string[] {
  return (["refresh", "spend"] as const).flatMap((name) => field(name, next[name] === null ? null : code(next[name])));
}

const DETAIL_KEYS = [
  "findings",
  "source",
  "lifecycle_phase",
  "lifecycle_flags",
  "latest_run",
  "agent_identity",
  "workspace_guard",
  "scoped_user_gate_fallback",
  "agent_scope_frontier",
  "holders",
  "boundary_projection_gap",
  "handoff_readiness",
  "quota_ledger",
] as const;

function detailLines(verdict: Verdict): string[] {
  const trace = verdict.trace?.map((step) => `${step.rule}${step.matched ? " (answers)" : ""}`);
  return [...field("trace", trace), ...fields(verdict, DETAIL_KEYS)];
}
