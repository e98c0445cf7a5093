/** What the file ports of one host stand on together, and where it says that each thing lies. */
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { LeaseScope } from "../ports/leases.ts";
import type { LogKey } from "../ports/logs.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { confine } from "./confine.ts";
import { PRIVATE_DIRECTORY, PRIVATE_FILE } from "./directories.ts";
import type { FsCalls } from "./fs-calls.ts";
import type { FileLock, LockWait } from "./lock.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** Where one file lies. */
export interface FilePlace {
  /** The directory the file has to stay in. */
  readonly root: AbsolutePath;
  readonly path: AbsolutePath;
  /** True below a runtime root of ours: directories 0700, files 0600 (FIL-7). Otherwise new files follow the umask. */
  readonly private_root: boolean;
}

export interface DocumentPlace extends FilePlace {
  readonly limit: number;
  /** A folder of a person: what lies below it and is left empty by a removal goes too. Without it folders stay. */
  readonly owner_folder?: AbsolutePath;
}

export interface LogPlace extends FilePlace {
  /** Lines of any other goal are bad ones; null takes all. */
  readonly goal_id: GoalId | null;
}

export interface LeasePlace {
  readonly root: AbsolutePath;
  /** One lock covers all leases in it (REL-30). */
  readonly directory: AbsolutePath;
  /** Where archived runtimes of goals lie; null for an executor. */
  readonly archives: AbsolutePath | null;
}

/** Where this host's files lie. The store confines every answer to its root before it opens anything. */
export interface FilePlaces {
  document(key: DocumentKey): DocumentPlace | Unreadable;
  /** The directory of the stamps under which something was disconnected. */
  readonly disconnected: AbsolutePath;
  log(key: LogKey): LogPlace | Unreadable;
  leases(scope: LeaseScope): LeasePlace | Unreadable;
}

export interface FileGround {
  readonly places: FilePlaces;
  /** Leases expire by it, and stamps are made from it. */
  readonly clock: Clock;
  readonly calls: FsCalls;
  readonly identity: ProcessIdentity;
  readonly lock: FileLock;
  readonly wait: LockWait;
}

/** A place whose path is real and inside its root. */
export type Confined<P extends FilePlace> = { kind: "at"; place: P; path: AbsolutePath } | Unreadable;

export function confined<P extends FilePlace>(ground: Pick<FileGround, "calls">, place: P | Unreadable): Confined<P> {
  if ("kind" in place) return place;
  const inside = confine(place.root, place.path, ground.calls);
  return inside.kind === "unreadable" ? inside : { kind: "at", place, path: inside.path };
}

export function directoryMode(place: Pick<FilePlace, "private_root">): number | null {
  return place.private_root ? PRIVATE_DIRECTORY : null;
}

export function newFileMode(place: Pick<FilePlace, "private_root">): number | null {
  return place.private_root ? PRIVATE_FILE : null;
}
