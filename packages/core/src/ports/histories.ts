import type { GoalId } from "../domain/ids.ts";
import type { History } from "../domain/run/history.ts";
import type { Unreadable } from "./unreadable.ts";

/** A history that could be read. */
export interface ReadHistory {
  readonly kind: "history";
  readonly history: History;
  /** True when artifacts were opened for it: then the index alone does not tell whether it would read the same again. */
  readonly from_artifacts?: boolean;
}

/** The folded history of one goal. File hosts keep a derived cache (FIL-70) that changes no answer. */
export interface Histories {
  /**
   * `spends_since_ms`: spend and void events before this instant need not be in the answer.
   * `keep`: how many of the newest runs are wanted.
   */
  read(goal_id: GoalId, options: { spends_since_ms: number; keep: number }): Promise<ReadHistory | Unreadable>;
  /** Runtime directories below `goals/`, registered or not (FIL-69). */
  goalDirectories(): readonly string[];
}
