/**
 * What a gate's verdict rests on beside the commit and the configuration: the environment files it saw, and the programs it
 * ran (WTL-28). Only digests leave this file.
 */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./agents/binary.ts";

/** The fingerprint of these files of a folder and of these programs as they are now; a missing one has a mark of its own. */
export function gateGround(
  folder: string,
  files: readonly string[],
  programs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const seen = [files.map((path) => [path, fileDigest(folder, path)]), programs.map((name) => [name, programStamp(name, env)])];
  return createHash("sha256").update(JSON.stringify(seen)).digest("hex");
}

/** `.env.example` stands in for a missing `.env`, as it does in the copy (WTL-26). */
function fileDigest(folder: string, path: string): string | null {
  const own = join(folder, path);
  const source = path === ".env" && lstatSync(own, { throwIfNoEntry: false }) === undefined ? join(folder, ".env.example") : own;
  try {
    return createHash("sha256").update(readFileSync(source)).digest("hex");
  } catch {
    return null;
  }
}

/** Another version of a program is another file, or the same one written anew. */
function programStamp(name: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const path = findProgram(name, env);
  if (path === null) return null;
  const { size, mtimeMs } = statSync(path);
  return `${path} ${size} ${mtimeMs}`;
}
