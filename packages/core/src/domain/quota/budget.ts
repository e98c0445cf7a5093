/**
 * The size of a printed verdict (DEC-51): at most 4,096 bytes as two-space JSON with a line feed, for a goal in
 * ordinary condition. What goes first is what an agent needs least. Commands and enum values are never cut.
 */
import { cutText } from "./shown-text.ts";
import type { Verdict } from "./verdict-schema.ts";

export const VERDICT_BUDGET_BYTES = 4_096;
const SCOPES_SHOWN = 8;
const SCOPES_AT_LEAST = 3;
const STATUS_AT_LEAST = 48;
/** 80 is DEC-51's last step; the gentler ones spare it, the smaller ones are for three bytes a character. */
const TEXT_STEPS = [160, 120, 80, 56, 40, 28, 20];

/** The verdict, trimmed step by step until it fits with `reserve_bytes` that somebody else will add. */
export function fitBudget(verdict: Verdict, reserve_bytes: number): Verdict {
  const limit = VERDICT_BUDGET_BYTES - reserve_bytes;
  const shorten = TEXT_STEPS.map((length) => (one: Verdict) => shorterTexts(one, length));
  const steps = [oneNext, oneGuard, oneWarning, (one: Verdict) => shorterLists(one, SCOPES_SHOWN), ...shorten, barest];
  let fitting = verdict;
  for (const step of steps) {
    if (printedBytes(fitting) <= limit) return fitting;
    fitting = step(fitting);
  }
  return fitting;
}

/** Bytes of a value as the CLI prints it. */
export function printedBytes(value: unknown): number {
  return utf8Length(JSON.stringify(value, null, 2)) + 1;
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    // Each half of a surrogate pair is two of its four bytes.
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function oneNext(verdict: Verdict): Verdict {
  const { user_todos: user, agent_todos: agent } = verdict;
  return { ...verdict, user_todos: { ...user, next: user.next.slice(0, 1) }, agent_todos: { ...agent, next: agent.next.slice(0, 1) } };
}

function oneGuard(verdict: Verdict): Verdict {
  return { ...verdict, goal_boundary: { ...verdict.goal_boundary, guards: verdict.goal_boundary.guards.slice(0, 1) } };
}

function oneWarning(verdict: Verdict): Verdict {
  return {
    ...verdict,
    warnings: verdict.warnings.slice(0, 1).map((one) => (one.matches === undefined ? one : { ...one, matches: one.matches.slice(0, 1) })),
  };
}

/** What DEC-51 does not foresee: long lists, long labels and long commands at once. The selected todo is named already. */
function barest(verdict: Verdict): Verdict {
  const { agent_todos: agent, selected_todo, handoff_delivery_contract: contract } = verdict;
  const next = selected_todo === undefined ? agent.next : [];
  const goal_boundary = { ...verdict.goal_boundary, guards: [] };
  const fields = { goal_boundary, agent_todos: { ...agent, next }, execution_profile: cutText(verdict.execution_profile, 40) };
  // The contract's own fields say all that its two sentences do, and its streaks how often the newest scale came.
  const bare = { summary: "…", instruction: "…" };
  const terms =
    contract === undefined
      ? {}
      : { handoff_delivery_contract: { ...contract, ...bare, recent_scales: contract.recent_scales.slice(0, 1) } };
  return shorterLists({ ...verdict, ...fields, ...terms }, SCOPES_AT_LEAST);
}

/** Every list that a registry may make long goes the same way as the write scopes. */
function shorterLists(verdict: Verdict, length: number): Verdict {
  const { goal_boundary: boundary, selected_todo, handoff_delivery_contract: contract } = verdict;
  const few = (list: readonly string[]) => list.slice(0, length);
  return {
    ...verdict,
    ...(selected_todo?.required_write_scopes === undefined
      ? {}
      : { selected_todo: { ...selected_todo, required_write_scopes: few(selected_todo.required_write_scopes) } }),
    goal_boundary: {
      ...boundary,
      write_scope: few(boundary.write_scope),
      requires_parent_approval: few(boundary.requires_parent_approval),
      orchestration:
        boundary.orchestration === null
          ? null
          : { ...boundary.orchestration, allowed_domains: few(boundary.orchestration.allowed_domains) },
    },
    ...(contract === undefined
      ? {}
      : { handoff_delivery_contract: { ...contract, must_include: few(contract.must_include), must_advance: few(contract.must_advance) } }),
  };
}

/** Keeps every key in its place; a command stays whole, also where it is the recommended action. */
function shorterTexts(verdict: Verdict, length: number): Verdict {
  const cut = (text: string) => cutText(text, length);
  const { heartbeat_recommendation: heartbeat, goal_boundary: boundary, selected_todo, handoff_delivery_contract: contract } = verdict;
  const list = (todos: Verdict["user_todos"]) => ({ ...todos, next: todos.next.map((todo) => ({ ...todo, text: cut(todo.text) })) });
  return {
    ...verdict,
    reason: cut(verdict.reason),
    // Mostly a word that programs compare; only a registry's own text may be longer.
    status: cutText(verdict.status, Math.max(length, STATUS_AT_LEAST)),
    recommended_action: heartbeat.command === undefined ? cut(verdict.recommended_action) : verdict.recommended_action,
    ...(selected_todo === undefined ? {} : { selected_todo: { ...selected_todo, text: cut(selected_todo.text) } }),
    heartbeat_recommendation: { ...heartbeat, reason: cut(heartbeat.reason) },
    goal_boundary: {
      ...boundary,
      write_scope: boundary.write_scope.map(cut),
      requires_parent_approval: boundary.requires_parent_approval.map(cut),
      guards: boundary.guards.map(cut),
      stop_condition: cut(boundary.stop_condition),
    },
    user_todos: list(verdict.user_todos),
    agent_todos: list(verdict.agent_todos),
    ...(contract === undefined
      ? {}
      : { handoff_delivery_contract: { ...contract, summary: cut(contract.summary), instruction: cut(contract.instruction) } }),
    ...(verdict.operator_question === undefined ? {} : { operator_question: cut(verdict.operator_question) }),
    warnings: verdict.warnings.map((one) => shorterWarning(one, cut)),
  };
}

function shorterWarning(warning: Verdict["warnings"][number], cut: (text: string) => string): Verdict["warnings"][number] {
  const { matches } = warning;
  const shorter = { ...warning, message: cut(warning.message) };
  return matches === undefined
    ? shorter
    : { ...shorter, matches: matches.map((match) => ({ ...match, avoid: cut(match.avoid), prefer: match.prefer.slice(0, 1).map(cut) })) };
}
