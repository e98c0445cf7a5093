/** Who hears of what (DSP-S7, DSP-S9, DSP-S10): one thread per user and item, and some are lost. */
import type { Item, Thread } from "./records.ts";
import { accessOf, nextId, stamp, userOf, type World } from "./world.ts";

/** What happened, as far as it decides who hears of it. */
export interface Happening {
  readonly item: Item;
  readonly by: string;
  /** Of the comment that was written; null for an event without one. */
  readonly comment: number | null;
  readonly text?: string;
  /** Hears of it whatever else: one who was assigned, or asked for a review. */
  readonly to?: string;
  /** Nobody but `to` hears of it. */
  readonly only?: boolean;
}

/** Tells everybody who watches, takes part or is mentioned, but not the one who did it. */
export function tell(world: World, { item, by, comment, text = "", to, only = false }: Happening): void {
  const mentioned = mentionedIn(world, text);
  for (const login of mentioned) item.mentioned.add(login);
  const hearing = new Set(only ? [] : [...item.repo.watchers, ...partiesOf(item), ...mentioned]);
  hearing.delete(by);
  // An assignment to oneself is told on the older server (DSP-S9).
  if (to !== undefined && (to !== by || world.profile === "1.15")) hearing.add(to);
  for (const login of hearing) {
    if (accessOf(item.repo, login) === "none" || world.loses(login, item)) continue;
    notify(world, login, item, comment);
  }
}

/** Threads of what is not there any more go with it. */
export function forgetThreads({ threads }: World, isGone: (item: Item) => boolean): void {
  for (const thread of threads.filter(({ item }) => isGone(item))) threads.splice(threads.indexOf(thread), 1);
}

/** Sets the thread unread. A new event brings the same id back. */
function notify(world: World, login: string, item: Item, comment: number | null): void {
  const there = world.threads.find((thread) => thread.login === login && thread.item === item);
  if (there === undefined) {
    const made: Thread = { id: nextId(world), login, item, status: "unread", updated: stamp(world), comment };
    world.threads.push(made);
    return;
  }
  there.updated = stamp(world);
  there.comment = comment;
  if (there.status === "read") there.status = "unread";
}

/** Authors, commenters and assignees. */
function partiesOf({ by, assignees, entries }: Item): readonly string[] {
  return [by, ...assignees, ...entries.filter(({ type }) => type === "comment" || type === "review").map((entry) => entry.by)];
}

/** The server's own reading: rough, and without a look at code or quotes. */
function mentionedIn(world: World, text: string): readonly string[] {
  const names = [...text.matchAll(/(?:^|[^\w@/.])@([A-Za-z0-9][\w.-]*)/g)].map(([, name = ""]) => name.replace(/[.-]+$/, ""));
  return [...new Set(names)].flatMap((name) => userOf(world, name)?.login ?? []);
}
