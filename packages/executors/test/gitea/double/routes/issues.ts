/** Issues, their comments, labels and timeline. */
import type { Item, Label, Repo } from "../records.ts";
import { no, notFound, onItem, onRepo, page, textOf, timeAsked, type Ask, type Reply, type Routes } from "../answers.ts";
import {
  addLabels,
  comment,
  deleteComment,
  editComment,
  openIssue,
  removeLabel,
  replaceLabels,
  setAssignees,
  setBody,
  setState,
  setTitle,
} from "../items.ts";
import { commentShape, entryShape, issueShape, labelsOn } from "../shapes.ts";
import { accessOf, mayWrite, repoOf, userOf } from "../world.ts";

export const ISSUES: Routes = [
  [
    "GET",
    "/repos/issues/search",
    (ask) =>
      page(
        ask,
        searched(ask).map((item) => issueShape(ask.site, item)),
        true,
      ),
  ],
  [
    "GET",
    "/repos/:owner/:repo/issues",
    onRepo((ask, repo) =>
      page(
        ask,
        listed(ask, repo).map((item) => issueShape(ask.site, item)),
        true,
      ),
    ),
  ],
  ["POST", "/repos/:owner/:repo/issues", onRepo(create)],
  ["GET", "/repos/:owner/:repo/issues/:index", onItem((ask, item) => ({ status: 200, json: issueShape(ask.site, item) }))],
  ["PATCH", "/repos/:owner/:repo/issues/:index", onItem(edit, "signed")],
  ["GET", "/repos/:owner/:repo/issues/:index/comments", onItem(comments)],
  ["POST", "/repos/:owner/:repo/issues/:index/comments", onItem(write, "signed")],
  ["PATCH", "/repos/:owner/:repo/issues/comments/:id", onComment((ask, item, id) => rewrite(ask, item, id))],
  ["DELETE", "/repos/:owner/:repo/issues/comments/:id", onComment((ask, item, id) => unwrite(ask, item, id))],
  ["GET", "/repos/:owner/:repo/issues/:index/timeline", onItem(timeline)],
  ["GET", "/repos/:owner/:repo/issues/:index/labels", onItem((ask, item) => ({ status: 200, json: labelsOn(ask.site, item) }))],
  ["POST", "/repos/:owner/:repo/issues/:index/labels", onItem(label(addLabels), "write")],
  ["PUT", "/repos/:owner/:repo/issues/:index/labels", onItem(label(replaceLabels), "write")],
  ["DELETE", "/repos/:owner/:repo/issues/:index/labels/:id", onItem(unlabel, "write")],
];

/** Newest created first; `sort` means nothing (DSP-S11). */
function listed(ask: Ask, repo: Repo): readonly Item[] {
  return [...repo.items].reverse().filter((item) => isAsked(ask, item) && carries(ask, item));
}

/** Everything that the asker may see; each filter narrows what the others left. */
function searched(ask: Ask): readonly Item[] {
  const { world } = ask.site;
  const { login, query } = ask;
  const wanted = (name: string, holds: (item: Item, who: string) => boolean) => (item: Item) =>
    query.get(name) !== "true" || (login !== null && holds(item, login));
  const filters = [
    wanted("assigned", (item, who) => item.assignees.has(who)),
    wanted("created", (item, who) => item.by === who),
    wanted("mentioned", (item, who) => item.mentioned.has(who)),
    wanted("review_requested", (item, who) => item.pull?.requested.has(who) === true),
  ];
  return world.repos
    .filter((repo) => accessOf(repo, login) !== "none")
    .flatMap(({ items }) => items)
    .filter((item) => isAsked(ask, item) && filters.every((fits) => fits(item)))
    .sort((one, other) => other.created - one.created || other.id - one.id);
}

function isAsked(ask: Ask, item: Item): boolean {
  const state = ask.query.get("state") ?? "open";
  const type = ask.query.get("type");
  const since = timeAsked(ask, "since");
  const before = timeAsked(ask, "before");
  return (
    !item.deleted &&
    (state === "all" || item.state === state) &&
    (type === null || type === "" || (type === "pulls") === (item.pull !== null)) &&
    (since === null || item.updated >= since) &&
    (before === null || item.updated <= before)
  );
}

/** A name that is no label of the repository filters nothing: unknown ones and an organisation's (DSP-S12). */
function carries({ query }: Ask, { repo, labels }: Item): boolean {
  const names = (query.get("labels") ?? "").split(",");
  return repo.labels.filter(({ name }) => names.includes(name)).every(({ id }) => labels.has(id));
}

function create(ask: Ask, repo: Repo, login: string): Reply {
  if (login === "") return no(ask, 401, "token is required");
  const { title, body, labels, assignees } = ask.body;
  if (textOf(title) === "") return no(ask, 422, "[Title]: Required");
  const rights = mayWrite(repo, login);
  const made = openIssue(ask.site.world, repo, {
    by: login,
    title: textOf(title),
    body: textOf(body),
    labels: rights && Array.isArray(labels) ? labels.map(Number) : [],
    assignees: rights && Array.isArray(assignees) ? assignees.map(String) : [],
  });
  return { status: 201, json: issueShape(ask.site, made) };
}

