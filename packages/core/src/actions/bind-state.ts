/**
 * Where a goal's state lies, with the refusals that only somebody who knows the registry can give. Every action binds
 * through here; it looks and writes nothing.
 */
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { Host } from "../ports/host.ts";
import type { GoalBinding } from "../ports/project.ts";

/** A registry written as a goal state would be no registry any more. */
export type StateBinding = GoalBinding | { readonly kind: "is_registry"; readonly where: AbsolutePath };

/**
 * The bound place, or why there is none. A relative `repo` is no repository: it would be another directory for every
 * caller. A state file that is the registry in use, through a link too, is refused.
 */
export function bindState(host: Host, goalId: GoalId, place: { repo: string; state_file: string }): StateBinding {
  if (!place.repo.startsWith("/")) return { kind: "repo_missing", repo: place.repo };
  const bound = host.project.bindGoal(goalId, place);
  if (bound.kind !== "bound") return bound;
  const { state_path } = bound;
  return state_path === host.places.global_registry || state_path === registryPath(host)
    ? { kind: "is_registry", where: state_path }
    : bound;
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
