/** The user's own defaults in `${XDG_CONFIG_HOME:-~/.config}/loopx/config.json`: read strictly, never written (CMD-4). */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { LoopxError } from "../domain/errors.ts";
import { isJsonObject } from "../domain/json.ts";
import { parseJsonText } from "../domain/json-text.ts";

/** The keys of the file and what each may be. Read by hand: a schema library would cost every wake-up its loading time. */
const ALLOWED = {
  registry: (value: unknown) => typeof value === "string" && value !== "",
  runtime_root: (value: unknown) => typeof value === "string" && value !== "",
  format: (value: unknown) => value === "markdown" || value === "json",
  locale: (value: unknown) => value === "en" || value === "zh",
  color: (value: unknown) => value === "auto" || value === "always" || value === "never",
} as const;

/** The user's own defaults; what is not set has no key. */
export interface UserConfig {
  readonly registry?: string;
  readonly runtime_root?: string;
  readonly format?: "markdown" | "json";
  readonly locale?: "en" | "zh";
  readonly color?: "auto" | "always" | "never";
}

/** Where the user's file lies; it need not exist. */
export function userConfigPath(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const base = env["XDG_CONFIG_HOME"];
  return join(base !== undefined && isAbsolute(base) ? base : join(home, ".config"), "loopx", "config.json");
}

/** The user's defaults with absolute paths; empty without a file. An unknown key or wrong type is `config_invalid`. */
export function readUserConfig(path: string): UserConfig {
  const text = readIfThere(path);
  if (text === null) return {};
  const parsed = parseJsonText(text);
  if (parsed.kind === "invalid") throw invalid(path, lineOfMessage(text, parsed.message), parsed.message);
  if (!isJsonObject(parsed.value)) throw invalid(path, 1, "it holds no JSON object");
  for (const [key, value] of Object.entries(parsed.value)) {
    if (!Object.hasOwn(ALLOWED, key))
      throw invalid(path, lineOfKey(text, key), `unknown key "${key}"; the keys are ${Object.keys(ALLOWED).join(", ")}`);
    if (!ALLOWED[key as keyof typeof ALLOWED](value))
      throw invalid(path, lineOfKey(text, key), `"${key}" has a wrong value: ${shown(value)}`);
  }
  const { registry, runtime_root, ...rest } = parsed.value as UserConfig;
  const base = dirname(path);
  return {
    ...rest,
    ...(registry === undefined ? {} : { registry: resolve(base, registry) }),
    ...(runtime_root === undefined ? {} : { runtime_root: resolve(base, runtime_root) }),
  };
}

function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return Array.isArray(value) ? "a list" : "an object";
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new LoopxError("config_invalid", `${path} cannot be read (${code ?? "unknown error"})`, { cause: error });
  }
}

function invalid(path: string, line: number, what: string): LoopxError {
  return new LoopxError("config_invalid", `${path}:${line}: ${what}`, { hint: `edit ${path}`, details: { file: path, line } });
}

function lineOfKey(text: string, key: string): number {
  const at = key === "" ? 0 : text.indexOf(`"${key}"`);
  return text.slice(0, Math.max(at, 0)).split("\n").length;
}

/** V8 says "at position N" for most faults; without one the fault is at the end. */
function lineOfMessage(text: string, message: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  return text.slice(0, position === undefined ? text.length : Number(position)).split("\n").length;
}
