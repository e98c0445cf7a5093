/**
 * What a verdict warns about, in the order of DEC-52. A warning never changes the verdict; each kind stands once,
 * naming its first case and how many there are, so that a large goal does not drown its answer.
 */
import { byRank, isOpen } from "../gate/effects.ts";
import type { GateWarning } from "../gate/effects.ts";
import { claimAge } from "../goal-state/claim.ts";
import type { Todo } from "../goal-state/todo.ts";
import type { Locale } from "../locale/locale.ts";
import { WARNING_MESSAGES } from "../locale/verdict.ts";
import { lessonWarning } from "../reward/lessons.ts";
import { instantMs } from "../time.ts";
import type { Decision, FindingFact } from "./decision.ts";
import { placed } from "./reason.ts";
import { isExpired, missingScopes, writeScopes } from "./selection.ts";
import { cutText, shownText } from "./shown-text.ts";
import type { VerdictWarning } from "./verdict-schema.ts";

const MESSAGE_LIMIT = 160;
const LESSON_TEXT_LIMIT = 160;
/** Closed todos up to this many stay where they are (DEC-52). */
const CLOSED_TODOS_KEPT = 12;
/** Findings that stand at their own place of the order rather than at its end. */
const PLACED_FINDINGS: ReadonlySet<string> = new Set(["quota_value_clamped", "history_line_accepted"]);

/** All warnings of this decision. `action`: the recommended action as printed. */
export function warningsOf(decision: Decision, action: string, locale: Locale): VerdictWarning[] {
  const { facts } = decision.context;
  return [
    ...lessons(decision, action, locale),
    ...followthrough(decision, locale),
    ...staleRun(decision, locale),
    ...gateWarnings(decision, "gate_link_dangling", locale),
    ...gateWarnings(decision, "gate_scope_conflict", locale),
    ...claims(decision, locale),
    ...primaryMissing(decision, locale),
    ...scopeMissing(decision, locale),
    ...expiredMonitors(decision, locale),
    ...facts.health.filter((finding) => finding.code === "quota_value_clamped").map((finding) => findingWarning(finding, 1)),
    ...(facts.quota.allowed_slots === 0 && facts.quota.state !== "paused"
      ? [warning("allowed_slots_zero", WARNING_MESSAGES.allowed_slots_zero[locale]())]
      : []),
    ...acceptedLines(decision, locale),
    ...closedTodos(decision, locale),
    ...otherFindings(decision),
  ];
}

function warning(code: string, message: string, more: Omit<VerdictWarning, "code" | "message"> = {}): VerdictWarning {
  return { code, message: cutText(message, MESSAGE_LIMIT), ...more };
}

function aboutTodos(code: string, todos: readonly Todo[], message: (todo: Todo) => string): VerdictWarning[] {
  const [first] = todos;
  if (first === undefined) return [];
  return [warning(code, message(first), { todo_id: first.todo_id, ...(todos.length > 1 ? { count: todos.length } : {}) })];
}

function lessons({ context }: Decision, action: string, locale: Locale): VerdictWarning[] {
  const found = lessonWarning(context.facts.runs.judged, action, locale);
  if (found === null) return [];
  const matches = found.matches.slice(0, 3).map((match) => ({
    run_generated_at: match.run_generated_at,
    kind: match.kind,
    avoid: shownText(match.avoid, LESSON_TEXT_LIMIT),
    prefer: match.prefer.map((text) => shownText(text, LESSON_TEXT_LIMIT)),
  }));
  return [warning(found.code, found.message, { match_count: found.match_count, matches })];
}

function followthrough({ context: { streaks, goal } }: Decision, locale: Locale): VerdictWarning[] {
  const threshold = goal?.execution_profile.outcome_floor.surface_streak_threshold ?? 0;
  if (streaks.gap <= 0 || streaks.gap >= threshold) return [];
  return [
    warning(
      "outcome_followthrough_required",
      WARNING_MESSAGES.outcome_followthrough_required[locale](String(streaks.gap), String(threshold)),
    ),
  ];
}

function staleRun({ context: { facts, statusRun } }: Decision, locale: Locale): VerdictWarning[] {
  const updated = instantMs(facts.state?.updated_at);
  const ran = statusRun?.at_ms ?? null;
  return updated !== null && ran !== null && updated > ran
    ? [warning("stale_latest_run_warning", WARNING_MESSAGES.stale_latest_run_warning[locale]())]
    : [];
}

function gateWarnings({ context }: Decision, code: GateWarning, locale: Locale): VerdictWarning[] {
  const gates = context.gates.filter((effect) => effect.warnings.includes(code)).map((effect) => effect.gate);
  return aboutTodos(code, gates, (gate) => WARNING_MESSAGES[code][locale](gate.todo_id));
}

