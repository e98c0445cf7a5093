import { LoopxError } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { buildAlone } from "../worktree/alone.ts";
import { siteOf, working } from "./loop-site.ts";

const BUILD_EXITS = { built: 0, unneeded: 0, failed: 1, busy: 3, fault: 3 } as const;

/** The artifact of the main branch as it is; a complete one is used again (WTL-74). */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const site = await siteOf(call);
  if (site.config.profile.build === undefined)
    throw new LoopxError("config_invalid", `${site.config_path} has no build`, { hint: "add build: {argv: […]}, or just start it" });
  const sha = await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`);
  if (sha === null) throw new LoopxError("git_failed", `${site.root.dir} has no commit`);
  const built = await working(call, ({ signal }) => buildAlone(site, sha, signal));
  const payload = { sha, ...built };
  return {
    payload,
    lines: () => [
      title(`Build: ${built.kind === "unneeded" ? "already built" : built.kind}`),
      ...fields(payload, ["sha", "artifact_dir", "reason", "log"]),
    ],
    exit_code: BUILD_EXITS[built.kind],
  };
}
