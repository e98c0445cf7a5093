/** Why a rule answered, in one sentence of the catalogue (`reason`, DEC-50). */
import { FINDINGS } from "../finding.ts";
import type { Locale } from "../locale/locale.ts";
import { ACTIONS, REASONS } from "../locale/verdict.ts";
import type { ReasonInputs } from "../locale/verdict.ts";
import { formatInstant } from "../time.ts";
import type { Moment } from "../time.ts";
import type { Decision, FindingFact } from "./decision.ts";
import { cutText, shownText } from "./shown-text.ts";

export const REASON_LIMIT = 240;
const NAMED_AGENTS = 4;
/** Date can hold no instant beyond this. */
const LAST_INSTANT_MS = 8.64e15;

export function reasonOf(decision: Decision, locale: Locale): string {
  const { facts, goal, streaks, now, caller, gates } = decision.context;
  const inputs: ReasonInputs = {
    goal_id: facts.goal_id,
    agent_id: facts.agent_id ?? "",
    agents: named(caller.registered),
    what: "",
    count: gates.length,
    spent: facts.quota.spent_slots,
    allowed: facts.quota.allowed_slots,
    window_hours: facts.quota.window_hours,
    streak: streaks.gap,
    threshold: goal?.execution_profile.outcome_floor.surface_streak_threshold ?? 0,
    at: instantText(facts.quota.next_slot_at_ms, now) ?? "",
  };
  return cutText(REASONS[decision.rule][locale]({ ...inputs, ...particulars(decision, locale) }), REASON_LIMIT);
}

/** What one rule adds to the inputs all share. */
function particulars(decision: Decision, locale: Locale): Partial<ReasonInputs> {
  const { work, caller } = decision.context;
  switch (decision.rule) {
    case "registry_unreadable":
      return { what: placed(decision.fault) };
    case "contract_broken":
      return { what: placed(decision.faults[0]), count: decision.faults.length };
    case "boundary_scan_hit":
      return { what: placed(decision.hits[0]), count: decision.hits.length };
    case "health_blocked":
      return { what: decision.fault === null ? healthSentence(decision.cause, locale) : placed(decision.fault) };
    case "user_gate":
    case "gates_block_all":
    case "gate_fallback":
      return { count: decision.gates.length };
    case "registry_gate":
      return { what: decision.waiting_on };
    case "run_gate":
    case "external_evidence_run":
      return { what: shownText(decision.run.classification, 80) };
    case "adapter_not_connected":
      return { what: shownText(decision.status, 80) };
    case "workspace_guard":
      return { what: decision.workspace };
    case "outcome_floor":
      return { what: cutText(decision.must_advance.join(", "), 80) };
    case "agent_scope_wait":
      return { count: decision.held.length, agents: named([...new Set(decision.held.map((held) => held.holder))].filter((id) => id !== caller.agent_id)) };
    case "boundary_gap":
      return { what: cutText(decision.missing.join(", "), 120) };
    case "advance_todo":
      return { count: work.inBounds.length };
    case "blockers_only":
      return { count: decision.blockers.length };
    case "monitor_quiet":
      return { count: decision.monitors.length };
    default:
      return {};
  }
}

function healthSentence(cause: "artifact_missing" | "safety", locale: Locale): string {
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
