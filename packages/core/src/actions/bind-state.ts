/**
 * Where a goal's state lies, with the refusals that only somebody who knows the registry can give. Every action binds
 * through here; it looks and writes nothing.
 */
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { Host } from "../ports/host.ts";
import type { GoalBinding } from "../ports/project.ts";

/** A file that no goal state may be, inside its repository or not. */
export interface Misplaced {
  readonly kind: "misplaced";
  readonly where: AbsolutePath;
  readonly why: "is the registry itself" | "is no Markdown file";
}
export type StateBinding = GoalBinding | Misplaced;

/**
 * The bound place, or why there is none. A relative `repo` is no repository: it would be another directory for every
 * caller. A state file that is the registry in use, through a link too, is refused: it would be no registry any more. So
 * is one that is no Markdown file: an entry that came with a checkout must not lead a write into a shell's start-up file.
 */
export function bindState(host: Host, goalId: GoalId, place: { repo: string; state_file: string }): StateBinding {
  if (!place.repo.startsWith("/")) return { kind: "repo_missing", repo: place.repo };
  const bound = host.project.bindGoal(goalId, place);
  if (bound.kind !== "bound") return bound;
  const { state_path: where } = bound;
  if (where === host.places.global_registry || where === registryPath(host))
    return { kind: "misplaced", where, why: "is the registry itself" };
  // A directory has its own refusal.
  const fits = /\.md$/i.test(where) || host.project.directory(where).kind === "found";
  return fits ? bound : { kind: "misplaced", where, why: "is no Markdown file" };
}

const known = new WeakMap<Host, AbsolutePath>();

/** Asked once per call: a registry may have a thousand goals. */
function registryPath(host: Host): AbsolutePath {
  const before = known.get(host);
  if (before !== undefined) return before;
  const path = host.project.canonical(host.places.registry);
  known.set(host, path);
  return path;
}
