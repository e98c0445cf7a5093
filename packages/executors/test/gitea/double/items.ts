/** What people and programs do to issues and pulls. Each leaves its entry in the timeline, moves `updated` and tells people. */
import type { Entry, Item, Label, Pull, Repo } from "./records.ts";
import { forgetThreads, tell } from "./notices.ts";
import { labelsFor, nextId, stamp, type World } from "./world.ts";

export interface NewItem {
  readonly by: string;
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly number[];
  readonly assignees?: readonly string[];
}

export function openItem(
  world: World,
  repo: Repo,
  { by, title, body = "", labels = [], assignees = [] }: NewItem,
  pull: Pull | null,
): Item {
  const at = stamp(world);
  const item: Item = {
    id: nextId(world),
    repo,
    number: repo.items.length + 1,
    by,
    title,
    body,
    state: "open",
    deleted: false,
    locked: false,
    labels: new Set(),
    assignees: new Set(),
    mentioned: new Set(),
    created: at,
    updated: at,
    entries: [],
    pull,
  };
  repo.items.push(item);
  tell(world, { item, by, comment: null, text: `${title}\n${body}` });
  addLabels(world, item, by, labels);
  setAssignees(world, item, by, [...assignees]);
  return item;
}

export function openIssue(world: World, repo: Repo, made: NewItem): Item {
  return openItem(world, repo, made, null);
}

/** An entry of the timeline; moves the item's `updated` (DSP-S15). */
export function addEntry(world: World, item: Item, entry: Omit<Entry, "id" | "created" | "updated" | "body"> & { body?: string }): Entry {
  const at = stamp(world);
  const made: Entry = { body: "", ...entry, id: nextId(world), created: at, updated: at };
  item.entries.push(made);
  item.updated = at;
  return made;
}

export function comment(world: World, item: Item, by: string, body: string): Entry {
  const made = addEntry(world, item, { type: "comment", by, body });
  tell(world, { item, by, comment: made.id, text: body });
  return made;
}

/** An edit tells nobody. */
export function editComment(world: World, item: Item, id: number, body: string): boolean {
  const found = item.entries.find((entry) => entry.id === id && entry.type === "comment");
  if (found === undefined) return false;
  found.body = body;
  found.updated = stamp(world);
  item.updated = stamp(world);
  return true;
}

export function deleteComment(world: World, item: Item, id: number): boolean {
  const at = item.entries.findIndex((entry) => entry.id === id && entry.type === "comment");
  if (at < 0) return false;
  item.entries.splice(at, 1);
  item.updated = stamp(world);
  return true;
}

/** Adds them; unknown ids are passed over (DSP-S17). Of an exclusive scope only the last stays (DSP-S18). No notification (DSP-S9). */
export function addLabels(world: World, item: Item, by: string, ids: readonly number[]): void {
  const known = labelsFor(world, item.repo);
  for (const id of ids) {
    const label = known.find((each) => each.id === id);
    if (label === undefined || item.labels.has(id)) continue;
    for (const other of known.filter((each) => item.labels.has(each.id) && excludes(label, each))) removeLabel(world, item, by, other.id);
    item.labels.add(id);
    addEntry(world, item, { type: "label", by, body: "1", label });
  }
}

export function removeLabel(world: World, item: Item, by: string, id: number): boolean {
  const label = labelsFor(world, item.repo).find((each) => each.id === id);
  if (label === undefined || !item.labels.delete(id)) return false;
  addEntry(world, item, { type: "label", by, label });
  return true;
}

export function replaceLabels(world: World, item: Item, by: string, ids: readonly number[]): void {
  for (const id of item.labels) if (!ids.includes(id)) removeLabel(world, item, by, id);
  addLabels(world, item, by, ids);
}

/** The whole set at once (DSP-S14). */
export function setAssignees(world: World, item: Item, by: string, logins: readonly string[]): void {
  for (const gone of item.assignees)
    if (!logins.includes(gone)) {
      item.assignees.delete(gone);
      addEntry(world, item, { type: "assignees", by, assignee: gone, removed_assignee: true });
    }
  for (const login of logins)
    if (!item.assignees.has(login)) {
      item.assignees.add(login);
      addEntry(world, item, { type: "assignees", by, assignee: login, removed_assignee: false });
      tell(world, { item, by, comment: null, to: login, only: true });
    }
}

export function setTitle(world: World, item: Item, by: string, title: string): void {
  if (title === item.title) return;
  addEntry(world, item, { type: "change_title", by, old_title: item.title, new_title: title });
  item.title = title;
}

export function setBody(world: World, item: Item, body: string): void {
  item.body = body;
  item.updated = stamp(world);
}

export function setState(world: World, item: Item, by: string, state: "open" | "closed"): void {
  if (item.state === state) return;
  item.state = state;
  const entry = addEntry(world, item, { type: state === "closed" ? "close" : "reopen", by });
  tell(world, { item, by, comment: entry.id });
}

/** With everything that hangs on it: nobody is told, and what was told is gone. */
export function deleteItem(world: World, item: Item): void {
  item.deleted = true;
  forgetThreads(world, (each) => each === item);
}

/** With its items, its threads and its git; who asks for it finds nothing. */
export function deleteRepo(world: World, repo: Repo): void {
  world.repos.splice(world.repos.indexOf(repo), 1);
  forgetThreads(world, (item) => item.repo === repo);
}

function excludes(label: Label, other: Label): boolean {
  const scope = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1);
  return label.exclusive && scope(label.name) !== "" && scope(label.name) === scope(other.name);
}
