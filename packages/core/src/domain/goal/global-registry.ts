/**
 * A project entry as the global registry keeps it (FIL-21): the same goal, without the sources that may name
 * private documents, with counts in their place. Pure; what lies on disk is looked up by the caller.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { isAbsent, numberOf, objectOf, textOf, textsOf } from "./fields.ts";
import { withoutKeys } from "./json-values.ts";

/** What a caller saw of the authority registry's files; null where it did not look. */
export interface AuthorityFacts {
  readonly path_exists: boolean | null;
  readonly default_entries_checked: number;
  readonly default_entries_present: number;
}

const NOT_LOOKED: AuthorityFacts = { path_exists: null, default_entries_checked: 0, default_entries_present: 0 };

/** Attention overrides that a sync keeps when another source does not speak of them (FIL-24). */
const OVERRIDES = [
  "waiting_on",
  "attention_status",
  "operator_question",
  "recommended_action",
  "next_handoff_condition",
  "clear_attention_override",
] as const;

const LEFT_OUT = new Set(["authority_sources", "authority_registry", "source_registry", "synced_at", "authority_source_count"]);

export interface SyncSource {
  readonly raw: JsonObject;
  /** Absolute real path of the project registry. */
  readonly source_registry: string;
  /** The instant as text, whole seconds (FIL-3). */
  readonly synced_at: string;
  readonly authority?: AuthorityFacts;
  /** The entry of the same id that stands in the global registry. */
  readonly old?: JsonObject;
}

/** The entry to write into the global registry; its last four keys are always the same, in the order of FIL-21. */
export function syncedEntry(source: SyncSource): JsonObject {
  const { raw } = source;
  return {
    ...withoutKeys(raw, LEFT_OUT),
    ...keptOverrides(source),
    source_registry: source.source_registry,
    synced_at: source.synced_at,
    authority_source_count: Array.isArray(raw.authority_sources) ? raw.authority_sources.length : 0,
    authority_registry: authorityCounts(raw.authority_registry, source.authority ?? NOT_LOOKED),
  };
}

/** A gate set in another checkout of the goal is not lifted by a registry that never knew of it. */
function keptOverrides({ raw, old, source_registry }: SyncSource): JsonObject {
  if (old === undefined || old.source_registry === source_registry || raw.clear_attention_override === true) return {};
  const kept = OVERRIDES.filter((key) => raw[key] === undefined && old[key] !== undefined);
  return Object.fromEntries(kept.map((key) => [key, old[key]]));
}

/** Exactly the counts of FIL-21, in their order; an undeclared registry counts nothing. */
export function authorityCounts(value: JsonValue | undefined, facts: AuthorityFacts = NOT_LOOKED): JsonObject {
  const declared = isJsonObject(value);
  const registry = objectOf(value);
  const path = textOf(registry.path);
  const materials = itemsOf(registry.project_materials);
  return {
    declared,
    required: registry.required === true,
    path,
    path_exists: path === null ? null : facts.path_exists,
    read_status: textOf(registry.read_status),
    default_entry_count: textsOf(registry.default_entry_docs).length,
    default_entries_checked: facts.default_entries_checked,
    default_entries_present: facts.default_entries_present,
    topic_authority_count: itemsOf(registry.topic_authority).length,
    project_material_count: materials.length,
    project_material_repository_count: materials.filter((item) => textOf(item.repository) !== null || item.kind === "repository").length,
    project_material_owner_review_required_count: materials.filter((item) => item.owner_review_required === true).length,
    project_material_stale_count: materials.filter((item) => item.stale === true || item.status === "stale").length,
    project_material_current_authority_count: materials.filter(
      (item) => item.current_authority === true || item.status === "current_authority",
    ).length,
    deprecated_source_count: Math.max(0, Math.floor(numberOf(registry.deprecated_source_count) ?? 0)),
    conflict_risk: textOf(registry.conflict_risk) ?? "unknown",
  };
}

/** The values of an object or list, each as an object; a plain value counts as an empty one. */
function itemsOf(value: JsonValue | undefined): JsonObject[] {
  if (isAbsent(value) || typeof value !== "object") return [];
  return Object.values(value).map((item) => objectOf(item));
}
