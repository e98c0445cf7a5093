/** The run's commit: made of the tree that was judged, put on top of its base, and laid out again in the checkout (DSP-55). */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { Checkouts, RebaseEnd, RunPlace } from "../../gitea/checkouts.ts";
import { isAncestor, treeOf } from "../git/checkout.ts";
import { messageOf, personOf } from "../git/commits.ts";
import type { GitOptions, Place } from "../git/git.ts";
import type { Sha } from "../git/names.ts";
import { hostOn } from "./checkout.ts";
import { besideWork, branchRef, refOf, type MirrorGround } from "./ground.ts";
import { mirrorPlace, rangeOf, refSha, requireSha, setRef, setRefs } from "./mirror.ts";
import { baseOf, diffOf } from "./tree.ts";

const REBASE_MS = 300_000;

/** The commit; a second call finds the first one's (DSP-59). What changed in the checkout since it was judged is not in it. */
export async function commitWork(ground: MirrorGround, place: RunPlace, message: Parameters<Checkouts["commit"]>[1]): Promise<Sha> {
  const made = await refSha(ground, place.repo, refOf(place, "commit"));
  if (made !== null) return made;
  const base = await baseOf(ground, place);
  const tree = (await refSha(ground, place.repo, refOf(place, "tree"))) ?? (await judgedAnew(ground, place));
  const mirror = mirrorPlace(ground, place.repo);
  if (tree === (await treeOf(ground.git, mirror, base))) throw new LoopxError("git_failed", "there is nothing to commit");
  const options = { stdin: messageOf(message), env: personOf(ground.author()) };
  const sha = requireSha((await ground.git.run(mirror, ["commit-tree", tree, "-p", base], options)).trim());
  await setRefs(
    ground,
    place.repo,
    (["head", "commit"] as const).map((what) => `update ${refOf(place, what)} ${sha}`),
  );
  return sha;
}

async function judgedAnew(ground: MirrorGround, place: RunPlace): Promise<Sha> {
  await diffOf(ground, place);
  return requireSha((await refSha(ground, place.repo, refOf(place, "tree"))) ?? "");
}

/** The run's commit as it stands now, after a rebase too. */
export async function headOf(ground: MirrorGround, place: RunPlace): Promise<Sha> {
  const head = await refSha(ground, place.repo, refOf(place, "head"));
  if (head === null) throw new LoopxError("git_failed", "the run has no commit");
  return head;
}

/** On top of the base as it was last fetched. Commits that are not of these runs keep their place: the base is merged in (DSP-56). */
export async function rebaseWork(ground: MirrorGround, place: RunPlace, base: string, ours: readonly string[]): Promise<RebaseEnd> {
  const { git } = ground;
  const mirror = mirrorPlace(ground, place.repo);
  const head = await headOf(ground, place);
  const onto = await refSha(ground, place.repo, branchRef(base));
  if (onto === null) throw new LoopxError("git_failed", `there is no branch ${base}; repository not found`);
  if ((await isOnItsBase(ground, place, onto, head)) || (await isAncestor(git, mirror, onto, head))) return { kind: "current", sha: head };
  const commits = await rangeOf(ground, place.repo, onto, head);
  const how = commits.every(({ run_id }) => run_id !== null && ours.includes(run_id)) ? "rebased" : "merged";
  const end = await elsewhere(ground, place, head, (at, options) =>
    how === "rebased" ? rebased(ground, at, onto, options) : merged(ground, at, onto, place, options),
  );
  return typeof end === "string" ? laidOut(ground, place, end, head, how) : { kind: "conflicts", paths: end };
}

/** The run's commit as it was made: on the commit that its checkout began at. */
async function isOnItsBase(ground: MirrorGround, place: RunPlace, onto: Sha, head: Sha): Promise<boolean> {
  const made = await refSha(ground, place.repo, refOf(place, "commit"));
  return head === made && onto === (await baseOf(ground, place));
}

