/**
 * One checkout and who it is. Before anything is overwritten its identity is compared: a directory that lost its `.git` lets
 * git act on the repository around it (WTL-22).
 */
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Git, Place } from "./git.ts";
import { parseSha, type Sha } from "./names.ts";
import { parseStatus, parseWorktrees, type StatusEntry, type WorktreeEntry } from "./porcelain.ts";

/** A checkout that was looked at: real paths only. */
export interface Checkout {
  readonly dir: string;
  /** Its own directory of the repository: differs from `common_dir` in a linked worktree. */
  readonly git_dir: string;
  readonly common_dir: string;
}

/** What stands at that directory; null when it is the top of no checkout, whatever lies around it. */
export async function lookAtCheckout(git: Git, dir: string): Promise<Checkout | null> {
  const real = realPath(dir);
  if (real === null || !statSync(real).isDirectory()) return null;
  const { code, stdout } = await git.ask({ dir: real }, [
    "rev-parse",
    "--path-format=absolute",
    "--show-toplevel",
    "--git-dir",
    "--git-common-dir",
  ]);
  if (code !== 0) return null;
  const [top = "", gitDir = "", commonDir = ""] = stdout.split("\n").map((path) => realPath(path) ?? "");
  return top === real && gitDir !== "" && commonDir !== "" ? { dir: real, git_dir: gitDir, common_dir: commonDir } : null;
}

/** True while that directory is still the checkout it was. */
export async function isStill(git: Git, checkout: Checkout): Promise<boolean> {
  const now = await lookAtCheckout(git, checkout.dir);
  return now !== null && now.git_dir === checkout.git_dir && now.common_dir === checkout.common_dir;
}

/** Where commands act on it, past whatever its `.git` file says. */
export function placeOf({ dir, git_dir }: Checkout): Place {
  return { dir, git_dir };
}

/** All worktrees of the repository, the main one first. */
export async function worktreesOf(git: Git, place: Place): Promise<readonly WorktreeEntry[]> {
  return parseWorktrees(await git.run(place, ["worktree", "list", "--porcelain", "-z"]));
}

/** The commit a name stands for; null when there is none. */
export async function commitOf(git: Git, place: Place, name: string): Promise<Sha | null> {
  const { code, stdout } = await git.ask(place, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
  return code === 0 ? parseSha(stdout.trim()) : null;
}

/** The tree of a commit. */
export async function treeOf(git: Git, place: Place, commit: Sha): Promise<Sha | null> {
  return parseSha((await git.run(place, ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`])).trim());
}

/** The branch that is checked out; null when the head is detached. */
export async function currentBranch(git: Git, place: Place): Promise<string | null> {
  const { code, stdout } = await git.ask(place, ["symbolic-ref", "--quiet", "--short", "HEAD"]);
  return code === 0 ? stdout.trim() : null;
}

/** Every difference to HEAD, each untracked file by its own name; ignored files are none. */
export async function changesOf(git: Git, place: Place): Promise<readonly StatusEntry[]> {
  return parseStatus(await git.run(place, ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=none"]));
}

/** True when the first is an ancestor of the second, or the same. */
export async function isAncestor(git: Git, place: Place, ancestor: Sha, of: Sha): Promise<boolean> {
  const { code } = await git.ask(place, ["merge-base", "--is-ancestor", ancestor, of]);
  return code === 0;
}

/** Which of these paths git ignores. */
export async function ignoredOf(git: Git, place: Place, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const { stdout } = await git.ask(place, ["check-ignore", "-z", "--no-index", "--stdin"], {
    stdin: paths.map((path) => `${path}\0`).join(""),
  });
  return stdout.split("\0").filter((path) => path !== "");
}

/** Which of these paths are tracked at HEAD or in the index. */
export async function trackedOf(git: Git, place: Place, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const printed = await git.run(place, ["ls-files", "-z", "--cached", "--", ...paths.map((path) => `:(literal)${path}`)]);
  return printed.split("\0").filter((path) => path !== "");
}

/** The real path, or null when nothing is there. */
export function realPath(path: string): string | null {
  try {
    return path === "" ? null : realpathSync(path);
  } catch {
    return null;
  }
}

/** The file through which a checkout finds its repository. */
export function linkFile({ dir }: Pick<Checkout, "dir">): string {
  return join(dir, ".git");
}
