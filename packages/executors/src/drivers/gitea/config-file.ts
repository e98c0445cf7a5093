/** The file of the configuration, and what the variables make of it (DSP-5, DSP-6). */
import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { AnyCall } from "@loopx/cli/program";
import { readGiteaConfig, type GiteaConfig } from "../../gitea/config.ts";
import { invalid } from "./invalid.ts";

const CONFIG_BYTES = 1024 * 1024;

export interface ConfigText {
  readonly path: string;
  readonly text: string;
}

export interface ConfigFile {
  readonly path: string;
  /** Somebody named it: then it has to be there. */
  readonly named: boolean;
}

export function configFile(
  { config }: { readonly config?: string | undefined },
  { globals, io }: Pick<AnyCall, "globals" | "io">,
): ConfigFile {
  const named = config ?? (io.env["LOOPX_GITEA_CONFIG"] === "" ? undefined : io.env["LOOPX_GITEA_CONFIG"]);
  return { path: resolve(globals.cwd, named ?? ".loopx/gitea.yaml"), named: named !== undefined };
}

export function configText({ path, named }: ConfigFile): ConfigText | null {
  if (!existsSync(path)) {
    if (named) throw invalid(`${path} does not exist`, "config");
    return null;
  }
  if (statSync(path).size > CONFIG_BYTES) throw invalid(`${path} has more than 1 MiB`, "config");
  return { path, text: readFileSync(path, "utf8") };
}

/** The configuration of a text; throws `config_invalid` with everything that is wrong. */
export function configOf(
  { globals, io }: Pick<AnyCall, "globals" | "io">,
  file: ConfigText | null,
): { config: GiteaConfig; warnings: readonly string[] } {
  const read = readGiteaConfig(io.env, file, (path) => absolute(path, globals.cwd, io.home));
  if (read.kind === "config") return read;
  throw new LoopxError("config_invalid", read.faults.join("\n"), {
    hint: "correct what is named, then start again",
    details: { faults: [...read.faults] },
  });
}

/**
 * The same for whoever only looks, or puts on the brake: with a file that is broken, what is usual stands in its place, and the
 * fault is told. Throws when nobody can say which dispatcher is meant.
 */
export function configOrUsual(
  call: Pick<AnyCall, "globals" | "io">,
  file: ConfigFile,
): { readonly config: GiteaConfig; readonly fault: string | null } {
  const { globals, io } = call;
  const resolvePath = (path: string): string => absolute(path, globals.cwd, io.home);
  try {
    return { config: configOf(call, configText(file)).config, fault: null };
  } catch (error) {
    const text = readable(file);
    const read = readGiteaConfig(io.env, text, resolvePath);
    const usual = read.kind === "config" ? read.config : read.usual;
    if (usual === null) throw error;
    return { config: usual, fault: error instanceof Error ? error.message : String(error) };
  }
}

function readable(file: ConfigFile): ConfigText | null {
  try {
    return configText(file);
  } catch {
    return null;
  }
}

/** A path as a person writes it. */
export function absolute(path: string, cwd: string, home: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
  return isAbsolute(expanded) ? expanded : resolve(cwd, expanded);
}