async function laidOut(ground: MirrorGround, place: RunPlace, sha: Sha, before: Sha, how: "rebased" | "merged"): Promise<RebaseEnd> {
  const mirror = mirrorPlace(ground, place.repo);
  const [tree, old] = [await treeOf(ground.git, mirror, sha), await treeOf(ground.git, mirror, before)];
  if (tree !== null) await setRef(ground, place.repo, refOf(place, "tree"), tree);
  await setRef(ground, place.repo, refOf(place, "head"), sha);
  await layOut(ground, place);
  return { kind: "moved", sha, how, tree_changed: tree !== old };
}

/** In a worktree of the mirror that no agent has seen, and that is gone afterwards. */
async function elsewhere<End>(
  ground: MirrorGround,
  place: RunPlace,
  head: Sha,
  act: (at: Place, options: GitOptions) => Promise<End>,
): Promise<End> {
  const { git } = ground;
  const mirror = mirrorPlace(ground, place.repo);
  const dir = besideWork(ground, place, "rebase");
  await git.ask(mirror, ["worktree", "remove", "--force", "--force", "--", dir]);
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
  await git.run(mirror, ["worktree", "add", "--quiet", "--force", "--detach", "--", dir, head], { timeout_ms: REBASE_MS });
  try {
    return await act({ dir }, { env: personOf(ground.author()), timeout_ms: REBASE_MS, signal: ground.signal });
  } finally {
    await git.ask(mirror, ["worktree", "remove", "--force", "--force", "--", dir]);
  }
}

/** The new commit, or the paths in conflict. Authors stay as they were. */
async function rebased(ground: MirrorGround, at: Place, onto: Sha, options: GitOptions): Promise<Sha | readonly string[]> {
  const { GIT_COMMITTER_NAME = "", GIT_COMMITTER_EMAIL = "" } = options.env ?? {};
  const { code, stderr } = await ground.git.ask(at, ["rebase", "--quiet", "--no-autostash", onto], {
    ...options,
    env: { GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL },
  });
  return code === 0 ? now(ground, at) : conflictsOr(ground, at, stderr);
}

async function merged(
  ground: MirrorGround,
  at: Place,
  onto: Sha,
  { run_id }: RunPlace,
  options: GitOptions,
): Promise<Sha | readonly string[]> {
  const message = messageOf({ subject: "Merge the base branch", trailers: [["Loopx-Run", run_id]] });
  const words = ["merge", "--quiet", "--no-ff", "--no-autostash", "--no-verify", "-m", message, onto];
  const { code, stderr } = await ground.git.ask(at, words, options);
  return code === 0 ? now(ground, at) : conflictsOr(ground, at, stderr);
}

async function now({ git }: MirrorGround, at: Place): Promise<Sha> {
  return requireSha((await git.run(at, ["rev-parse", "--verify", "HEAD^{commit}"])).trim());
}

async function conflictsOr({ git }: MirrorGround, at: Place, words: string): Promise<readonly string[]> {
  const paths = (await git.run(at, ["diff", "--name-only", "--diff-filter=U", "-z"])).split("\0").filter(Boolean);
  if (paths.length === 0) throw new LoopxError("git_failed", `git rebase failed: ${words.trim()}`);
  return paths;
}

/** Makes the checkout exactly the run's judged tree again; what git ignores stays, for a gate that needs it. */
export async function layOut(ground: MirrorGround, place: RunPlace): Promise<void> {
  const tree = (await refSha(ground, place.repo, refOf(place, "tree"))) ?? (await baseOf(ground, place));
  const { at, options } = hostOn(ground, place);
  await ground.git.run(at, ["read-tree", "--reset", "-u", tree], options);
  await ground.git.run(at, ["checkout-index", "--all", "--force", "--quiet"], options);
  await ground.git.run(at, ["clean", "--quiet", "-ffd", "-e", "/.git"], options);
}
