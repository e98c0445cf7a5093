/**
 * Which documents a goal calls its authority, as counts. A project entry declares them itself; an entry of the global
 * registry carries only the counts that a sync left there (FIL-21). Nothing here looks for a file.
 */
import { numberOf, objectOf, textOf, textsOf } from "../goal/fields.ts";
import { authorityCounts, type AuthorityFacts } from "../goal/global-registry.ts";
import type { JsonObject } from "../json.ts";

/** So many default entries are looked for; a longer list says nothing more. */
const MAX_ENTRIES = 200;

export interface Authority {
  /** Exactly the counts of FIL-21. */
  readonly counts: JsonObject;
  readonly declared: boolean;
  readonly required: boolean;
  readonly path_missing: boolean;
  readonly default_entries_missing: boolean;
  readonly deprecated_sources: number;
  readonly conflict_risk: string;
}

/** Paths a map has to look for before {@link authorityOf} can judge; none for counts that a sync left. */
export function authorityPaths(raw: JsonObject): { readonly path: string | null; readonly default_entries: readonly string[] } {
  const registry = objectOf(raw.authority_registry);
  if (isCounts(registry)) return { path: null, default_entries: [] };
  return { path: textOf(registry.path), default_entries: textsOf(registry.default_entry_docs).slice(0, MAX_ENTRIES) };
}

/** The authority of an entry. A registry that is required but names no path counts as not declared. */
export function authorityOf(raw: JsonObject, facts: AuthorityFacts): Authority {
  const given = objectOf(raw.authority_registry);
  const counts = isCounts(given) ? given : authorityCounts(raw.authority_registry, facts);
  const checked = numberOf(counts.default_entries_checked) ?? 0;
  return {
    counts,
    declared: counts.declared === true && textOf(counts.path) !== null,
    required: counts.required === true,
    path_missing: counts.path_exists === false,
    default_entries_missing: (numberOf(counts.default_entries_present) ?? 0) < checked,
    deprecated_sources: numberOf(counts.deprecated_source_count) ?? 0,
    conflict_risk: textOf(counts.conflict_risk) ?? "unknown",
  };
}

/** Numbers and booleans only: the run index holds no path of a person's machine. */
export function publicCounts({ counts }: Authority): JsonObject {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => typeof value === "number" || typeof value === "boolean"));
}

function isCounts(registry: JsonObject): boolean {
  return typeof registry.declared === "boolean";
}
