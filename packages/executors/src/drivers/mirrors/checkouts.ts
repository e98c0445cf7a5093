/** The dispatcher's {@link Checkouts} over real git. Work on one repository's mirror is done one after the other. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Checkouts, GitOutcome } from "../../gitea/checkouts.ts";
import { blankGit } from "./blank-git.ts";
import { openCheckout, removeCheckout, removeOld } from "./checkout.ts";
import { runGate } from "./gate.ts";
import type { MirrorGround } from "./ground.ts";
import { branchSha, fetchMirror, pullSha, rangeOf } from "./mirror.ts";
import { outcomeOf } from "./outcome.ts";
import { pushWork } from "./push.ts";
import { diffOf } from "./tree.ts";
import { commitWork, rebaseWork } from "./work.ts";

/** Git of one account on one server. */
export function mirrorCheckouts(ground: MirrorGround): Checkouts {
  const blank = blankGit(ground.git);
  const queues = new Map<string, Promise<unknown>>();
  const inTurn = <Value>(repo: string, act: () => Promise<Value>): Promise<GitOutcome<Value>> => {
    const before = queues.get(repo.toLowerCase()) ?? Promise.resolve();
    const turn = before.then(() => outcomeOf(ground.secrets, act));
    queues.set(
      repo.toLowerCase(),
      turn.catch(() => undefined),
    );
    return turn;
  };
  /** Fetches that are asked for and have not begun. What one of them brings is as new as whoever asks now could wish. */
  const awaited = new Map<string, Promise<GitOutcome<null>>>();
  const fetch = (repo: string): Promise<GitOutcome<null>> => {
    const key = repo.toLowerCase();
    const fetched =
      awaited.get(key) ??
      inTurn(repo, async () => {
        awaited.delete(key);
        await fetchMirror(ground, repo);
        return null;
      });
    awaited.set(key, fetched);
    return fetched;
  };
  return {
    fetch: ({ repo }) => fetch(repo),
    branchSha: (repo, branch) => inTurn(repo, () => branchSha(ground, repo, branch)),
    pullSha: (repo, number) => inTurn(repo, () => pullSha(ground, repo, number)),
    open: (place, at, beside) =>
      inTurn(place.repo, async () => {
        removeOld(ground, Date.now());
        return { dir: await openCheckout(ground, blank, place, { at, beside }) };
      }),
    diff: (place) => inTurn(place.repo, () => diffOf(ground, place)),
    commit: (place, message) => inTurn(place.repo, async () => ({ sha: await commitWork(ground, place, message) })),
    rebase: (place, base, ours) => inTurn(place.repo, () => rebaseWork(ground, place, base, ours)),
    push: (place, _repository, to) => inTurn(place.repo, () => pushWork(ground, place, to)),
    range: (repo, base, head) => inTurn(repo, () => rangeOf(ground, repo, base, head)),
    gate: (place, argv, seconds, signal) => runGate(ground, place, argv, seconds, signal),
    remove: (place) =>
      inTurn(place.repo, async () => {
        await removeCheckout(ground, place);
        return null;
      }),
    freeBytes: async () => {
      if (!existsSync(ground.state_dir)) return null;
      const { bavail, bsize } = await statfs(ground.state_dir);
      return bavail * bsize;
    },
  };
}
