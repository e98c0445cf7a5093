/**
 * Who is next, and what stands before a claim (DSP-33, DSP-35, DSP-36, DSP-40). Facts come in, one reason goes out: the first
 * in the order of the list. An unknown count is a full one. Pure.
 */
import { instantMs, type Moment } from "@loopx/core/domain";
import type { ItemView, TriageRules } from "./triage.ts";
import { unfit } from "./triage.ts";
import type { Item } from "./item.ts";
import { turnOf, type Turn } from "./labels.ts";

/** `priority/high` first, then the oldest; between equals the lower number, so that every order is the same. */
export function inOrder(items: readonly Item[]): readonly Item[] {
  return items.toSorted(
    (a, b) =>
      Number(b.priority) - Number(a.priority) ||
      (instantMs(a.queued_at) ?? 0) - (instantMs(b.queued_at) ?? 0) ||
      a.number - b.number ||
      (a.repo < b.repo ? -1 : 1),
  );
}

/** True for items that may be claimed when nothing stands before it. */
export function isWaiting({ state, plan }: Item): boolean {
  return plan.length === 0 && (state === "queued" || state === "waiting_capacity" || state === "cooling");
}

/** True when one more would be too many. Null, a count that nobody knows, is a full one (DSP-99). */
export function isFull(live: number | null, most: number): boolean {
  return live === null || live >= most;
}

/** What is known before the item is read. */
export interface EarlyFacts {
  readonly control: "run" | "paused" | "draining";
  readonly watched: boolean;
  readonly now: Moment;
}

/** Control, repository and time; null when none of them stands before the claim. */
export function earlyObstacle(item: Item, { control, watched, now }: EarlyFacts): string | null {
  if (control !== "run") return control;
  if (!watched) return "not_watched";
  return item.not_before !== null && now.ms < (instantMs(item.not_before) ?? 0) ? "not_before" : null;
}

/** What the item itself says against a claim; `bot` must be there, and `ready` must not (DSP-35). */
export function itemObstacle({ issue }: Pick<ItemView, "issue">, rules: TriageRules, own_human: string | null): string | null {
  const labels = issue.labels.map(({ name }) => name);
  const closed = unfit({ issue }, rules);
  if (closed !== null) return closed;
  const assignees = issue.assignees.filter((login) => login !== own_human);
  // Whether a claim lives is looked at by the claim itself.
  return NOT_OURS[turnOf({ labels, assignees, bot_user: rules.bot_user, leased: false }, rules.labels)] ?? null;
}

const NOT_OURS: Partial<Record<Turn, string>> = {
  merge_ready: "merge_ready",
  not_our_turn: "no_bot_label",
  a_persons: "human_assigned",
};

/** What "the same cause" means: a run for it is not repeated within the cooldown (DSP-40). */
export function signOf(item: Pick<Item, "head_sha" | "step" | "cursor">): string {
  const { head_sha, step, cursor } = item;
  return [head_sha ?? "none", step, cursor.comment_id, cursor.review_id].join(" ");
}

/** True when this very cause was worked on a moment ago and nobody said anything since. */
export function isCooling(item: Item, now: Moment): boolean {
  if (item.cause === "continuation" || item.cooled === null || item.cooled.sign !== signOf(item)) return false;
  return now.ms < (instantMs(item.cooled.until) ?? 0);
}
