import type { AbsolutePath, GoalId } from "../domain/ids.ts";

/** Where this host's files lie: for records that name paths, for messages and for printed commands. Opens nothing. */
export interface Places {
  readonly registry: AbsolutePath;
  readonly registry_source: "flag" | "env" | "project" | "user" | "global";
  readonly global_registry: AbsolutePath;
  readonly runtime_root: AbsolutePath;
  /** Where the runtime root lies when nobody names one; prompts leave it out then (HBT-11). */
  readonly default_runtime_root: AbsolutePath;
  /** Null when a plain `loopx` call from that directory resolves the same registry and runtime root. */
  invocation(from: AbsolutePath): { registry: AbsolutePath | null; runtime_root: AbsolutePath | null };
  runsDirectory(goal_id: GoalId): AbsolutePath;
}
