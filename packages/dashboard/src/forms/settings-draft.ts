/** What was typed over a goal's settings, and the settings it asks for. Untouched fields follow the goal as it is. Pure. */
import type { GoalSettings } from "@loopx/core/domain";
import { linesOf } from "./lines.ts";

export type SettingKey = keyof GoalSettings;
export type Edits = Partial<Readonly<Record<SettingKey, string>>>;

/** In the order in which a person asks. */
export const GROUPS = [
  ["standing", ["status", "waiting_on"]],
  ["quota", ["quota_compute", "quota_allowed_slots", "quota_window_hours", "quota_slot_minutes"]],
  ["bounds", ["write_scope"]],
  ["agents", ["registered_agent", "primary_agent", "claim_ttl_minutes"]],
  ["children", ["spawn_allowed", "max_children", "allowed_domain"]],
  ["grant", ["boundary_authority_scope", "boundary_authority_source", "boundary_authority_decision_id", "boundary_authority_expires_at"]],
  ["adapter", ["adapter_kind", "adapter_status"]],
] as const satisfies readonly (readonly [string, readonly SettingKey[]])[];

/** Where only these may be chosen; the empty one clears. */
export const CHOICES: Partial<Readonly<Record<SettingKey, readonly string[]>>> = {
  status: ["active", "paused"],
  waiting_on: ["", "codex", "user_or_controller", "controller", "external_evidence"],
  primary_agent: [""],
  spawn_allowed: ["yes", "no"],
  adapter_status: ["connected", "connected-read-only", "pre-tick-runnable", "connected-delivery", "read-only-map-ready", "planned"],
};

const NUMBERS = new Set<SettingKey>([
  "quota_compute",
  "quota_window_hours",
  "quota_slot_minutes",
  "quota_allowed_slots",
  "claim_ttl_minutes",
  "max_children",
]);
const LINES = new Set<SettingKey>(["registered_agent", "write_scope", "allowed_domain", "boundary_authority_scope"]);

export function kindOf(key: SettingKey): "number" | "lines" | "choice" | "text" {
  return NUMBERS.has(key) ? "number" : LINES.has(key) ? "lines" : CHOICES[key] === undefined ? "text" : "choice";
}

/** A value as it is typed. */
export function textOf(value: GoalSettings[SettingKey]): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? value.join("\n") : String(value);
}

/** What was left out of a value for this page would be lost if it were written back. */
export function isPrivate(value: GoalSettings[SettingKey]): boolean {
  return /<(?:local-path|redacted:[^>]*)>|\$LOOPX_/.test(textOf(value));
}

/** The settings with what was typed. */
export function edited(settings: GoalSettings, edits: Edits): GoalSettings {
  const typed = Object.fromEntries(Object.entries(edits).map(([key, text]) => [key, valueOf(key as SettingKey, text)]));
  const wanted = { ...settings, ...typed } as GoalSettings;
  // Who is no agent of the goal any more reviews nothing of it.
  const isAgent = wanted.registered_agent.some((id) => id.toLowerCase() === wanted.primary_agent?.toLowerCase());
  return isAgent || edits.registered_agent === undefined ? wanted : { ...wanted, primary_agent: null };
}

function valueOf(key: SettingKey, text: string): unknown {
  switch (kindOf(key)) {
    case "number":
      return Number(text);
    case "lines":
      return linesOf(text);
    case "choice":
      return key === "spawn_allowed" ? text === "yes" : text === "" ? null : text;
    case "text":
      return text.trim() === "" ? null : text.trim();
  }
}
