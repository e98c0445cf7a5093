import type { SourceRegistryFact } from "../domain/goal/global-findings.ts";
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
  /** Equal for two places that are one file, through a link or another spelling too; opens nothing. */
  stateIdentity(place: { repo: string; state_file: string }): string;
  /** The real path of the nearest existing ancestor and the rest; absolute, whether or not it exists. */
  canonical(path: string): AbsolutePath;
  /**
   * Where a path given by a person lies: first from `cwd`, else from the directory. `shown` is relative to the directory
   * when it lies inside, else absolute.
   */
  locate(directory: AbsolutePath, path: string, cwd: string): { shown: string; exists: boolean };
  /** Whether a file somewhere can be opened for reading; null when it can. */
  readable(path: string, cwd: string): "missing" | "denied" | "not_a_regular_file" | null;
  /** The text of a regular file at its real path; a path that leads through a link is refused. Sizes are taken before bytes. */
  text(path: AbsolutePath, limit: number): { kind: "text"; text: string } | { kind: "absent" } | Unreadable;
  /** Another project's registry, as far as the global view judges it: gone, unreadable, or which goals it has (FIL-27). */
  sourceRegistry(path: AbsolutePath): SourceRegistryFact;
  /** Which of these paths below the directory exist. */
  present(directory: AbsolutePath, paths: readonly string[]): readonly string[];
  /** How git sees these paths; null when the directory is in no git checkout. */
  gitView(
    directory: AbsolutePath,
    paths: readonly string[],
  ): Promise<readonly { path: string; ignored: boolean; tracked: boolean }[] | null>;
  /** Where the caller stands, seen from the goal's repository (DEC-84). */
  workspace(repo: AbsolutePath, cwd: AbsolutePath): Promise<Workspace>;
  /** Seconds-precision epoch milliseconds of a file's last change, or null. */
  modifiedMs(path: AbsolutePath): number | null;
}

/** Where a goal's state lies, or why it cannot be served. */
export type GoalBinding =
  | { kind: "bound"; repo: AbsolutePath; state_path: AbsolutePath; exists: boolean }
  | { kind: "repo_missing"; repo: string }
  | Unreadable;

/** Where a caller stands, seen from a goal's repository. */
export type Workspace =
  | "primary_checkout"
  | "not_git_worktree"
  | "foreign_git_worktree"
  | "independent_worktree"
  | "repository_without_git";
