/**
 * Routes of this project in the global registry to goals that its own registry does not have any more: a sync read them
 * before they left. Who disconnects looks after its last write, who syncs after each of its own, so one of them sees it.
 */
import { isJsonObject, textAt } from "../domain/json.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { registryOutcomeError } from "../store/outcome.ts";
import { loadRegistry } from "../store/registry.ts";
import { updateRegistryGoals } from "../store/registry-update.ts";

const GLOBAL = { kind: "global_registry" } as const;

/** Takes those routes out; nothing is written where there are none. A global registry that cannot be read stays as it is. */
export async function removeStrayRoutes(host: Host, gone: ReadonlySet<string>, now: Moment): Promise<void> {
  const file = host.places.global_registry;
  const loaded = await loadRegistry(host.documents, GLOBAL, file);
  if (loaded.kind !== "registry" || strays(host, loaded.registry, gone).length === 0) return;
  const outcome = await updateRegistryGoals(host.documents, {
    key: GLOBAL,
    file,
    now,
    common_runtime_root: host.places.runtime_root,
    decide: (current) => ({
      edits: (current === null ? [] : strays(host, current, gone)).map((goal_id) => ({ kind: "remove", goal_id })),
      value: null,
    }),
  });
  if (outcome.kind !== "written" && outcome.kind !== "unchanged") throw registryOutcomeError(outcome, file);
}

/** An id that leads to another project as well is that project's. */
function strays(host: Host, { items }: Registry, gone: ReadonlySet<string>): readonly string[] {
  const own = host.project.canonical(host.places.registry);
  const isOwn = (raw: unknown): boolean => {
    const source = isJsonObject(raw) ? textAt(raw, "source_registry") : "";
    return source !== "" && (source === own || host.project.canonical(source) === own);
  };
  const named = items.flatMap(({ id, raw }) => (id !== null && gone.has(id) ? [{ id, own: isOwn(raw) }] : []));
  return named.filter(({ id }) => named.every((other) => other.id !== id || other.own)).map(({ id }) => id);
}
