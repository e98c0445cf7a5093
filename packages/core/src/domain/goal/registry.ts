/**
 * A registry as its readers see it: entries that may be trusted, entries that may not, and what is wrong with each.
 * Types only; `read-registry.ts` builds it.
 */
import type { Finding } from "../finding.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { GoalEntry } from "./entry.ts";

/** One place of the `goals` array. `entry` is null when a finding of severity error makes it unusable. */
export interface RegistryItem {
  readonly position: number;
  /** The id as written, or null when there is none. */
  readonly id: string | null;
  readonly entry: GoalEntry | null;
  /** Findings of this entry alone, and those it shares with others. */
  readonly findings: readonly Finding[];
  readonly raw: JsonValue;
}

/** A registry file as it was read, with the findings about the file itself. */
export interface Registry {
  /** As written; a number is kept as text. */
  readonly schema_version: string | null;
  readonly updated_at: string | null;
  readonly common_runtime_root: string | null;
  readonly registry_role: string | null;
  readonly locale: "en" | "zh" | null;
  readonly items: readonly RegistryItem[];
  /** Findings about the file as a whole. */
  readonly findings: readonly Finding[];
  readonly raw: JsonObject;
}
