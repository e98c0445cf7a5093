/** Where this host's files lie, as paths for records, messages and printed commands. */
import { join } from "node:path";
import { LoopxError } from "../domain/errors.ts";
import type { Places } from "../ports/places.ts";
import { GLOBAL_REGISTRY, resolveRoots, type RootOptions, type Roots } from "./roots.ts";

/** The places of one set of roots. `home` is needed to know what a plain call would find. */
export function filePlaces(roots: Roots, options: Pick<RootOptions, "env" | "home">): Places {
  const asked = new Map<string, ReturnType<Places["invocation"]>>();
  return {
    registry: roots.registry,
    registry_source: roots.registry_source,
    global_registry: join(roots.runtime_root, GLOBAL_REGISTRY),
    runtime_root: roots.runtime_root,
    default_runtime_root: join(options.home, ".codex", "loopx"),
    runsDirectory: (goalId) => join(roots.runtime_root, "goals", goalId, "runs"),
    invocation: (from) => {
      // Many goals live in one repository; a host outlives no change of its roots.
      const before = asked.get(from);
      if (before !== undefined) return before;
      const invocation = invocationFrom(from, roots, options);
      asked.set(from, invocation);
      return invocation;
    },
  };
}

/** Only what differs from a plain call in that directory has to be named in a command (DEC-50). */
function invocationFrom(from: string, roots: Roots, options: Pick<RootOptions, "env" | "home">): ReturnType<Places["invocation"]> {
  const plain = plainRoots(from, options);
  const registry = plain?.registry === roots.registry ? null : roots.registry;
  // Once the registry is named, its own runtime root is found through it unless this call overrode it.
  const found = registry === null ? plain?.runtime_root : rootsOf(roots.registry, options)?.runtime_root;
  return { registry, runtime_root: found === roots.runtime_root ? null : roots.runtime_root };
}

function plainRoots(cwd: string, { env, home }: Pick<RootOptions, "env" | "home">): Roots | null {
  return attempt({ cwd, home, env: withoutOverrides(env) });
}

function rootsOf(registry: string, { env, home }: Pick<RootOptions, "env" | "home">): Roots | null {
  return attempt({ cwd: home, home, env: withoutOverrides(env), registry });
}

function attempt(options: RootOptions): Roots | null {
  try {
    return resolveRoots(options);
  } catch (error) {
    if (error instanceof LoopxError) return null;
    throw error;
  }
}

/** An agent's shell need not have the variables of this one. */
function withoutOverrides(env: RootOptions["env"]): RootOptions["env"] {
  return { XDG_CONFIG_HOME: env["XDG_CONFIG_HOME"] };
}
