/** Where a service stands: its configuration, its host, its token, its own records. */
import { statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { openHost, type DocumentKey, type FileHost, type Host } from "@loopx/core";
import { LoopxError, isJsonObject, type JsonObject } from "@loopx/core/domain";
import { readToken, writeToken, type ServerLimits } from "@loopx/cli/http";
import type { Io } from "@loopx/cli/program";
import { isToken, readConfig, type LooperConfig, type LooperFlags } from "../../looper/config.ts";
import type { Timing } from "../../scenario/run.ts";

/** The name under which the store keeps Looper's records. */
export const EXECUTOR = "looper";
export const STATE = { kind: "executor_state", executor: EXECUTOR, name: "state.json" } as const;

/** Where a line stands, and what it says about the runtime root. */
export interface LooperPlace {
  readonly io: Io;
  readonly cwd: string;
  readonly runtime_root: string;
  /** Another in tests, as are time and bounds. */
  readonly keeper?: string;
  readonly timing?: Timing;
  readonly limits?: Partial<ServerLimits>;
}

/** The configuration of this place; throws `config_invalid` with everything that is wrong. */
export function looperConfig(
  flags: LooperFlags,
  { io, cwd, runtime_root }: LooperPlace,
): { config: LooperConfig; warnings: readonly string[] } {
  const read = readConfig(flags, io.env, { cwd, runtime_root, resolve, path_separator: delimiter });
  if (read.kind === "config") return read;
  throw new LoopxError("config_invalid", read.faults.join("; "), {
    hint: "correct the variable, then start again",
    details: { faults: [...read.faults] },
  });
}

export function hostOf(config: LooperConfig, { io, runtime_root }: LooperPlace, cwd: string): FileHost {
  return openHost({
    cwd,
    env: io.env,
    home: io.home,
    runtime_root,
    command: "loopx-loop looper",
    lock_wait_ms: 5_000,
    executor_dirs: { [EXECUTOR]: config.dir },
    observer: io.observer,
    ...(io.clock === undefined ? {} : { clock: io.clock }),
  });
}

/** Over the registry of all projects. */
export function globalHost(config: LooperConfig, place: LooperPlace): Host {
  const host = hostOf(config, place, "/");
  return host.at(host.places.global_registry, { missing: true });
}

/** The operator's token, the file's first line, else one that is made once and kept in the service's folder (LPR-13). */
export function tokenOf(config: LooperConfig): { readonly token: string; readonly path: string | null } {
  if (config.api_token !== null) return { token: config.api_token, path: null };
  const path = config.api_token_file ?? join(config.dir, "token");
  const found = readToken(path);
  if (found !== null && isToken(found)) return { token: found, path };
  if (config.api_token_file === null && found === null) return { token: writeToken(path), path };
  throw new LoopxError("config_invalid", `the first line of ${path} is no token: at least 16 characters without white space`, {
    hint: "loopx-loop looper token --rotate writes a new one",
  });
}

/** True while that file is there: a token that nobody has written yet is none. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What a service before this one wrote down; null when nothing can be read. */
export async function readObject(host: FileHost, key: DocumentKey): Promise<JsonObject | null> {
  const found = await host.documents.read(key);
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