/** 201, whatever precondition the client sends (DSP-S14, DSP-S15). */
function edit(ask: Ask, item: Item, login: string): Reply {
  const { world } = ask.site;
  const { body } = ask;
  if (!mayWrite(item.repo, login) && item.by !== login) return no(ask, 403, "");
  const refused = changeAssignees(ask, item, login);
  if (refused !== null) return refused;
  if (typeof body["title"] === "string") setTitle(world, item, login, body["title"]);
  if (typeof body["body"] === "string") setBody(world, item, body["body"]);
  if (body["state"] === "open" || body["state"] === "closed") setState(world, item, login, body["state"]);
  return { status: 201, json: issueShape(ask.site, item) };
}

export function changeAssignees(ask: Ask, item: Item, login: string): Reply | null {
  const { assignees } = ask.body;
  if (!Array.isArray(assignees) || !mayWrite(item.repo, login)) return null;
  const people = assignees.map((name) => userOf(ask.site.world, String(name)));
  if (people.some((user) => user === null || !mayWrite(item.repo, user.login))) return no(ask, 500, "");
  setAssignees(
    ask.site.world,
    item,
    login,
    people.flatMap((user) => user?.login ?? []),
  );
  return null;
}

/** All of them, oldest first; `limit` means nothing (DSP-S16). */
function comments(ask: Ask, item: Item): Reply {
  const since = timeAsked(ask, "since");
  const before = timeAsked(ask, "before");
  const isAsked = (updated: number): boolean => (since === null || updated >= since) && (before === null || updated <= before);
  const found = item.entries.filter(({ type, updated }) => type === "comment" && isAsked(updated));
  return {
    status: 200,
    json: found.map((entry) => commentShape(ask.site, item, entry)),
    headers: { "X-Total-Count": String(found.length) },
  };
}

function write(ask: Ask, item: Item, login: string): Reply {
  if (item.locked && !mayWrite(item.repo, login)) return no(ask, 403, "Only writers may comment on locked issues");
  if (textOf(ask.body["body"]) === "") return no(ask, 422, "[Body]: Required");
  return { status: 201, json: commentShape(ask.site, item, comment(ask.site.world, item, login, textOf(ask.body["body"]))) };
}

function onComment(act: (ask: Ask, item: Item, id: number) => Reply) {
  return (ask: Ask): Reply => {
    const repo = repoOf(ask.site.world, ask.path("owner"), ask.path("repo"));
    const id = Number(ask.path("id"));
    const has = ({ entries }: Item): boolean => entries.some((entry) => entry.id === id && entry.type === "comment");
    const item = repo?.items.find(has);
    if (item === undefined) return notFound(ask);
    const by = item.entries.find((entry) => entry.id === id)?.by;
    const allowed = ask.login !== null && (by === ask.login || ["admin", "owner"].includes(accessOf(item.repo, ask.login)));
    return allowed ? act(ask, item, id) : no(ask, 403, "");
  };
}

function rewrite(ask: Ask, item: Item, id: number): Reply {
  editComment(ask.site.world, item, id, textOf(ask.body["body"]));
  const found = item.entries.find((entry) => entry.id === id);
  return found === undefined ? notFound(ask) : { status: 200, json: commentShape(ask.site, item, found) };
}

function unwrite(ask: Ask, item: Item, id: number): Reply {
  deleteComment(ask.site.world, item, id);
  return { status: 204 };
}

/** In pages only when a page is asked for. */
function timeline(ask: Ask, item: Item): Reply {
  const since = timeAsked(ask, "since");
  const all = item.entries.filter(({ updated }) => since === null || updated >= since).map((entry) => entryShape(ask.site, item, entry));
  return ask.query.has("page") ? page(ask, all) : { status: 200, json: all, headers: { "X-Total-Count": String(all.length) } };
}

type Labelling = (world: Ask["site"]["world"], item: Item, by: string, ids: readonly number[]) => void;

/** By id; names only on newer servers (DSP-S17). */
function label(act: Labelling) {
  return (ask: Ask, item: Item, login: string): Reply => {
    const given = Array.isArray(ask.body["labels"]) ? (ask.body["labels"] as readonly unknown[]) : [];
    const { world } = ask.site;
    if (given.some((each) => typeof each !== "number") && world.profile === "1.15")
      return no(ask, 422, "[]: json: cannot unmarshal number into Go struct field IssueLabelsOption.Labels of type int64");
    const idOf = (each: unknown): number =>
      typeof each === "number" ? each : (item.repo.labels.find(({ name }: Label) => name === each)?.id ?? 0);
    act(world, item, login, given.map(idOf));
    return { status: 200, json: labelsOn(ask.site, item) };
  };
}

/** Also when it was not there; newer servers do not know a label that exists nowhere (DSP-S17). */
function unlabel(ask: Ask, item: Item, login: string): Reply {
  const id = Number(ask.path("id"));
  const known = item.repo.labels.some((each) => each.id === id);
  if (!removeLabel(ask.site.world, item, login, id) && !known) return no(ask, 422, "label does not exist");
  return { status: 204 };
}
