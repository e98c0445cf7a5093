/**
 * What a fold remembers between two lines, as plain JSON, so that it can be stored and continued when the log grew (FIL-70).
 * Everything in it has a limit: its size does not follow the length of the log (PRF-5).
 */
import type { BadLine, HumanReward, SpendEvent, VoidEvent } from "./history.ts";
import type { Placed } from "./order.ts";

/** Raised whenever the meaning of a stored state changes; an older one is then rebuilt. */
export const FOLD_VERSION = 1;

/** The least a fold keeps. Callers that show fewer runs share one stored state, and get the same answer. */
const RUNS_KEPT = 50;

export const LISTED_LINES = 100;
export const GRADED_KEPT = 50;
export const JUDGED_KEPT = 20;
export const REWARDS_PER_RUN = 200;
/** A window with more spends than this is folded into its oldest ones; their slots still count. */
export const LEDGER_EVENTS = 20_000;

/** What the derived id of a line without `run_id` is made of (FIL-61); kept until somebody asks for the id. */
export interface IdentityParts {
  readonly generated_at: string;
  readonly json_path: string | null;
  readonly markdown_path: string | null;
}

/**
 * `run`: its own line was read. `orphan`: an overlay without a run, counted as one (FIL-65).
 * `copy`: an overlay of a run that is no longer kept; the overlay's copy of it stands in, and it was counted before.
 */
export type KeptAs = "run" | "orphan" | "copy";

export interface KeptRun extends Placed {
  ordinal: number;
  as: KeptAs;
  neutral: boolean;
  /** Oldest first. */
  rewards: HumanReward[];
  /** The line; parsed again only when somebody wants this run. */
  text: string;
}

/** A run that counts for streaks, with no more than grading reads. */
export interface GradedMark extends Placed {
  readonly generated_at: string;
  readonly classification: string;
  readonly agent_id: string | null;
  /** Empty until derived, when the line carries none; `identity` is there for so long. */
  run_id: string;
  identity?: IdentityParts;
  /** The grades as the line says them; absent when it does not. */
  readonly scale?: string;
  readonly outcome?: string;
}

/** A ledger row. `print` tells equal lines apart from lines of one instant; `identity` is there while the id is to be derived. */
export interface KeptRow<Event extends SpendEvent | VoidEvent> extends Placed {
  event: Event;
  readonly print: number;
  identity?: IdentityParts;
}

export interface FoldState {
  version: number;
  goal_id: string;
  keep: number;
  spends_since_ms: number;
  /** Number of the last line, blank ones included. */
  line: number;
  record_count: number;
  run_count: number;
  /** True once a run was let go: from then on an overlay without a run may belong to it. */
  evicted: boolean;
  /** Oldest first: the newest `keep`, the newest judged, the status run. */
  runs: KeptRun[];
  graded: GradedMark[];
  approval: Placed | null;
  spends: KeptRow<SpendEvent>[];
  voids: KeptRow<VoidEvent>[];
  bad_lines: BadLine[];
  bad_line_count: number;
  unaccepted_bad_line_count: number;
  torn_lines: { line: number; offset: number }[];
  notes: { code: string; line: number; count: number }[];
}

export interface FoldOptions {
  readonly goal_id: string;
  /** How many of the newest runs are kept. */
  readonly keep: number;
  /** Spends and voids before this instant may be forgotten. */
  readonly spends_since_ms: number;
}

export function emptyFold(options: FoldOptions): FoldState {
  return {
    version: FOLD_VERSION,
    goal_id: options.goal_id,
    keep: options.keep,
    spends_since_ms: options.spends_since_ms,
    line: 0,
    record_count: 0,
    run_count: 0,
    evicted: false,
    runs: [],
    graded: [],
    approval: null,
    spends: [],
    voids: [],
    bad_lines: [],
    bad_line_count: 0,
    unaccepted_bad_line_count: 0,
    torn_lines: [],
    notes: [],
  };
}

/** How many runs a fold keeps when that many are wanted. */
export function keptFor(wanted: number): number {
  return Math.max(RUNS_KEPT, wanted);
}

/** Forgets ledger rows before that instant, so that a stored state does not grow with time. */
export function forgetBefore(state: FoldState, spends_since_ms: number): void {
  if (spends_since_ms <= state.spends_since_ms) return;
  const stays = (row: { at_ms: number | null }): boolean => row.at_ms !== null && row.at_ms >= spends_since_ms;
  state.spends = state.spends.filter(stays);
  state.voids = state.voids.filter(stays);
  state.spends_since_ms = spends_since_ms;
}

/** True when a stored state answers what is asked now: same goal, same meaning, enough runs, early enough spends. */
export function canContinue(state: FoldState, options: FoldOptions): boolean {
  return (
    state.version === FOLD_VERSION &&
    state.goal_id === options.goal_id &&
    state.keep === options.keep &&
    state.spends_since_ms <= options.spends_since_ms
  );
}
