/**
 * When a watcher runs a cycle, and of which commit (WTL-35, WTL-36). Pure: commits, requests, memory and the time in; one move
 * out. A commit that is done with runs again only when somebody asks for it.
 */
import type { CycleResult } from "./cycle.ts";
import type { Memory, ProcessedCommit } from "./memory.ts";

/** A new commit is let settle, so that a series of them is one cycle. */
export const QUIET_MS = 5_000;
export const LONGEST_QUIET_MS = 60_000;
/** Waits after the first, second and third fault in a row; then a person is wanted. */
export const FAULT_WAITS_MS = [30_000, 120_000, 600_000] as const;
export const TIDY_MS = 60_000;
export const QUOTA_MS = 30_000;
const BUSY_MS = 5_000;

/** After these a commit is done with. */
export const FINAL: ReadonlySet<CycleResult> = new Set([
  "validated",
  "promoted",
  "gate_failed",
  "fix_exhausted",
  "deploy_failed",
  "rejected",
]);

/** Somebody's wish for a cycle. `base_sha` null: the main branch. */
export interface CycleRequest {
  readonly request_id: string;
  readonly base_sha: string | null;
  readonly retry: boolean;
}

/** What a watcher saw. */
export interface WatchFacts {
  readonly main_sha: string;
  /** When the main branch became this commit, and when it began to move. */
  readonly quiet_since_ms: number;
  readonly moving_since_ms: number;
  readonly requests: readonly CycleRequest[];
  readonly memory: Memory;
  /** The last cycle of this watcher. */
  readonly last: { readonly sha: string; readonly result: CycleResult; readonly at_ms: number } | null;
  /** Whether commits are looked for at all. */
  readonly polling: boolean;
  /** The gate of a waiting repair was answered. */
  readonly answered: boolean;
}

/** What to do now. */
export type Move =
  | { readonly kind: "cycle"; readonly base_sha: string; readonly go_on: boolean; readonly requests: readonly string[] }
  /** Requests that ask for nothing new: their commit is done with. */
  | { readonly kind: "drop"; readonly requests: readonly string[]; readonly done: ProcessedCommit }
  | { readonly kind: "wait" };

const WAIT: Move = { kind: "wait" };

/** The move of this moment. */
export function nextMove(facts: WatchFacts, now_ms: number): Move {
  return ofRequests(facts, now_ms) ?? ofMain(facts, now_ms) ?? WAIT;
}

/** Requests for one commit are one cycle. */
function ofRequests(facts: WatchFacts, now_ms: number): Move | null {
  const [first] = facts.requests;
  if (first === undefined || isTooSoon(facts, now_ms)) return null;
  const sha = first.base_sha ?? facts.main_sha;
  const same = facts.requests.filter((each) => (each.base_sha ?? facts.main_sha) === sha);
  const requests = same.map(({ request_id }) => request_id);
  const done = same.some(({ retry }) => retry) ? null : doneWith(facts, sha);
  if (done !== null) return { kind: "drop", requests, done };
  return { kind: "cycle", base_sha: sha, go_on: false, requests };
}

function ofMain(facts: WatchFacts, now_ms: number): Move | null {
  const { main_sha, memory, polling } = facts;
  if (!polling || isTooSoon(facts, now_ms) || doneWith(facts, main_sha) !== null) return null;
  const last = facts.last?.sha === main_sha ? facts.last : null;
  const result = last?.result ?? (memory.last?.sha === main_sha ? memory.last.result : null);
  const since = last === null ? Number.POSITIVE_INFINITY : now_ms - last.at_ms;
  const due = result === null ? isQuiet(facts, now_ms) : AGAIN[result](facts, since, now_ms);
  return due ? { kind: "cycle", base_sha: main_sha, go_on: result !== null && GOES_ON.has(result), requests: [] } : null;
}

/** Whether a commit whose last cycle ended so is due again. */
const AGAIN: Readonly<Record<CycleResult, (facts: WatchFacts, since_ms: number, now_ms: number) => boolean>> = {
  main_dirty: (_facts, since) => since >= TIDY_MS,
  wrong_branch: (_facts, since) => since >= TIDY_MS,
  awaiting_gate: ({ answered }) => answered,
  skipped_quota: (_facts, since) => since >= QUOTA_MS,
  infra_error: faultIsOver,
  aborted: faultIsOver,
  busy: (facts, _since, now_ms) => isQuiet(facts, now_ms),
  // The branch came back to it; what moves it may go on.
  base_moved: (_facts, since) => since >= TIDY_MS,
  validated: () => false,
  promoted: () => false,
  gate_failed: () => false,
  fix_exhausted: () => false,
  deploy_failed: () => false,
  rejected: () => false,
};

/** These are gone on with from the promotion, with the verdicts they have. */
const GOES_ON: ReadonlySet<CycleResult> = new Set(["main_dirty", "wrong_branch", "awaiting_gate"]);

function faultIsOver({ memory }: WatchFacts, since_ms: number): boolean {
  const wait = FAULT_WAITS_MS[Math.max(0, memory.faults_in_row - 1)];
  return wait !== undefined && since_ms >= wait;
}

/** The cycle that was done with the commit. The loop's own promotion is no news (WTL-140). */
function doneWith({ memory }: WatchFacts, sha: string): ProcessedCommit | null {
  const ended = memory.ended.findLast((each) => each.sha === sha && FINAL.has(each.result));
  if (ended !== undefined || memory.promoted_sha !== sha) return ended ?? null;
  const promoted = memory.ended.findLast(({ result }) => result === "promoted" || result === "validated" || result === "deploy_failed");
  return {
    sha,
    result: promoted?.result ?? "promoted",
    reason: promoted?.reason ?? "",
    at: promoted?.at ?? "",
    cycle_id: promoted?.cycle_id ?? "",
  };
}

function isQuiet({ quiet_since_ms, moving_since_ms }: WatchFacts, now_ms: number): boolean {
  return now_ms - quiet_since_ms >= QUIET_MS || now_ms - moving_since_ms >= LONGEST_QUIET_MS;
}

/** What could not be begun is not tried again in the same moment, asked for or not. */
function isTooSoon({ last }: WatchFacts, now_ms: number): boolean {
  return (last?.result === "busy" || last?.result === "infra_error") && now_ms - last.at_ms < BUSY_MS;
}
