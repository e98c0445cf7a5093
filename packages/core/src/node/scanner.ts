/** Reads the files of a boundary scan. Links are not followed and nothing outside the named paths is opened. */
import { readFileSync, statSync, type Stats } from "node:fs";
import { join, resolve } from "node:path";
import type { ScannedFile, Scanner } from "../ports/scanner.ts";

/** A larger file is reported, not read. */
const SCANNED_FILE_LIMIT = 4 * 1024 * 1024;
const PATTERN = "**/*.{md,txt,py,ts,js,toml,json,yaml,yml,sh}";
const SKIPPED_FOLDERS = [".git", ".loopx", ".local", ".venv", "build", "dist", "node_modules", "runtime", "caches"];
const IGNORED = [...SKIPPED_FOLDERS.map((name) => `**/${name}/**`), "**/*.local.json"];

export const fileScanner: Scanner = {
  files: async function* (paths, cwd) {
    for (const path of paths) {
      const absolute = resolve(cwd, path);
      const found = statOrNull(absolute);
      if (found === null) yield { kind: "missing", path };
      else if (found.isDirectory()) yield* below(absolute, path);
      else if (found.isFile()) yield read(absolute, path, found.size);
    }
  },
};

async function* below(absolute: string, shown: string): AsyncIterable<ScannedFile> {
  const { default: glob } = await import("fast-glob");
  const names = await glob(PATTERN, {
    cwd: absolute,
    ignore: IGNORED,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: false,
    suppressErrors: true,
  });
  for (const name of names.sort()) {
    const file = join(absolute, name);
    const found = statOrNull(file);
    if (found !== null) yield read(file, shown === "." ? name : join(shown, name), found.size);
  }
}

function read(file: string, path: string, size: number): ScannedFile {
  if (size > SCANNED_FILE_LIMIT) return { kind: "unreadable", path, reason: "too_large" };
  try {
    return { kind: "text", path, text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    return { kind: "unreadable", path, reason: error instanceof TypeError ? "not_utf8" : "denied" };
  }
}

function statOrNull(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
