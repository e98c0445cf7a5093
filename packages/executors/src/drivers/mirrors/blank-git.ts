/**
 * The plain `.git` of a new checkout: what `git init` makes, asked of git once and then written down again for each. It is
 * kept in memory, where no agent changes it (AGT-36).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "../git/git.ts";

/** Makes that folder a repository without a commit, on branch `work`. */
export type BlankGit = (dir: string) => Promise<void>;

interface Entry {
  readonly path: string;
  /** Null: a folder. */
  readonly bytes: Buffer | null;
}

/** For one dispatcher, whose checkouts lie on one file system. */
export function blankGit(git: Git): BlankGit {
  let known: readonly Entry[] | null = null;
  return async (dir) => {
    if (known === null) {
      await git.run({ dir }, ["init", "--quiet", "--template=", "--initial-branch=work"]);
      known = entriesOf(dir, ".git");
      return;
    }
    for (const { path, bytes } of known) {
      if (bytes === null) mkdirSync(join(dir, path));
      else writeFileSync(join(dir, path), bytes, { flag: "wx" });
    }
  };
}

/** A folder before what is in it. */
function entriesOf(dir: string, path: string): readonly Entry[] {
  const below = readdirSync(join(dir, path), { withFileTypes: true }).flatMap((entry): readonly Entry[] => {
    const inner = join(path, entry.name);
    return entry.isDirectory() ? entriesOf(dir, inner) : [{ path: inner, bytes: readFileSync(join(dir, inner)) }];
  });
  return [{ path, bytes: null }, ...below];
}
