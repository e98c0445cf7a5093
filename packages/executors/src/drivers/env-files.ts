/**
 * Environment files such as `.env`: copied into the test worktree, private, taken out while an agent works there, and never
 * shown (WTL-26, WTL-61). Only their digest goes into a record.
 */
import { createHash } from "node:crypto";
import { chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, writeSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import { secretValues } from "./process/secrets.ts";

const LIMIT = 1024 * 1024;
const EXAMPLE = ".env.example";

/** One file that was copied. */
export interface CopiedEnv {
  readonly path: string;
  readonly sha256: string;
}

/** The copies, and what a person should know. */
export interface EnvCopies {
  readonly copied: readonly CopiedEnv[];
  readonly warnings: readonly string[];
}

/** Copies each file that is there. `tracked`: paths that git knows, which are never written over. */
export function copyEnvFiles(root: string, worktree: string, files: readonly string[], tracked: readonly string[]): EnvCopies {
  const copied: CopiedEnv[] = [];
  const warnings: string[] = [];
  for (const path of files) {
    if (tracked.includes(path))
      throw new LoopxError("config_invalid", `${path} is tracked by git; it is no environment file`, { details: { file: path } });
    const example = path === ".env" && !exists(join(root, path)) && exists(join(root, EXAMPLE));
    const source = join(root, example ? EXAMPLE : path);
    if (!exists(source)) continue;
    if (example) warnings.push(`${root} has no .env; the test worktree gets a copy of ${EXAMPLE}`);
    const bytes = readInside(root, source);
    writePrivate(worktree, join(worktree, path), bytes);
    copied.push({ path, sha256: createHash("sha256").update(bytes).digest("hex") });
  }
  return { copied, warnings };
}

/** Takes the copies away: what is not there cannot be read. */
export function removeEnvFiles(worktree: string, files: readonly string[]): void {
  for (const path of files) rmSync(join(worktree, path), { force: true });
}

/** The variables of a file; a missing one has none. */
export function readEnvFile(path: string): Readonly<Record<string, string>> {
  return exists(path) ? parseEnv(readFileSync(path, "utf8")) : {};
}

/** `NAME=value` lines, quoted or not, with comments; nothing is expanded. */
export function parseEnv(text: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    if (found === null) continue;
    const [, name = "", raw = ""] = found;
    const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(raw);
    variables[name] = quoted?.[2] ?? raw.replace(/\s+#.*$/, "");
  }
  return variables;
}

/** The values of these variables that must not be shown: by name, by look, and passwords inside addresses. */
export function secretsIn(variables: Readonly<Record<string, string>>): readonly string[] {
  const byLook = Object.values(variables).filter(
    (value) => /^[\w+/=.-]{16,}$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value) && !value.startsWith("/"),
  );
  const passwords = Object.values(variables).flatMap((value) => /:\/\/[^/:@\s]*:([^/@\s]+)@/.exec(value)?.[1] ?? []);
  return [...new Set([...secretValues(variables), ...byLook, ...passwords])];
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A link is followed only while it stays inside. */
function readInside(root: string, path: string): Buffer {
  const real = realpathSync(path);
  const way = relative(root, real);
  if (way.startsWith("..") || way === "")
    throw new LoopxError("path_outside_root", `${path} is a link that leads out of ${root}`, { details: { path } });
  const stat = lstatSync(real);
  if (!stat.isFile()) throw new LoopxError("not_a_regular_file", `${path} is no regular file`, { details: { file: path } });
  if (stat.size > LIMIT)
    throw new LoopxError("too_large", `${path} has ${stat.size} bytes; at most ${LIMIT} are allowed`, { details: { file: path } });
  return readFileSync(real);
}

function writePrivate(worktree: string, path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  const folder = relative(worktree, realpathSync(dirname(path)));
  if (folder.startsWith(".."))
    throw new LoopxError("path_outside_root", `${path} would lie outside of the test worktree`, { details: { path } });
  // What stands there goes first: a link would be written through.
  rmSync(path, { force: true });
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  } finally {
    closeSync(fd);
  }
  chmodSync(path, 0o600);
}
