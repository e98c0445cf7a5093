/**
 * The worktree in which a loop tests (WTL-20 to WTL-25): made, found again after every kind of damage, and reset to a commit.
 * Only this worktree is ever overwritten, what would be lost is kept before, and a directory that is in the way is moved, never
 * deleted.
 */
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { LoopxError, shellLine } from "@loopx/core/domain";
import { changesOf, commitOf, currentBranch, isStill, lookAtCheckout, placeOf, realPath, worktreesOf, type Checkout } from "./checkout.ts";
import type { Git, Place } from "./git.ts";
import type { Sha } from "./names.ts";
import type { StatusEntry, WorktreeEntry } from "./porcelain.ts";

/** What is wanted. */
export interface WantedWorktree {
  readonly root: Checkout;
  /** Absolute. */
  readonly dir: string;
  /** Null: always detached. */
  readonly branch: string | null;
  readonly base: Sha;
  /** `20261121T100000Z`, for the name of what is moved away. */
  readonly stamp: string;
}

/** The worktree, and what a person should know. */
export interface EnsuredWorktree {
  readonly checkout: Checkout;
  readonly made: boolean;
  readonly warnings: readonly string[];
}

/** The main worktree: the one with that branch, found by the repository of the given folder (WTL-20). */
export async function mainWorktree(git: Git, from: string, branch: string): Promise<Checkout> {
  const around = await git.ask({ dir: from }, ["rev-parse", "--show-toplevel"]);
  if (around.code !== 0)
    throw new LoopxError("project_missing", `${from} is in no git checkout`, { hint: "name the main worktree with --root" });
  const all = await worktreesOf(git, { dir: from });
  const entry = all.find((each) => each.branch === branch && !each.prunable);
  const found = entry === undefined ? null : await lookAtCheckout(git, entry.path);
  if (found !== null) return found;
  const there = all.map((each) => `${each.branch ?? "detached"} in ${each.path}`).join(", ");
  throw new LoopxError("project_missing", `no worktree has the branch ${branch} checked out; there is ${there}`, {
    hint: `${shellLine(["git", "-C", all[0]?.path ?? from, "checkout", branch])}, or correct main_branch`,
  });
}

/** Makes the worktree, or finds it; running it again changes nothing (WTL-21). */
export async function ensureWorktree(git: Git, wanted: WantedWorktree): Promise<EnsuredWorktree> {
  const dir = placeInRoot(wanted);
  const entry = (await worktreesOf(git, placeOf(wanted.root))).find(({ path }) => path === dir);
  if (entry?.locked !== undefined && entry.locked !== null) throw lockedWorktree(dir, wanted, entry);
  const there = await ownCheckout(git, dir, wanted.root);
  if (entry !== undefined && there !== null) return { checkout: there, made: false, warnings: [] };
  const orphan = moveAside(dir, wanted.stamp);
  await git.run(placeOf(wanted.root), ["worktree", "prune"]);
  const detached = await add(git, { ...wanted, dir });
  carryOver(orphan, dir);
  const made = await ownCheckout(git, dir, wanted.root);
  if (made === null) throw new LoopxError("git_failed", `${dir} is no worktree of ${wanted.root.dir}, although git made one`);
  const warnings = [
    ...(orphan === null ? [] : [`${dir} was no worktree; it is kept as ${orphan}`]),
    ...(detached === null ? [] : [detached]),
  ];
  return { checkout: made, made: true, warnings };
}

/** Resets it to the commit and removes what git does not ignore; anything else than exactly that tree is a fault (WTL-25). */
export async function resetWorktree(
  git: Git,
  checkout: Checkout,
  root: Checkout,
  target: { readonly branch: string | null; readonly sha: Sha },
): Promise<void> {
  await requireIdentity(git, checkout, root);
  const place = placeOf(checkout);
  await git.run(place, ["reset", "--quiet", "--hard", target.sha]);
  if (
    target.branch !== null &&
    (await currentBranch(git, place)) !== target.branch &&
    (await isFree(git, root, target.branch, checkout.dir))
  )
    await git.run(place, ["checkout", "--quiet", "--force", "-B", target.branch, target.sha]);
  if (target.branch === null) await git.run(place, ["checkout", "--quiet", "--force", "--detach", target.sha]);
  await requireIdentity(git, checkout, root);
  await git.run(place, ["clean", "--quiet", "-ffd"]);
  const head = await commitOf(git, place, "HEAD");
  const changed = await changesOf(git, place);
  const left = (await emptySubmodules(git, checkout, changed)) ? await changesOf(git, place) : changed;
  if (head !== target.sha || left.length > 0)
    throw new LoopxError(
      "git_failed",
      `the test worktree is not ${target.sha.slice(0, 12)} after its reset: ${left[0]?.path ?? `HEAD is ${head ?? "nothing"}`}`,
    );
}

/**
 * Modules of another commit go, so that a step of `prepare` brings those of this one; git keeps their commits, and edits in them
 * are moved beside the worktree. By hand: `deinit` would forget the main worktree's modules, too. True when there was one.
 */
