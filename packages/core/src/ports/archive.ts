import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { Busy } from "./lock.ts";
import type { Unreadable } from "./unreadable.ts";

/** Where a goal's runtime directory goes: below `root`, named `<goal-id>-<stamp>`, with `-2`, `-3` … when that is taken. */
export interface ArchiveRequest {
  readonly goal_id: GoalId;
  /** As a person named it, from `cwd`; null for `archived-goals/` of the runtime root. */
  readonly root: string | null;
  readonly cwd: string;
  readonly stamp: string;
}

/** The directory and its way, as far as a look can tell. A link is never followed, wherever it leads. */
export type ArchiveSight =
  | { readonly kind: "found"; readonly source: AbsolutePath; readonly destination: AbsolutePath }
  | { readonly kind: "absent"; readonly source: AbsolutePath }
  | { readonly kind: "linked"; readonly source: AbsolutePath }
  /** The archive would lie in the directory that moves. */
  | { readonly kind: "inside_itself"; readonly source: AbsolutePath }
  | Unreadable;

/** Runtime directories of goals, moved whole (CMD-115). Nothing is copied, and nothing is removed. */
export interface RuntimeArchive {
  /** Writes nothing. */
  look(request: ArchiveRequest): Promise<ArchiveSight>;
  /**
   * Moves the directory in one rename, under the locks of the goal's index and leases. `allowed` is asked inside them; when
   * it answers false nothing moves.
   */
  move(
    request: ArchiveRequest,
    allowed: () => Promise<boolean>,
  ): Promise<
    | { readonly kind: "moved"; readonly source: AbsolutePath; readonly destination: AbsolutePath }
    | { readonly kind: "not_allowed" }
    | Exclude<ArchiveSight, { kind: "found" }>
    | Busy
  >;
}
