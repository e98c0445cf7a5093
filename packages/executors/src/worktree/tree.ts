/** The test worktree as the stages of a cycle see it: found again each time, because anything may have happened to it. */
import { LoopxError } from "@loopx/core/domain";
import { changesOf, lookAtCheckout, placeOf, type Checkout } from "../drivers/git/checkout.ts";
import { requireLinked } from "../drivers/git/linked-worktree.ts";
import { parseSha, type Sha } from "../drivers/git/names.ts";
import type { StatusEntry } from "../drivers/git/porcelain.ts";
import type { Site } from "./site.ts";

/** The checkout, proven to be ours and not the main one (WTL-22). */
export async function testCheckout(site: Site): Promise<Checkout> {
  const found = await lookAtCheckout(site.git, site.worktree);
  if (found === null) throw new LoopxError("git_failed", `${site.worktree} is no worktree`, { hint: "loopx-loop worktree ensure" });
  requireLinked(found, site.root);
  return found;
}

/** What differs from HEAD; environment files, logs and worktrees are never counted (WTL-11). */
export async function changesIn(site: Site, checkout: Checkout): Promise<readonly StatusEntry[]> {
  const own = new Set(site.config.profile.worktree.env_files);
  return (await changesOf(site.git, placeOf(checkout))).filter(({ path }) => !own.has(path) && !/^(?:logs|\.worktrees)\//.test(path));
}

/** A commit of a record as one for git. */
export function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new LoopxError("internal", `${JSON.stringify(text.slice(0, 80))} is no commit`);
  return sha;
}
