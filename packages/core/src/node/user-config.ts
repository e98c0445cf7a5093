/** The user's own defaults in `${XDG_CONFIG_HOME:-~/.config}/loopx/config.json`: read strictly, never written (CMD-4). */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import * as z from "zod/mini";
import { LoopxError } from "../domain/errors.ts";
import { parseJsonText } from "../domain/json-text.ts";

const UserConfigSchema = z.strictObject({
  registry: z.optional(z.string()),
  runtime_root: z.optional(z.string()),
  format: z.optional(z.enum(["markdown", "json"])),
  locale: z.optional(z.enum(["en", "zh"])),
  color: z.optional(z.enum(["auto", "always", "never"])),
});

export type UserConfig = z.infer<typeof UserConfigSchema>;

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
  const config = UserConfigSchema.safeParse(parsed.value);
  if (!config.success) {
    const issue = config.error.issues[0];
    const key = issue?.code === "unrecognized_keys" ? (issue.keys[0] ?? "") : String(issue?.path[0] ?? "");
    throw invalid(path, lineOfKey(text, key), `${key === "" ? "the file" : `"${key}"`}: ${issue?.message ?? "wrong shape"}`);
  }
  const base = dirname(path);
  const absolute = (value: string | undefined): string | undefined => (value === undefined ? undefined : resolve(base, value));
  const { registry, runtime_root, ...rest } = config.data;
  return { ...rest, ...withPath("registry", absolute(registry)), ...withPath("runtime_root", absolute(runtime_root)) };
}

function withPath(key: "registry" | "runtime_root", value: string | undefined): Partial<UserConfig> {
  return value === undefined ? {} : { [key]: value };
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
