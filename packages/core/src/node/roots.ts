/**
 * Which registry, runtime root and locale a call means (CMD-4 to CMD-6, design D15). It looks and decides; it writes nothing.
 */
import { existsSync, readFileSync, statSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { shellLine } from "../domain/command-line.ts";
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import { parseJsonText } from "../domain/json-text.ts";
import { parseLocale, type Locale } from "../domain/locale/locale.ts";
import type { Places } from "../ports/places.ts";
import { REGISTRY_LIMIT } from "./limits.ts";
import { readUserConfig, userConfigPath, type UserConfig } from "./user-config.ts";

/** Where a call stands and what its flags say. */
export interface RootOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly registry?: string | undefined;
  readonly runtime_root?: string | undefined;
  readonly locale?: Locale | undefined;
  /** `connect`: this project's own registry, no search and no fallback. */
  readonly project?: string | undefined;
  /** A registry that is named may be gone: what is asked for lies in the runtime root. */
  readonly missing_registry?: boolean | undefined;
}

/** Where a value came from, for `config --show-origin`. */
export type Origin = "flag" | "env" | "project" | "user" | "global" | "lang" | "default";

/** The registry, runtime root and locale a call means, each with its origin. */
export interface Roots {
  readonly registry: AbsolutePath;
  readonly registry_source: Places["registry_source"];
  readonly runtime_root: AbsolutePath;
  readonly runtime_root_source: Origin;
  readonly locale: Locale;
  readonly locale_source: Origin;
  readonly user_config: UserConfig;
  readonly user_config_path: AbsolutePath;
}

export const PROJECT_REGISTRY = join(".loopx", "registry.json");
export const GLOBAL_REGISTRY = "registry.global.json";

/** The roots of a call. A named registry that is missing is `registry_not_found`, except for `connect`. */
export function resolveRoots(options: RootOptions): Roots {
  const configPath = userConfigPath(options.env, options.home);
  const user = readUserConfig(configPath);
  const named = namedRegistry(options, user);
  const registry = named ?? { path: join(outerRuntimeRoot(options, user).path, GLOBAL_REGISTRY), source: "global" as const };
  const declared = registry.source === "global" ? {} : declaredByRegistry(registry.path);
  const root = runtimeRoot(options, user, declared.common_runtime_root, dirname(registry.path));
  const locale = chooseLocale(options, user, declared.locale);
  return {
    registry: registry.path,
    registry_source: registry.source,
    runtime_root: root.path,
    runtime_root_source: root.source,
    locale: locale.locale,
    locale_source: locale.source,
    user_config: user,
    user_config_path: configPath,
  };
}

/**
 * Refuses a runtime root that can never be: a file stands where it or a folder above it belongs. Without this every
 * later step would blame the file it was about to write.
 */
export function requireRuntimeRoot({ runtime_root: root, runtime_root_source: source }: Roots): void {
  for (let at = root; ; at = dirname(at)) {
    const found = statOrNothing(at);
    if (found?.isDirectory() === true || at === dirname(at)) return;
    if (found === undefined) continue;
    throw new LoopxError("invalid_value", `the runtime root ${root} cannot be used: ${at} is no folder`, {
      hint: `move ${at} away, or name another runtime root with --runtime-root or LOOPX_RUNTIME_ROOT`,
      details: { runtime_root: root, runtime_root_source: source, file: at },
    });
  }
}

function namedRegistry(options: RootOptions, user: UserConfig): { path: string; source: Places["registry_source"] } | null {
  const creates = options.project !== undefined || options.missing_registry === true;
  const fromFlag = nonEmpty(options.registry);
  if (fromFlag !== null) return named(resolve(options.cwd, fromFlag), "flag", creates);
  const fromEnv = nonEmpty(options.env["LOOPX_REGISTRY"]);
  if (fromEnv !== null) return named(resolve(options.cwd, fromEnv), "env", creates);
  if (options.project !== undefined) return { path: join(resolve(options.cwd, options.project), PROJECT_REGISTRY), source: "project" };
  const found = searchUpward(options.cwd, options.home);
  if (found !== null) return { path: found, source: "project" };
  return user.registry === undefined ? null : named(user.registry, "user", creates);
}

