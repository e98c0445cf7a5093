/** Pushing, as the host does it (DSP-56): one commit to one branch with our prefix, and never over somebody else's work. */
import type { PushEnd, RunPlace } from "../../gitea/checkouts.ts";
import { LoopxError } from "@loopx/core/domain";
import { isAncestor } from "../git/checkout.ts";
import { branchName, parseSha, type Sha } from "../git/names.ts";
import { branchRef, type MirrorGround } from "./ground.ts";
import { addressOf, mirrorPlace, onNetwork, rangeOf, requireSha, setRef } from "./mirror.ts";
import { headOf } from "./work.ts";

/** What is pushed where. */
export interface PushOrder {
  readonly branch: string;
  readonly sha: string;
  readonly expected: string | null;
  readonly ours: readonly string[];
}

/** Pushes it, or says why not. A branch that stands there already is found, not pushed again. */
export async function pushWork(ground: MirrorGround, place: RunPlace, order: PushOrder): Promise<PushEnd> {
  const branch = branchName(order.branch);
  const prefix = ground.branch_prefix();
  if (prefix === "" || !branch.startsWith(prefix) || branch === prefix)
    return { kind: "refused", reason: `only branches below ${prefix} are pushed to` };
  const sha = requireSha(order.sha);
  if ((await headOf(ground, place)) !== sha) return { kind: "refused", reason: "that is not the run's commit" };
  const actual = await remoteSha(ground, place.repo, branch);
  if (actual === sha) return { kind: "same" };
  if (actual !== order.expected) return { kind: "stale", actual };
  const foreign = actual === null ? null : await wouldLose(ground, place.repo, actual, sha, order.ours);
  if (foreign !== null) return { kind: "refused", reason: foreign };
  return push(ground, place.repo, branch, sha, actual);
}

async function push(ground: MirrorGround, repo: string, branch: string, sha: Sha, expected: Sha | null): Promise<PushEnd> {
  const ref = `refs/heads/${branch}`;
  const lease = `--force-with-lease=${ref}:${expected ?? ""}`;
  const words = ["push", "--porcelain", "--no-verify", "--no-signed", lease, "--", addressOf(ground, repo), `${sha}:${ref}`];
  const { code, stdout, stderr } = await ground.git.ask(mirrorPlace(ground, repo), words, onNetwork(ground));
  if (code === 0) {
    await setRef(ground, repo, branchRef(branch), sha);
    return { kind: "pushed" };
  }
  // Also after an answer that got lost: what counts is where the branch stands.
  const actual = await remoteSha(ground, repo, branch);
  if (actual === sha) return { kind: "pushed" };
  if (actual !== expected) return { kind: "stale", actual };
  const said = /^!\t[^\t]*\t\[remote rejected\] \(?(.*?)\)?$/m.exec(stdout)?.[1];
  if (said !== undefined) return { kind: "refused", reason: ground.secrets.redact(said).slice(0, 200) };
  throw new LoopxError("git_failed", `git push failed: ${stderr.trim()}`);
}

/** Where a branch stands on the server now. */
async function remoteSha(ground: MirrorGround, repo: string, branch: string): Promise<Sha | null> {
  const ref = `refs/heads/${branch}`;
  const printed = await ground.git.run(
    mirrorPlace(ground, repo),
    ["ls-remote", "--refs", "--", addressOf(ground, repo), ref],
    onNetwork(ground),
  );
  const line = printed.split("\n").find((each) => each.endsWith(`\t${ref}`));
  return line === undefined ? null : parseSha(line.split("\t")[0] ?? "");
}

/** Why the branch may not be replaced: a commit on it that the new one has not, and that no run of ours made. */
async function wouldLose(ground: MirrorGround, repo: string, actual: Sha, sha: Sha, ours: readonly string[]): Promise<string | null> {
  if (await isAncestor(ground.git, mirrorPlace(ground, repo), actual, sha)) return null;
  const lost = await rangeOf(ground, repo, sha, actual);
  const foreign = lost.find(({ run_id }) => run_id === null || !ours.includes(run_id));
  return foreign === undefined ? null : `${foreign.sha.slice(0, 12)} on the branch is not ours and would be lost`;
}
