import type { GoalId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { BadLineReason } from "../domain/run/line.ts";
import type { Unreadable } from "./unreadable.ts";
import type { Fence, Lease } from "./leases.ts";
import type { Busy } from "./lock.ts";

/** Opaque place of an entry, valid for ever. Files: the byte offset of its line. */
export type LogPosition = string & { readonly brand: "LogPosition" };

/** The name of a log; only the store knows its path. */
export type LogKey = { kind: "runs"; goal_id: GoalId } | { kind: "executor_log"; executor: string; name: string };

/** One line of a log, good or not. */
export type LogEntry =
  | { kind: "record"; position: LogPosition; line: number | null; record: JsonObject; text: string }
  | { kind: "bad"; position: LogPosition; line: number | null; reason: BadLineReason }
  /** A proper prefix of a JSON object: its writer never reported success (FIL-64). */
  | { kind: "torn_tail"; position: LogPosition; line: number | null };

export type { BadLineReason };

/** Conditions on an append. */
export interface AppendOptions {
  /** An id found among the newest 1,000 records answers `duplicate` and writes nothing (REL-44). */
  readonly once?: boolean;
  /** Checked inside the log's lock (REL-46). */
  readonly expected_head?: LogPosition;
  readonly fence?: Fence;
}

/** How an append ended; only `appended` wrote anything. */
export type AppendOutcome =
  | { kind: "appended"; position: LogPosition; head: LogPosition; repaired_tail: boolean }
  | { kind: "duplicate"; position: LogPosition; record: JsonObject }
  | { kind: "conflict"; head: LogPosition }
  | { kind: "fenced"; current: Lease | null }
  | Busy
  | Unreadable;

/** Some of the newest entries. */
export interface LogPage {
  readonly kind: "page";
  /** Newest first. */
  readonly entries: readonly LogEntry[];
  /** What `expected_head` wants: the place where the next entry would begin. */
  readonly head: LogPosition;
  readonly more: boolean;
}

/** Append-only JSON lines by key. */
export interface Logs {
  append(key: LogKey, record: JsonObject, options?: AppendOptions): Promise<AppendOutcome>;
  /** The newest entries, read backwards; memory is bounded by the page (REL-47). */
  tail(key: LogKey, options: { limit: number; before?: LogPosition }): Promise<LogPage | Unreadable>;
  /** Every entry, oldest first, with line numbers. A log that cannot be opened throws `history_unreadable`. */
  scan(key: LogKey, options?: { after?: LogPosition; signal?: AbortSignal }): AsyncIterable<LogEntry>;
}
