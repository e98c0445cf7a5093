import type { GoalId } from "../domain/ids.ts";
import type { Fence, Lease, LeaseLook } from "./leases.ts";
import type { Busy } from "./lock.ts";
import type { Unreadable } from "./unreadable.ts";

export type { Unreadable };

/** Opaque mark of a document's content; never given again for other bytes (REL-41). Files: `sha256:<hex>`. */
export type Revision = string & { readonly brand: "Revision" };

/** The name of a document; only the store knows its path. */
export type DocumentKey =
  | { kind: "registry" }
  | { kind: "global_registry" }
  | { kind: "goal_state"; goal_id: GoalId }
  | { kind: "artifact"; goal_id: GoalId; name: string }
  /** A byte copy kept before something is replaced: `backups/<folder>/<stamp>/<name>` (FIL places). */
  | { kind: "backup"; folder: string; stamp: string; name: string }
  /** What one `disconnect` kept: `disconnected/<stamp>/<name>` (CMD-41). */
  | { kind: "disconnected"; stamp: string; name: string }
  /** Where a goal's state was moved: `.loopx/archived-project-state/<folder>/<file>` of its repository (CMD-40). */
  | { kind: "archived_state"; goal_id: GoalId; folder: string }
  /** Beside it, so that git does not show a private state that was moved. */
  | { kind: "archived_ignore"; goal_id: GoalId; folder: string }
  /** `.gitignore` of the project the host was opened for (CMD-35). */
  | { kind: "gitignore" }
  | { kind: "executor_state"; executor: string; name: string };

/** A document's text and the revision it was read at. */
export interface Found {
  readonly kind: "found";
  readonly text: string;
  readonly revision: Revision;
  /** Permission bits, where the store has them. */
  readonly mode?: number;
}

/**
 * A pure edit: the new text and a value for the caller, or "keep". It may be called up to 6 times (REL-40). `leases` looks at
 * those of `leases_of`, and is null without it.
 */
export type Edit<T> = (
  current: { text: string; revision: Revision } | null,
  leases: LeaseLook | null,
) => { write: string; value: T } | { keep: true; value: T };

/** Conditions on a write; without any it is retried on whatever stands there. */
export interface UpdateOptions {
  /** One try against exactly this revision; null means "must not exist". */
  readonly expected?: Revision | null;
  readonly fence?: Fence;
  /** Shows the goal's leases to the edit; none of them changes before the edit stands (FIL-92). */
  readonly leases_of?: GoalId;
  /** Only `executor_state`: an unreadable old file is renamed aside instead of refused. */
  readonly set_aside?: boolean;
  /** Permission bits of a document that is new, where the store has them; otherwise those of its place. */
  readonly mode?: number;
}

/** How an update ended; only `written` changed anything. */
export type UpdateOutcome<T> =
  | { kind: "written"; revision: Revision; value: T; attempts: number }
  | { kind: "unchanged"; revision: Revision | null; value: T }
  | { kind: "conflict"; actual: Revision | null; attempts: number }
  | { kind: "fenced"; current: Lease | null }
  | Busy
  | Unreadable;

/** How a removal ended; only `removed` changed anything. */
export type RemoveOutcome =
  | { kind: "removed" }
  | { kind: "absent" }
  | { kind: "conflict"; actual: Revision | null; attempts: number }
  | Busy
  | Unreadable;

/** Whole texts by key, replaced by compare-and-swap. */
export interface Documents {
  read(key: DocumentKey): Promise<Found | { kind: "absent" } | Unreadable>;
  /** Whether something stands under the key, without reading it. */
  exists(key: DocumentKey): Promise<boolean>;
  /** Why a write under the key would be refused, as far as a look can tell; null when nothing speaks against it. Writes nothing. */
  obstacle(key: DocumentKey): Promise<Unreadable | null>;
  update<T>(key: DocumentKey, edit: Edit<T>, options?: UpdateOptions): Promise<UpdateOutcome<T>>;
  /** Removes exactly this revision, under the same lock as a write; another one is a conflict. Folders of a project that it leaves empty go too. */
  remove(key: DocumentKey, options: { expected: Revision }): Promise<RemoveOutcome>;
  /** The stamps under which something was disconnected, oldest first. */
  disconnectStamps(): Promise<readonly string[]>;
}
