import type { GoalId } from "../domain/ids.ts";

/** A goal whose files are looked at. */
export interface RecallGoal {
  readonly goal_id: GoalId;
  readonly repo: string;
  readonly state_file: string;
  /** Another number when the registry says something else of the goal; asked only when the registry's file is not as it was. */
  readonly entry: () => number;
}

/**
 * What was made of each goal's files, remembered for as long as these files stand as they stood (FIL-70). Derived: what
 * is forgotten is made again, and no answer depends on it.
 */
export interface Recall {
  /** True when rows of any kind are remembered, not only the ones that `status` asks for by default. */
  readonly any_wish: boolean;
  /** Looks at the files of these goals, once. `made_by` names everything else the values depend on: language, places, wishes. */
  open(made_by: string, goals: readonly RecallGoal[]): Recalled;
}

/** One look. Values are JSON. */
export interface Recalled {
  /** What was made of the goal's files as they are, if it holds at that instant; else undefined. */
  get(goal_id: GoalId, now_ms: number): unknown;
  /** Remembers a value made after the look. */
  keep(goal_id: GoalId, value: unknown, terms: RecallTerms): void;
  /** Stores what is worth it. */
  close(): void;
}

/** For which instants a value holds, and which names in the goal's `runs/` it counted as there or gone. */
export interface RecallTerms {
  readonly from_ms: number;
  readonly until_ms: number;
  readonly artifacts: readonly string[];
}
