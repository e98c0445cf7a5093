/** The commit after a run, made by the service and never by the agent (LPR-37, AGT-36, AGT-37). */
import type { AgentResult } from "../agents/agent.ts";
import { changesOf, currentBranch, lookAtCheckout, placeOf, type Checkout } from "../git/checkout.ts";
import { commitPaths } from "../git/commits.ts";
import { gitConfigDigest } from "../git/config-digest.ts";
import type { Git } from "../git/git.ts";

const AUTHOR = "LoopX <loopx@localhost>";

/** How the work tree stood before the run. */
export type Before =
  | { readonly kind: "checkout"; readonly checkout: Checkout; readonly clean: boolean; readonly config: string }
  | { readonly kind: "not_a_repository" };

/** What became of the changes: a commit, or why there is none. */
export type CommitOutcome = string;

/** Looked at right before the start. */
export async function lookBefore(git: Git, workspace: string): Promise<Before> {
  const checkout = await lookAtCheckout(git, workspace);
  if (checkout === null) return { kind: "not_a_repository" };
  const clean = (await changesOf(git, placeOf(checkout))).length === 0;
  return { kind: "checkout", checkout, clean, config: gitConfigDigest(checkout) };
}

/** The new commit's SHA, or one of the words of LPR-37. */
export async function commitAfter(git: Git, before: Before, result: AgentResult, goal_id: string | null): Promise<CommitOutcome> {
  if (result.end !== "ok") return "run_not_ok";
  if (before.kind === "not_a_repository") return "not_a_repository";
  const { checkout } = before;
  if (!before.clean) return "dirty_at_start";
  if (gitConfigDigest(checkout) !== before.config) return "git_config_changed";
  const place = placeOf(checkout);
  if ((await currentBranch(git, place)) === null) return "detached_head";
  const changes = await changesOf(git, place);
  if (changes.length === 0) return "no_changes";
  const message = result.declared?.commit_message;
  return commitPaths(git, place, {
    paths: changes.flatMap(({ path, from }) => (from === null ? [path] : [path, from])),
    subject: message?.subject ?? `looper: run ${result.run_id}`,
    ...(message?.body === undefined ? {} : { body: message.body }),
    trailers: [
      ["Loopx-Run", result.run_id],
      ...(goal_id === null ? [] : [["Loopx-Goal", goal_id] as const]),
      ["Loopx-Driver", result.client],
    ],
    author: AUTHOR,
  });
}
