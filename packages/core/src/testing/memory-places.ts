/** Places as a test names them; by default a project registry and a runtime root of its own. */
import type { AbsolutePath } from "../domain/ids.ts";
import type { Places } from "../ports/places.ts";

/** The runtime root of a memory host, unless the test names another. */
export const RUNTIME_ROOT = "/srv/runtime";

export interface MemoryPlacesOptions {
  readonly project: AbsolutePath;
  readonly registry?: AbsolutePath;
  readonly registry_source?: Places["registry_source"];
  readonly runtime_root?: AbsolutePath;
  /** By default the runtime root in use. */
  readonly default_runtime_root?: AbsolutePath;
  /** What a command printed for that directory has to name; by default the registry outside the project, nothing inside. */
  readonly invocation?: Places["invocation"];
}

export function memoryPlaces(options: MemoryPlacesOptions): Places {
  const registry = options.registry ?? `${options.project}/.loopx/registry.json`;
  const runtimeRoot = options.runtime_root ?? RUNTIME_ROOT;
  const inside = (from: AbsolutePath) => from === options.project || from.startsWith(`${options.project}/`);
  return {
    registry,
    registry_source: options.registry_source ?? "project",
    global_registry: `${runtimeRoot}/registry.global.json`,
    runtime_root: runtimeRoot,
    default_runtime_root: options.default_runtime_root ?? runtimeRoot,
    invocation: options.invocation ?? ((from) => ({ registry: inside(from) ? null : registry, runtime_root: null })),
    runsDirectory: (goalId) => `${runtimeRoot}/goals/${goalId}/runs`,
  };
}
