/**
 * One goal as a status shows it: its item, its findings and what its history adds to the list of runs. Plain JSON, made
 * of that goal's facts alone, so that it can be remembered until one of them changes or its time is over.
 */
import type { Finding } from "../finding.ts";
import type { Locale } from "../locale/locale.ts";
import type { AttentionItem } from "../payload/attention.ts";
import type { DecisionKind, GoalState } from "../quota/answers.ts";
import type { Facts } from "../quota/facts.ts";
import { HOUR_MS, SKEW_ALLOWED_MS } from "../quota/ledger.ts";
import type { History } from "../run/history.ts";
import { instantMs, type Moment } from "../time.ts";
import { decide } from "../quota/decide.ts";
import type { Decision } from "../quota/decision.ts";
import { itemOf, needsAttention } from "./attention.ts";
import { nextCommand } from "./next-command.ts";
import type { GoalOverview } from "./overview.ts";

/** Where a run stands among the runs of all goals. */
export interface RunMark {
  readonly at_ms: number | null;
  readonly ordinal: number;
}

export interface GoalRow {
  readonly goal_id: string;
  /** Null when nobody needs to look. */
  readonly item: AttentionItem | null;
  readonly decision: DecisionKind;
  readonly state: GoalState;
  readonly next_command: string;
  readonly health: readonly Finding[];
  readonly run_count: number;
  /** Null when the history cannot be read. */
  readonly history: { readonly run_count: number; readonly latest_generated_at: string | null; readonly newest: readonly RunMark[] } | null;
  /** Only where it was asked for: the goal as the window lists it, and until when time leaves the row as it is. */
  readonly overview?: GoalOverview;
  readonly until_ms?: number | null;
}

/** Makes the overview of a decision; given by who wants one, because it loads more than a status does. */
export type OverviewOf = (decision: Decision, locale: Locale) => GoalOverview;

/** The row of a goal. `facts` as `attentionFacts` gives them. */
export function goalRow(
  facts: Facts,
  history: History | null,
  now: Moment,
  { locale, overview }: { readonly locale: Locale; /** Null where none is asked for. */ readonly overview: OverviewOf | null },
): GoalRow {
  const decision = decide(facts, now);
  return {
    goal_id: facts.goal_id,
    item: needsAttention(decision) ? itemOf(decision, now, locale) : null,
    decision: decision.decision,
    state: decision.state,
    next_command: nextCommand(decision, now, locale),
    health: facts.health as readonly Finding[],
    run_count: facts.runs.run_count,
    history:
      history === null
        ? null
        : {
            run_count: history.run_count,
            latest_generated_at: history.newest[0]?.generated_at ?? null,
            newest: history.newest.map(({ at_ms, ordinal }) => ({ at_ms, ordinal })),
          },
    ...(overview === null ? {} : { overview: overview(decision, locale), until_ms: finite(rowStandsUntil(facts, history, now)) }),
  };
}

/**
 * The first instant after now at which the same files may give another row: something comes due, expires, grows stale,
 * enters or leaves the quota's window. Rather too early than too late; infinity when time changes nothing.
 */
export function rowStandsUntil(facts: Facts, history: Pick<History, "spends" | "voids"> | null, now: Moment): number {
  const { goal } = facts;
  const ttl_ms = (goal?.coordination.claim_ttl_minutes ?? 0) * 60_000;
  const window_ms = facts.quota.window_hours * HOUR_MS;
  const instants: (number | null)[] = [
    instantMs(goal?.boundary_authority?.expires_at),
    ...facts.leases.map((lease) => lease.expires_at_ms),
    ...[...facts.todos.user, ...facts.todos.agent].flatMap(({ metadata: said }) => [
      instantMs(said.next_due_at),
      instantMs(said.expires_at),
      later(instantMs(said.claimed_at), ttl_ms),
      later(instantMs(said.updated_at), ttl_ms),
    ]),
    ...[...(history?.spends ?? []), ...(history?.voids ?? [])].flatMap(({ at_ms }) => [
      at_ms,
      later(at_ms, window_ms),
      later(at_ms, -SKEW_ALLOWED_MS),
    ]),
  ];
  // Some terms end at their instant, some with it: of one that is now, the next millisecond may say more.
  const ends = instants.flatMap((at) => (at === null || at < now.ms ? [] : at === now.ms ? at + 1 : at));
  return ends.reduce((until, at) => Math.min(until, at), Infinity);
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}

function later(at_ms: number | null, by_ms: number): number | null {
  return at_ms === null ? null : at_ms + by_ms;
}