/** Claims that are stale, then claims that hold nothing because no agent of that name is registered. */
function claims({ context }: Decision, locale: Locale): VerdictWarning[] {
  const { caller, work, now, goal } = context;
  if (goal === null || caller.registered.length === 0) return [];
  const registered = new Set(caller.registered);
  const claimed = work.open.filter((todo) => todo.metadata.claimed_by !== undefined).toSorted(byRank);
  const held = claimed.filter((todo) => registered.has(todo.metadata.claimed_by ?? ""));
  const stale = held.filter((todo) => claimAge(todo, now, goal.coordination.claim_ttl_minutes).stale);
  const unregistered = claimed.filter((todo) => !registered.has(todo.metadata.claimed_by ?? ""));
  const say = (code: "claim_stale" | "claim_unregistered") => (todo: Todo) =>
    WARNING_MESSAGES[code][locale](todo.todo_id, todo.metadata.claimed_by ?? "");
  return [
    ...aboutTodos("claim_stale", stale, say("claim_stale")),
    ...aboutTodos("claim_unregistered", unregistered, say("claim_unregistered")),
  ];
}

function primaryMissing({ context: { goal, caller } }: Decision, locale: Locale): VerdictWarning[] {
  const primary = goal?.coordination.primary_agent ?? null;
  const missing = caller.registered.length > 0 && (primary === null || !caller.registered.includes(primary));
  return missing ? [warning("primary_agent_missing", WARNING_MESSAGES.primary_agent_missing[locale]())] : [];
}

/** Todos left out for want of a write scope while another one runs. */
function scopeMissing({ context: { work, goal, now } }: Decision, locale: Locale): VerdictWarning[] {
  if (work.pick === null || work.inBounds.length === work.available.length) return [];
  const scopes = writeScopes(goal, now);
  const inBounds = new Set(work.inBounds);
  const left = work.available.filter((todo) => !inBounds.has(todo)).toSorted(byRank);
  return aboutTodos("boundary_scope_missing", left, (todo) =>
    WARNING_MESSAGES.boundary_scope_missing[locale](todo.todo_id, missingScopes(todo, scopes)[0] ?? ""),
  );
}

function expiredMonitors({ context: { work, now } }: Decision, locale: Locale): VerdictWarning[] {
  const expired = work.monitors.filter((todo) => isExpired(todo, now));
  return aboutTodos("monitor_expired", expired, (todo) => WARNING_MESSAGES.monitor_expired[locale](todo.todo_id));
}

function acceptedLines({ context: { facts } }: Decision, locale: Locale): VerdictWarning[] {
  const count = facts.runs.accepted_bad_line_count;
  return count > 0
    ? [
        warning("history_line_accepted", WARNING_MESSAGES.history_line_accepted[locale](String(count)), {
          count,
          file: facts.runs.index_file,
        }),
      ]
    : [];
}

function closedTodos({ context: { facts } }: Decision, locale: Locale): VerdictWarning[] {
  const { user, agent, left_out } = facts.todos;
  const closed = Math.max(closedCount(user), closedCount(agent) + (left_out?.closed ?? 0));
  if (closed <= CLOSED_TODOS_KEPT) return [];
  return [
    warning("completed_todo_archive_warning", WARNING_MESSAGES.completed_todo_archive_warning[locale](String(closed)), { count: closed }),
  ];
}

function closedCount(todos: readonly Todo[]): number {
  let count = 0;
  for (const todo of todos) if (!isOpen(todo)) count += 1;
  return count;
}

/** The remaining findings of severity error and warning, one per kind; the one that `reason` says is not repeated. */
function otherFindings(decision: Decision): VerdictWarning[] {
  const said = decision.rule === "contract_broken" ? decision.faults[0] : decision.rule === "health_blocked" ? decision.fault : null;
  const byCode = new Map<string, FindingFact[]>();
  for (const finding of decision.context.facts.health) {
    if (finding.severity === "info" || finding === said || PLACED_FINDINGS.has(finding.code)) continue;
    const known = byCode.get(finding.code);
    if (known === undefined) byCode.set(finding.code, [finding]);
    else known.push(finding);
  }
  return [...byCode.values()].flatMap((findings) => (findings[0] === undefined ? [] : [findingWarning(findings[0], findings.length)]));
}

function findingWarning(finding: FindingFact, count: number): VerdictWarning {
  const { file, line, key } = finding;
  return warning(finding.code, placed({ ...finding, file: undefined, line: undefined }), {
    ...(count > 1 ? { count } : {}),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(key === undefined ? {} : { key }),
  });
}
