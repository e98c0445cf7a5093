/** The settings in effect and where each came from (CMD-4, CMD-24). */
import { resolveRoots } from "@loopx/core";
import type { AnyCall } from "./call.ts";

export const SETTING_KEYS = ["registry", "runtime_root", "format", "locale", "color", "goal_id", "agent_id"] as const;
export type SettingKey = (typeof SETTING_KEYS)[number];

export interface Setting {
  readonly key: SettingKey;
  /** Null when nothing is set and there is no default. */
  readonly value: string | null;
  readonly origin: string;
}

/** All settings, in the order of {@link SETTING_KEYS}. */
export function settingsOf({ globals, io }: Pick<AnyCall, "globals" | "io">): { settings: readonly Setting[]; user_config: string } {
  const roots = resolveRoots({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    registry: globals.registry,
    runtime_root: globals.runtime_root,
    locale: globals.locale,
  });
  const user = roots.user_config;
  const variable = (name: string): string | null => io.env[name] || null;
  const format = globals.format ?? user.format ?? "markdown";
  const formatOrigin = globals.format === undefined ? (user.format === undefined ? "default" : "user") : globals.format_source;
  const color = globals.color === undefined ? (user.color ?? "auto") : globals.color ? "always" : "never";
  const settings: Setting[] = [
    { key: "registry", value: roots.registry, origin: roots.registry_source },
    { key: "runtime_root", value: roots.runtime_root, origin: roots.runtime_root_source },
    { key: "format", value: format, origin: formatOrigin },
    { key: "locale", value: roots.locale, origin: roots.locale_source },
    { key: "color", value: color, origin: globals.color === undefined ? (user.color === undefined ? "default" : "user") : "flag" },
    fromVariable("goal_id", variable("LOOPX_GOAL_ID")),
    fromVariable("agent_id", variable("LOOPX_AGENT_ID")),
  ];
  return { settings, user_config: roots.user_config_path };
}

function fromVariable(key: SettingKey, value: string | null): Setting {
  return { key, value, origin: value === null ? "default" : "env" };
}
