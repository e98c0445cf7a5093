/** An item as it was seen, and whether somebody else changed it since (PSM-4). Pure. */
import type { ItemSnapshot } from "./item.ts";
import type { ItemView } from "./triage.ts";

/** What is compared before each write. */
export function snapshotOf({ issue, pull, comments, reviews }: Omit<ItemView, "timeline">): ItemSnapshot {
  return {
    updated_at: issue.updated_at,
    labels: issue.labels.map(({ name }) => name).toSorted(),
    assignees: [...issue.assignees].toSorted(),
    state: issue.merged ? "merged" : issue.state,
    head_sha: pull?.head.sha ?? null,
    comment_id: comments.reduce((most, { id }) => Math.max(most, id), 0),
    review_id: reviews.reduce((most, { id }) => Math.max(most, id), 0),
  };
}

/** What differs, in both values; null when nothing does. */
export function changeOf(was: ItemSnapshot, now: ItemSnapshot): { readonly was: string; readonly now: string } | null {
  const keys = Object.keys(was) as (keyof ItemSnapshot)[];
  const changed = keys.filter((key) => JSON.stringify(was[key]) !== JSON.stringify(now[key]));
  if (changed.length === 0) return null;
  const shown = (of: ItemSnapshot): string => changed.map((key) => `${key}=${JSON.stringify(of[key])}`).join(" ");
  return { was: shown(was).slice(0, 400), now: shown(now).slice(0, 400) };
}
