/** What a build made, one folder per commit: complete ones say so in `artifact.json`; the oldest go (WTL-74). */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join, relative } from "node:path";

const KEPT = 5;
const MOST_FILES = 20_000;
const DIGESTED = 64 * 1024 * 1024;

/** An empty folder for the build of a commit; a half one of a killed build goes first. */
export function freshArtifact(folder: string, sha: string): string {
  const dir = join(folder, sha);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

/** The folder of a complete artifact, or null. */
export function completeArtifact(folder: string, sha: string): string | null {
  const dir = join(folder, sha);
  try {
    const { sha: named } = JSON.parse(readFileSync(join(dir, "artifact.json"), "utf8")) as { sha?: unknown };
    return named === sha ? dir : null;
  } catch {
    return null;
  }
}

/** Says that everything is there. Written last and at once. */
export function completeWith(dir: string, sha: string): void {
  const files = filesBelow(dir).slice(0, MOST_FILES);
  const listed = files.map((path) => ({ path: relative(dir, path), sha256: digestOf(path) }));
  const sibling = join(dir, ".artifact.json.part");
  const fd = openSync(sibling, "w", 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ sha, files: listed }, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(sibling, join(dir, "artifact.json"));
}

/** Removes all but the newest, those that run, and the last validated one. */
export function forgetArtifacts(folder: string, keep: readonly string[]): void {
  const names = namesIn(folder)
    .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .map(({ name }) => name);
  for (const name of names.slice(KEPT)) if (!keep.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function filesBelow(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() && entry.name !== "artifact.json" ? [path] : [];
    });
}

function digestOf(path: string): string | null {
  return statSync(path).size > DIGESTED ? null : createHash("sha256").update(readFileSync(path)).digest("hex");
}
