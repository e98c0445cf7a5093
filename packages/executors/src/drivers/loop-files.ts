/** What a loop reads and writes outside the store: its configuration, its folders below the runtime root, and the person's logs. */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { LoopxError } from "@loopx/core/domain";

const CONFIG_LIMIT = 1024 * 1024;
const LOG_BYTES = 8 * 1024 * 1024;
const FILES = ["loopx-loop.yaml", join(".loopx", "loop.yaml")];

/** A configuration file and its digest. */
export interface ConfigText {
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
}

/** The named file, else the first that is there in the main folder (WTL-110). */
export function readConfigText(named: string | null, root: string | null, cwd: string): ConfigText {
  const places = placesOf(named, root ?? cwd, cwd);
  const found = findConfigText(named, root ?? cwd, cwd);
  if (found === null)
    throw new LoopxError("config_invalid", `there is no ${places.join(" and no ")}`, {
      hint: "write loopx-loop.yaml, or name a file with --config",
    });
  return found;
}

/** The same, or null when there is none. */
export function findConfigText(named: string | null, root: string, cwd: string): ConfigText | null {
  const path = placesOf(named, root, cwd).find((place) => existsSync(place));
  if (path === undefined) return null;
  if (!statSync(path).isFile() || statSync(path).size > CONFIG_LIMIT)
    throw new LoopxError("config_invalid", `${path} is no file of at most ${CONFIG_LIMIT} bytes`);
  const text = readFileSync(path, "utf8");
  return { path, text, sha256: sha256(text) };
}

function placesOf(named: string | null, root: string, cwd: string): readonly string[] {
  return named === null ? FILES.map((name) => join(root, name)) : [resolve(cwd, named)];
}

/** The nearest folder upwards that has a configuration; else the folder itself. */
export function folderWithConfig(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (FILES.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return resolve(from);
  }
}

/** The name below which a loop keeps itself: the same for the same main worktree and profile (WTL-11). */
export function loopKey(root: string, profile: string): string {
  return `loop-${sha256(`${root}\0${profile}`).slice(0, 16)}`;
}

/** Absolute paths from parts. */
export function below(folder: string, ...parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return isAbsolute(last) ? last : join(folder, ...parts);
}

/** A person's own file: `~/` is his home, anything else stands below the folder or is absolute. */
export function personalFile(folder: string, path: string, env: Readonly<Record<string, string | undefined>>): string {
  return path.startsWith("~/") ? join(env["HOME"] ?? folder, path.slice(2)) : below(folder, path);
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The real path of a file that exists, else the path itself. */
export function realFile(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** Adds a line to a log for people; a log that cannot be written stops nothing. */
export function logLine(path: string, line: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path) && statSync(path).size > LOG_BYTES) renameSync(path, `${path}.1`);
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
  } catch {
    // The journal has it too.
  }
}

/** Replaces a log for people, as well as it goes. */
export function logText(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  } catch {
    // As above.
  }
}

/** Whether something stands there. */
export function exists(path: string): boolean {
  return existsSync(path);
}

/** The folder a file lies in. */
export function folderOf(path: string): string {
  return dirname(path);
}
