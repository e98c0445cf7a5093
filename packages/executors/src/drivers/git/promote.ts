/**
 * Moves the main branch, and nothing else does: a fast-forward by its full id, inside the main worktree, from exactly the base
 * that was tested (WTL-70). It may be repeated after a crash: a main branch that already is the candidate is promoted.
 */
import { commitOf, currentBranch, isAncestor, isStill, placeOf, type Checkout } from "./checkout.ts";
import type { Git } from "./git.ts";
import { branchName, remoteName, shortSha, type Sha } from "./names.ts";

/** How it went. Only `promoted` moved a branch, or found it moved by an earlier try. */
export type Promotion =
  | { readonly kind: "promoted" }
  | { readonly kind: "nothing_to_do" }
  | { readonly kind: "base_moved" | "main_dirty" | "wrong_branch"; readonly reason: string };

/** What is to be promoted. */
export interface PromotionOrder {
  readonly root: Checkout;
  readonly branch: string;
  readonly base: Sha;
  readonly candidate: Sha;
  /** Without a build what runs is the main folder itself, so it has to be the base. */
  readonly has_artifact: boolean;
}

/** Promotes, or says why not. */
export async function promote(git: Git, order: PromotionOrder): Promise<Promotion> {
  const { root, base, candidate } = order;
  const place = placeOf(root);
  if (!(await isStill(git, root))) return { kind: "wrong_branch", reason: `${root.dir} is no longer the main worktree` };
  const branch = await currentBranch(git, place);
  if (branch !== order.branch)
    return { kind: "wrong_branch", reason: `${root.dir} has ${branch ?? "no branch"} checked out, not ${order.branch}` };
  const main = await commitOf(git, place, `refs/heads/${branchName(order.branch)}`);
  if (main === null) return { kind: "wrong_branch", reason: `there is no branch ${order.branch}` };
  if (candidate === base) return unchanged(git, order, main);
  if (main === candidate) return { kind: "promoted" };
  if (main !== base) return { kind: "base_moved", reason: `${order.branch} is ${shortSha(main)}; ${shortSha(base)} was tested` };
  if (!(await isAncestor(git, place, base, candidate)))
    return { kind: "base_moved", reason: "the candidate does not descend from the base" };
  // In a person's own folder, so with his filters (large files); hooks stay off.
  const merged = await git.ask(place, ["merge", "--ff-only", "--quiet", "--no-autostash", candidate], { as: "user" });
  if (merged.code !== 0) return { kind: "main_dirty", reason: inTheWay(merged.stderr) };
  const now = await commitOf(git, place, `refs/heads/${order.branch}`);
  return now === candidate ? { kind: "promoted" } : { kind: "base_moved", reason: `${order.branch} was moved by somebody else` };
}

/** Nothing to merge: the base was right as it is (WTL-71). */
async function unchanged(git: Git, { root, base, branch, has_artifact }: PromotionOrder, main: Sha): Promise<Promotion> {
  if (main === base) return { kind: "nothing_to_do" };
  if (has_artifact && (await isAncestor(git, placeOf(root), base, main))) return { kind: "nothing_to_do" };
  return { kind: "base_moved", reason: `${branch} is ${shortSha(main)}; ${shortSha(base)} was tested` };
}

/** The files that git names, or its own words. */
function inTheWay(words: string): string {
  const files = words
    .split("\n")
    .filter((line) => line.startsWith("\t"))
    .map((line) => line.trim());
  return files.length > 0
    ? `in the way: ${files.slice(0, 10).join(", ")}`
    : (words.trim().split("\n")[0] ?? "git refused the fast-forward").slice(0, 300);
}

/** Pushes exactly that commit, never forced; false when it was refused (WTL-73). */
export async function pushCommit(
  git: Git,
  root: Checkout,
  target: { readonly remote: string; readonly branch: string; readonly sha: Sha },
): Promise<{ readonly pushed: boolean; readonly reason: string }> {
  const refspec = `${target.sha}:refs/heads/${branchName(target.branch)}`;
  const { code, stderr } = await git.ask(placeOf(root), ["push", "--quiet", "--no-verify", "--", remoteName(target.remote), refspec], {
    as: "user",
    timeout_ms: 120_000,
  });
  return { pushed: code === 0, reason: code === 0 ? "" : stderr.trim().slice(0, 300) };
}
