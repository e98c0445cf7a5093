import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { ensureWorktree } from "../drivers/git/linked-worktree.ts";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { ignoreWarnings, provideEnvFiles, stampOf } from "../worktree/stages.ts";
import { shaOf } from "../worktree/tree.ts";
import { siteOf } from "./loop-site.ts";

/** The test worktree, made or found; running it again changes nothing (WTL-21). */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const site = await siteOf(call);
  const base = await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`);
  const wanted = { root: site.root, dir: site.worktree, branch: site.branch, base: shaOf(base ?? ""), stamp: stampOf(site) };
  const { checkout, made, warnings } = await ensureWorktree(site.git, wanted);
  await provideEnvFiles(site);
  const more = made ? await ignoreWarnings(site) : [];
  const payload = { path: checkout.dir, made, branch: site.branch, main_root: site.root.dir, warnings: [...warnings, ...more] };
  return { payload, lines: () => [title("Test Worktree"), ...fields(payload, ["path", "made", "branch", "main_root", "warnings"])] };
}