async function emptySubmodules(git: Git, checkout: Checkout, changed: readonly StatusEntry[]): Promise<boolean> {
  let emptied = false;
  for (const path of await modulesAmong(
    git,
    checkout,
    changed.map((each) => each.path),
  )) {
    const module = join(checkout.dir, path);
    if (realPath(module) !== module || !lstatSync(module).isDirectory()) continue;
    const inside = await git.ask({ dir: module }, ["status", "--porcelain", "--untracked-files=all"]);
    if (inside.code !== 0 || inside.stdout !== "") moveAside(module, path.replaceAll("/", "-"), checkout.dir);
    else rmSync(module, { recursive: true });
    mkdirSync(module);
    emptied = true;
  }
  return emptied;
}

/** Which of these paths are modules of their own. */
export async function modulesAmong(git: Git, checkout: Checkout, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const listed = await git.run(placeOf(checkout), ["--literal-pathspecs", "ls-files", "--stage", "-z", "--", ...paths]);
  return listed.split("\0").flatMap((line) => (line.startsWith("160000 ") ? [line.slice(line.indexOf("\t") + 1)] : []));
}

/** Throws unless the directory is still that worktree, and not the main one (WTL-22). */
export async function requireIdentity(git: Git, checkout: Checkout, root: Checkout): Promise<void> {
  requireLinked(checkout, root);
  if (!(await isStill(git, checkout))) throw notTheWorktree(checkout);
}

/** Throws unless what was just found is a worktree of that repository, and not the main one (WTL-22). */
export function requireLinked(checkout: Checkout, root: Checkout): void {
  if (!isLinked(checkout, root) || checkout.dir === root.dir) throw notTheWorktree(checkout);
}

function isLinked({ common_dir, git_dir }: Checkout, root: Checkout): boolean {
  return common_dir === root.common_dir && git_dir !== root.git_dir && git_dir !== root.common_dir;
}

function notTheWorktree({ dir }: Checkout): LoopxError {
  return new LoopxError("git_failed", `${dir} is no longer the worktree it was; nothing in it is touched`, {
    hint: "loopx-loop worktree ensure",
  });
}

/** The real path it will have; a parent that leads out of the root is refused. */
function placeInRoot({ root, dir }: WantedWorktree): string {
  mkdirSync(dirname(dir), { recursive: true });
  const parent = realPath(dirname(dir));
  const way = parent === null ? ".." : relative(root.dir, parent);
  if (way === ".." || way.startsWith("../") || isAbsolute(way))
    throw new LoopxError("path_outside_root", `the test worktree ${dir} would lie outside of ${root.dir}`, { details: { path: dir } });
  return join(parent ?? dir, dir.slice(dirname(dir).length + 1));
}

/** A linked worktree of that repository at exactly that place. */
async function ownCheckout(git: Git, dir: string, root: Checkout): Promise<Checkout | null> {
  const found = await lookAtCheckout(git, dir);
  return found !== null && isLinked(found, root) ? found : null;
}

async function add(git: Git, wanted: WantedWorktree): Promise<string | null> {
  const place = placeOf(wanted.root);
  if (wanted.branch === null) {
    await git.run(place, ["worktree", "add", "--quiet", "--detach", "--", wanted.dir, wanted.base]);
    return null;
  }
  if ((await commitOf(git, place, `refs/heads/${wanted.branch}`)) === null) {
    await git.run(place, ["worktree", "add", "--quiet", "-b", wanted.branch, "--", wanted.dir, wanted.base]);
    return null;
  }
  if (await isFree(git, wanted.root, wanted.branch, wanted.dir)) {
    await git.run(place, ["worktree", "add", "--quiet", "--", wanted.dir, wanted.branch]);
    return null;
  }
  await git.run(place, ["worktree", "add", "--quiet", "--detach", "--", wanted.dir, wanted.base]);
  return `the branch ${wanted.branch} is checked out elsewhere; the test worktree is detached`;
}

async function isFree(git: Git, root: Checkout, branch: string, dir: string): Promise<boolean> {
  const place: Place = placeOf(root);
  return !(await worktreesOf(git, place)).some((each) => each.branch === branch && each.path !== dir);
}

/** A directory that is no worktree of ours keeps its content under another name. */
function moveAside(dir: string, stamp: string, name = dir): string | null {
  const there = lstatSync(dir, { throwIfNoEntry: false });
  if (there === undefined) return null;
  let orphan = `${name}-orphan-${stamp}`;
  for (let count = 2; existsSync(orphan); count += 1) orphan = `${name}-orphan-${stamp}-${count}`;
  renameSync(dir, orphan);
  return orphan;
}

/** Logs and scratch files go on with the new worktree. */
function carryOver(orphan: string | null, dir: string): void {
  for (const name of ["logs", "tmp"])
    if (orphan !== null && existsSync(join(orphan, name)) && !existsSync(join(dir, name))) renameSync(join(orphan, name), join(dir, name));
}

function lockedWorktree(dir: string, { root }: WantedWorktree, { locked }: WorktreeEntry): LoopxError {
  return new LoopxError("git_failed", `the worktree ${dir} is locked${locked === "" ? "" : `: ${locked ?? ""}`}`, {
    hint: shellLine(["git", "-C", root.dir, "worktree", "unlock", dir]),
  });
}
