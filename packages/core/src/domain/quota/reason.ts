/** Why a rule answered, in one sentence of the catalogue (`reason`, DEC-50). */
import { FINDINGS } from "../finding.ts";
import type { Locale } from "../locale/locale.ts";
import { ACTIONS, REASONS } from "../locale/verdict.ts";
import type { ReasonInputs } from "../locale/verdict.ts";
import { formatInstant } from "../time.ts";
import type { Moment } from "../time.ts";
import { byRule } from "./decision.ts";
import type { ByRule, Decision, FindingFact } from "./decision.ts";
import { gateField } from "./rules/gates.ts";
import { cutText, shownText } from "./shown-text.ts";

export const REASON_LIMIT = 240;
const NAMED_AGENTS = 4;
const NAME_LIMIT = 80;
/** What a person gave as the reason of an answer. */
const GIVEN_REASON_LIMIT = 100;
/** Date can hold no instant beyond this. */
const LAST_INSTANT_MS = 8.64e15;

export function reasonOf(decision: Decision, locale: Locale): string {
  const { facts, goal, streaks, now, caller, gates } = decision.context;
  const inputs: ReasonInputs = {
    goal_id: facts.goal_id,
    agent_id: facts.agent_id ?? "",
    agents: named(caller.registered),
    what: "",
    why: "",
    count: gates.length,
    spent: facts.quota.spent_slots,
    allowed: facts.quota.allowed_slots,
    window_hours: facts.quota.window_hours,
    streak: streaks.gap,
    threshold: goal?.execution_profile.outcome_floor.surface_streak_threshold ?? 0,
    at: instantText(facts.quota.next_slot_at_ms, now) ?? "",
  };
  return cutText(REASONS[decision.rule][locale]({ ...inputs, ...byRule(PARTICULARS, decision, locale) }), REASON_LIMIT);
}

/** What one rule adds to the inputs all share. */
const PARTICULARS: Partial<ByRule<[Locale], Partial<ReasonInputs>>> = {
  registry_unreadable: ({ fault }) => ({ what: placed(fault) }),
  contract_broken: ({ faults }) => ({ what: placed(faults[0]), count: faults.length }),
  boundary_scan_hit: ({ hits }) => ({ what: placed(hits[0]), count: hits.length }),
  health_blocked: ({ fault, cause }, locale) => ({ what: fault === null ? healthSentence(cause, locale) : placed(fault) }),
  user_gate: ({ gates }) => ({ count: gates.length }),
  gates_block_all: ({ gates }) => ({ count: gates.length }),
  gate_fallback: ({ gates }) => ({ count: gates.length }),
  registry_gate: ({ waiting_on }) => ({ what: waiting_on }),
  run_gate: ({ run }) => ({
    what: shownText(run.classification, NAME_LIMIT),
    why: shownText(gateField(run, "reason_summary") ?? "", GIVEN_REASON_LIMIT),
  }),
  external_evidence_run: ({ run }) => ({ what: shownText(run.classification, NAME_LIMIT) }),
  adapter_not_connected: ({ status }) => ({ what: shownText(status, NAME_LIMIT) }),
  workspace_guard: ({ workspace }) => ({ what: workspace }),
  outcome_floor: ({ must_advance }) => ({ what: cutText(must_advance.join(", "), NAME_LIMIT) }),
  agent_scope_wait: ({ held }) => ({ count: held.length, agents: named([...new Set(held.map((one) => one.holder))]) }),
  boundary_gap: ({ missing }) => ({ what: cutText(missing.join(", "), 120) }),
  advance_todo: ({ context }) => ({ count: context.work.inBounds.length + (context.facts.todos.left_out?.open ?? 0) }),
  blockers_only: ({ blockers }) => ({ count: blockers.length }),
  monitor_quiet: ({ monitors }) => ({ count: monitors.length }),
};

/** What to do about a missing artifact or a safety stop that no finding words. */
export function healthSentence(cause: "artifact_missing" | "safety", locale: Locale): string {
  return cause === "artifact_missing" ? ACTIONS.restore_artifact[locale]() : ACTIONS.judge_safety[locale]();
}

/** A finding's message with its place, unless the message names it already. */
export function placed(finding: FindingFact): string {
  const known = finding.code in FINDINGS ? FINDINGS[finding.code as keyof typeof FINDINGS].meaning : finding.code;
  const message = finding.message === "" ? known : finding.message;
  if (finding.file === undefined) return message;
  const place = finding.line === undefined ? finding.file : `${finding.file}:${String(finding.line)}`;
  const base = finding.file.slice(finding.file.lastIndexOf("/") + 1);
  const said = message.includes(base) && (finding.line === undefined || new RegExp(`\\b${String(finding.line)}\\b`).test(message));
  return said ? message : `${message} (${place})`;
}

/** The instant in the caller's offset, whole seconds; null for none and for a number that is no instant. */
export function instantText(ms: number | null, now: Moment): string | null {
  if (ms === null || !(Math.abs(ms) + Math.abs(now.offset_minutes) * 60_000 < LAST_INSTANT_MS)) return null;
  return formatInstant({ ms, offset_minutes: now.offset_minutes }, "seconds");
}

function named(agents: readonly string[]): string {
  const shown = agents.slice(0, NAMED_AGENTS).map((id) => cutText(id, 40));
  return shown.join(", ") + (agents.length > shown.length ? `, +${String(agents.length - shown.length)}` : "");
}
