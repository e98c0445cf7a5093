/** The settings in effect and where each came from (CMD-4, CMD-24). */
import { resolveRoots } from "@loopx/core";
import type { AnyCall } from "./call.ts";
import type { SETTING_KEYS } from "./options/installation.ts";

export type SettingKey = (typeof SETTING_KEYS)[number];

interface Setting {
  /** Null when nothing is set and there is no default. */
  readonly value: string | null;
  readonly origin: string;
}

export type Settings = Readonly<Record<SettingKey, Setting>>;

/** All settings, in the order of `SETTING_KEYS`. */
export function settingsOf({ globals, io }: Pick<AnyCall, "globals" | "io">): { settings: Settings; user_config: string } {
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
  const settings: Settings = {
    registry: { value: roots.registry, origin: roots.registry_source },
    runtime_root: { value: roots.runtime_root, origin: roots.runtime_root_source },
    format: { value: format, origin: formatOrigin },
    locale: { value: roots.locale, origin: roots.locale_source },
    color: { value: color, origin: globals.color === undefined ? (user.color === undefined ? "default" : "user") : "flag" },
    goal_id: fromVariable(variable("LOOPX_GOAL_ID")),
    agent_id: fromVariable(variable("LOOPX_AGENT_ID")),
  };
  return { settings, user_config: roots.user_config_path };
}

function fromVariable(value: string | null): Setting {
  return { value, origin: value === null ? "default" : "env" };
}
