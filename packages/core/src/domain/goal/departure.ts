/** Which goals leave which registry when a project is disconnected (CMD-40). Pure: it reads two registries and decides. */
import { isJsonObject, textAt } from "../json.ts";
import type { Registry, RegistryItem } from "./registry.ts";

export interface DepartureRequest {
  /** The project's registry, or null when there is none any more. */
  readonly local: Registry | null;
  readonly global: Registry | null;
  /** Null for every goal of the project. */
  readonly wanted: readonly string[] | null;
  /** Whether a path of the global registry means the project's registry. */
  readonly isOwn: (registry: string) => boolean;
}

export interface Departure {
  readonly kind: "departure";
  /** In the order of the registry, then those only the global one still has. */
  readonly goal_ids: readonly string[];
  /** Of these, the ones that stand in the project's registry. */
  readonly local_ids: ReadonlySet<string>;
  readonly global_ids: ReadonlySet<string>;
  /** Goals of that id which the global registry routes to another project; they stay. */
  readonly skipped_ids: readonly string[];
  readonly local_before: number;
  readonly local_after: number;
}

/** What leaves, or the first wanted goal that neither registry has. A goal that only the global one still has completes an interrupted call. */
export function departureOf({
  local,
  global,
  wanted,
  isOwn,
}: DepartureRequest): Departure | { readonly kind: "unknown"; readonly goal_id: string } {
  const items = local?.items ?? [];
  const locals = idsOf(items);
  const own = idsOf((global?.items ?? []).filter((item) => isOwn(sourceOf(item))));
  const all = [...new Set([...locals, ...own])];
  const unknown = wanted?.find((id) => !all.includes(id));
  if (unknown !== undefined) return { kind: "unknown", goal_id: unknown };
  const leaving = wanted === null ? all : all.filter((id) => wanted.includes(id));
  const local_ids = new Set(leaving.filter((id) => locals.includes(id)));
  const elsewhere = idsOf((global?.items ?? []).filter((item) => !isOwn(sourceOf(item))));
  return {
    kind: "departure",
    goal_ids: leaving,
    local_ids,
    global_ids: new Set(leaving.filter((id) => own.includes(id) && !elsewhere.includes(id))),
    skipped_ids: leaving.filter((id) => elsewhere.includes(id)),
    local_before: items.length,
    local_after: items.filter((item) => item.id === null || !local_ids.has(item.id)).length,
  };
}

function idsOf(items: readonly RegistryItem[]): string[] {
  return [...new Set(items.flatMap((item) => (item.id === null ? [] : [item.id])))];
}

function sourceOf({ raw }: RegistryItem): string {
  return isJsonObject(raw) ? textAt(raw, "source_registry") : "";
}