function named(path: string, source: "flag" | "env" | "user", creates: boolean): { path: string; source: Places["registry_source"] } {
  if (!creates && !existsSync(path)) {
    throw new LoopxError("registry_not_found", `the registry ${path} does not exist`, {
      hint: `${shellLine(["loopx", "connect", "--registry", path])}, or correct the path`,
      details: { registry: path, registry_source: source },
    });
  }
  return { path, source };
}

/** The nearest project registry; the search ends at a checkout's top, at the home directory and at the root. */
function searchUpward(cwd: string, home: string): string | null {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, PROJECT_REGISTRY);
    if (existsSync(candidate)) return candidate;
    if (existsSync(join(folder, ".git")) || folder === home || folder === dirname(folder)) return null;
  }
}

function outerRuntimeRoot(options: RootOptions, user: UserConfig): { path: string; source: Origin } {
  return runtimeRoot(options, user, undefined, options.cwd);
}

function runtimeRoot(options: RootOptions, user: UserConfig, declared: string | undefined, base: string): { path: string; source: Origin } {
  const fromFlag = nonEmpty(options.runtime_root);
  if (fromFlag !== null) return { path: resolve(options.cwd, fromFlag), source: "flag" };
  const fromEnv = nonEmpty(options.env["LOOPX_RUNTIME_ROOT"]);
  if (fromEnv !== null) return { path: resolve(options.cwd, fromEnv), source: "env" };
  if (declared !== undefined) return { path: resolve(base, expandHome(declared, options.home)), source: "project" };
  if (user.runtime_root !== undefined) return { path: user.runtime_root, source: "user" };
  return { path: join(options.home, ".codex", "loopx"), source: "default" };
}

/** Older registries may hold a literal `~`. */
function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

interface Declared {
  readonly common_runtime_root?: string;
  readonly locale?: Locale;
}

/** What was read last, by path: one call asks for the same registry several times. A changed file is read again. */
const declaredBefore = new Map<string, { readonly mark: string; readonly declared: Declared }>();

/** Nothing also below a file that stands where a folder belongs: the reader of the goals says so. */
function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What a registry declares for its readers; nothing when it cannot be read (the caller of the goals will say why). */
function declaredByRegistry(path: string): Declared {
  const found = statOrNothing(path);
  // A FIFO would hang the read; an oversized file is refused by the reader of the goals.
  if (found === undefined || !found.isFile() || found.size > REGISTRY_LIMIT) return {};
  const mark = `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}`;
  const before = declaredBefore.get(path);
  if (before?.mark === mark) return before.declared;
  const value = readJson(path);
  const root = isJsonObject(value) && typeof value["common_runtime_root"] === "string" ? nonEmpty(value["common_runtime_root"]) : null;
  const locale = isJsonObject(value) && typeof value["locale"] === "string" ? parseLocale(value["locale"]) : null;
  const declared = { ...(root === null ? {} : { common_runtime_root: root }), ...(locale === null ? {} : { locale }) };
  declaredBefore.set(path, { mark, declared });
  return declared;
}

function readJson(path: string): unknown {
  try {
    const parsed = parseJsonText(readFileSync(path, "utf8"));
    return parsed.kind === "value" ? parsed.value : null;
  } catch {
    return null;
  }
}

function chooseLocale(options: RootOptions, user: UserConfig, declared: Locale | undefined): { locale: Locale; source: Origin } {
  if (options.locale !== undefined) return { locale: options.locale, source: "flag" };
  const fromEnv = parseLocale(options.env["LOOPX_LOCALE"]);
  if (fromEnv !== null) return { locale: fromEnv, source: "env" };
  if (declared !== undefined) return { locale: declared, source: "project" };
  if (user.locale !== undefined) return { locale: user.locale, source: "user" };
  const lang = parseLocale(options.env["LC_ALL"] ?? options.env["LANG"]);
  return lang === null ? { locale: "en", source: "default" } : { locale: lang, source: "lang" };
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
