/** The one way to write (PSM-4): read anew, see whether it is done, see whether somebody else was there, and only then write. */
import type { GiteaGround } from "./ground.ts";
import type { Item } from "./item.ts";
import type { ItemEvent } from "./machine.ts";
import { has } from "./labels.ts";
import { readItem } from "./server-view.ts";
import { changeOf, snapshotOf } from "./snapshot.ts";
import type { ItemView } from "./triage.ts";

export interface Guard {
  /** True when nothing is left to be written: then a repeated effect changes nothing (DSP-59). */
  readonly isDone: (view: ItemView) => boolean;
}

/** Null from `write` stands for done without facts. */
export async function guarded(
  ground: GiteaGround,
  item: Item,
  { isDone }: Guard,
  write: (view: ItemView) => Promise<ItemEvent | null>,
): Promise<ItemEvent> {
  const view = await readItem(ground.forge, item);
  if (isDone(view)) return { kind: "done", facts: { snapshot: snapshotOf(view) } };
  const now = snapshotOf(view);
  const over = overReason(item, view, ground.config().labels.bot);
  if (over !== null) return { kind: "gone", reason: over, dead: false };
  const change = item.snapshot === null ? null : changeOf(item.snapshot, now);
  if (change !== null) return { kind: "conflict", ...change, seen: now };
  const event = (await write(view)) ?? { kind: "done", facts: {} };
  if (event.kind !== "done") return event;
  return { ...event, facts: { ...event.facts, snapshot: snapshotOf(await readItem(ground.forge, item)) } };
}

/** Why it is not ours any more; null when it still is. */
function overReason({ snapshot }: Item, { issue }: ItemView, bot: string): string | null {
  if (issue.merged) return "merged";
  if (issue.state === "closed") return "closed";
  const labels = issue.labels.map(({ name }) => name);
  return snapshot !== null && has(snapshot.labels, bot) && !has(labels, bot) ? "bot_removed" : null;
}
