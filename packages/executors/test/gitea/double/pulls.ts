/** Pulls and reviews. Heads are real commits of the bare repositories when the double has git. */
import type { Item, Repo, Review, ReviewLine, ReviewState } from "./records.ts";
import { addEntry, openItem, setState, type NewItem } from "./items.ts";
import { tell } from "./notices.ts";
import { nextId, stamp, type World } from "./world.ts";

export interface NewPull extends NewItem {
  readonly head: string;
  readonly base: string;
  readonly head_repo?: Repo;
}

/** The open pull from that branch to that base, if there is one. */
export function openPullFrom(repo: Repo, head_repo: Repo, head: string, base: string): Item | null {
  const same = ({ state, pull }: Item): boolean =>
    state === "open" && pull !== null && pull.head_repo === head_repo && pull.head === head && pull.base === base;
  return repo.items.find(same) ?? null;
}

export function openPull(world: World, repo: Repo, made: NewPull): Item {
  const head_repo = made.head_repo ?? repo;
  return openItem(world, repo, made, {
    head_repo,
    head: made.head,
    base: made.base,
    head_sha: branchOf(world, head_repo, made.head) ?? "0".repeat(40),
    draft: false,
    merged_at: null,
    checked: false,
    reviews: [],
    requested: new Set(),
  });
}

/** Where a branch stands; null when there is none. */
export function branchOf(world: World, repo: Repo, branch: string): string | null {
  return repo.git_dir === null ? null : (world.git?.branch(repo.git_dir, branch) ?? null);
}

/** Looks at the branches: a head that moved gets its entry, and those who take part hear of it. */
export function seePushes(world: World): void {
  for (const repo of world.repos)
    for (const item of repo.items) {
      const { pull } = item;
      if (pull === null || item.state !== "open") continue;
      const head = branchOf(world, pull.head_repo, pull.head);
      if (head === null || head === pull.head_sha) continue;
      pull.head_sha = head;
      if (repo.git_dir !== null) world.git?.setPullHead(repo.git_dir, pull.head_repo.git_dir ?? "", item.number, head);
      addEntry(world, item, { type: "pull_push", by: item.by, body: JSON.stringify({ is_force_push: false, commit_ids: [head] }) });
      tell(world, { item, by: item.by, comment: null });
    }
}

export interface NewReview {
  readonly by: string;
  readonly state: ReviewState;
  readonly body: string;
  readonly commit_id?: string;
  readonly lines?: readonly ReviewLine[];
}

/** A review. Its body is in the timeline and not among the comments (DSP-S16). */
export function review(world: World, item: Item, { by, state, body, commit_id, lines = [] }: NewReview): Review {
  if (item.pull === null) throw new Error("only pulls are reviewed");
  const made: Review = {
    id: nextId(world),
    by,
    state,
    body,
    lines,
    commit_id: commit_id === undefined || commit_id === "" ? item.pull.head_sha : commit_id,
    submitted: stamp(world),
    dismissed: false,
  };
  item.pull.reviews.push(made);
  addEntry(world, item, { type: "review", by, body, review_id: made.id });
  tell(world, { item, by, comment: null, text: body });
  return made;
}

export function requestReview(world: World, item: Item, by: string, from: string): void {
  item.pull?.requested.add(from);
  addEntry(world, item, { type: "review_request", by, assignee: from, removed_assignee: false });
  tell(world, { item, by, comment: null, to: from, only: true });
}

/** Merges by moving the base to the head: enough for what a dispatcher sees of it. */
export function mergePull(world: World, item: Item, by: string): void {
  const { pull, repo } = item;
  if (pull === null) return;
  pull.merged_at = stamp(world);
  if (repo.git_dir !== null) world.git?.setBranch(repo.git_dir, pull.base, pull.head_sha);
  addEntry(world, item, { type: "merge_pull", by });
  setState(world, item, by, "closed");
  for (const number of closedBy(item.body))
    if (repo.items[number - 1]?.state === "open") setState(world, repo.items[number - 1] ?? item, by, "closed");
}

/** Titles that mark a pull as unfinished (DSP-S19); newer servers show it as `draft`. */
export function isUnfinished({ title, pull }: Item): boolean {
  return pull !== null && (pull.draft || /^(?:WIP:|\[WIP\])/i.test(title));
}

function closedBy(body: string): readonly number[] {
  return [...body.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s+#(\d+)/gi)].map(([, number]) => Number(number));
}
