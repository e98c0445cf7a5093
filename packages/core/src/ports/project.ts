import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { Unreadable } from "./unreadable.ts";

/** What an action may learn about a person's repository. Everything here only looks. */
export interface Project {
  /** The real path of an existing directory, or why there is none. */
  directory(path: string): { kind: "found"; path: AbsolutePath } | { kind: "missing" } | { kind: "not_a_directory" };
  /**
   * Resolves and confines a goal's state file and from then on serves it under `{kind:"goal_state", goal_id}` (FIL-5).
   * `path` is the real path, also of a file that does not exist yet.
   */
  bindGoal(goal_id: GoalId, place: { repo: string; state_file: string }): GoalBinding;
  /** Which of these paths below the directory exist. */
  present(directory: AbsolutePath, paths: readonly string[]): readonly string[];
  /** How git sees these paths; null when the directory is in no git checkout. */
  gitView(directory: AbsolutePath, paths: readonly string[]): Promise<readonly { path: string; ignored: boolean; tracked: boolean }[] | null>;
  /** Where the caller stands, seen from the goal's repository (DEC-84). */
  workspace(repo: AbsolutePath, cwd: AbsolutePath): Promise<Workspace>;
  /** Seconds-precision epoch milliseconds of a file's last change, or null. */
  modifiedMs(path: AbsolutePath): number | null;
}

export type GoalBinding =
  | { kind: "bound"; repo: AbsolutePath; state_path: AbsolutePath; exists: boolean }
  | { kind: "repo_missing"; repo: string }
  | Unreadable;

export type Workspace = "primary_checkout" | "not_git_worktree" | "foreign_git_worktree" | "independent_worktree" | "repository_without_git";
