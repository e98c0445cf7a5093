/** Pulls and their reviews. */
import type { Item, Repo, ReviewState } from "../records.ts";
import { no, notFound, onItem, onRepo, page, textOf, type Ask, type Reply, type Routes } from "../answers.ts";
import { setBody, setState, setTitle } from "../items.ts";
import { branchOf, isUnfinished, mergePull, openPull, openPullFrom, requestReview, review, seePushes } from "../pulls.ts";
import { issueShape, lineShape, pullShape, reviewShape } from "../shapes.ts";
import { mayWrite, repoOf, userOf } from "../world.ts";
import { changeAssignees } from "./issues.ts";

export const PULLS: Routes = [
  ["GET", "/repos/:owner/:repo/pulls", onRepo(list)],
  ["POST", "/repos/:owner/:repo/pulls", onRepo(create)],
  ["GET", "/repos/:owner/:repo/pulls/:index", onPull(show)],
  ["PATCH", "/repos/:owner/:repo/pulls/:index", onPull(edit)],
  ["POST", "/repos/:owner/:repo/pulls/:index/merge", onPull(merge)],
  ["GET", "/repos/:owner/:repo/pulls/:index/reviews", onPull(reviews)],
  ["GET", "/repos/:owner/:repo/pulls/:index/reviews/:id/comments", onPull(lines)],
  ["POST", "/repos/:owner/:repo/pulls/:index/reviews", onPull(say)],
  ["POST", "/repos/:owner/:repo/pulls/:index/requested_reviewers", onPull(ask_for_review)],
];

function onPull(act: (ask: Ask, item: Item, login: string) => Reply) {
  return onItem((ask, item, login) => {
    if (item.pull === null) return no(ask, 404, "pull request does not exist");
    seePushes(ask.site.world);
    return act(ask, item, login);
  });
}

function list(ask: Ask, repo: Repo): Reply {
  seePushes(ask.site.world);
  const state = ask.query.get("state") ?? "open";
  const found = [...repo.items]
    .reverse()
    .filter((item) => item.pull !== null && !item.deleted && (state === "all" || item.state === state));
  return page(
    ask,
    found.map((item) => pullShape(ask.site, item)),
    true,
  );
}

/** `mergeable` is worked out later: false at the first look (DSP-S19). */
function show(ask: Ask, item: Item): Reply {
  const json = pullShape(ask.site, item);
  if (item.pull !== null) item.pull.checked = true;
  return { status: 200, json };
}

/** The head may be `branch` or `owner:branch` of a fork. */
function create(ask: Ask, repo: Repo, login: string): Reply {
  const { world } = ask.site;
  if (login === "") return no(ask, 401, "token is required");
  const { title, body, base } = ask.body;
  const [owner, branch] = textOf(ask.body["head"]).includes(":")
    ? textOf(ask.body["head"]).split(":", 2)
    : [repo.owner.login, textOf(ask.body["head"])];
  const head_repo = repoOf(world, owner ?? "", repo.name);
  if (head_repo === null || branch === undefined || branchOf(world, head_repo, branch) === null)
    return no(ask, 404, "The target couldn't be found.");
  if (branchOf(world, repo, textOf(base)) === null) return no(ask, 404, "The target couldn't be found.");
  if (!mayWrite(head_repo, login)) return no(ask, 403, "user should have a permission to write to the head branch");
  const there = openPullFrom(repo, head_repo, branch, textOf(base));
  if (there !== null) return no(ask, 409, `pull request already exists for these targets [id: ${there.id}]`);
  if (textOf(title) === "") return no(ask, 422, "[Title]: Required");
  const made = openPull(world, repo, { by: login, title: textOf(title), body: textOf(body), head: branch, base: textOf(base), head_repo });
  if (made.pull !== null && repo.git_dir !== null)
    world.git?.setPullHead(repo.git_dir, head_repo.git_dir ?? "", made.number, made.pull.head_sha);
  return { status: 201, json: pullShape(ask.site, made) };
}

function edit(ask: Ask, item: Item, login: string): Reply {
  const { world } = ask.site;
  const { title, body, state } = ask.body;
  if (login === "") return no(ask, 401, "token is required");
  if (!mayWrite(item.repo, login) && item.by !== login) return no(ask, 403, "");
  const refused = changeAssignees(ask, item, login);
  if (refused !== null) return refused;
  if (typeof title === "string") setTitle(world, item, login, title);
  if (typeof body === "string") setBody(world, item, body);
  if (state === "open" || state === "closed") setState(world, item, login, state);
  return { status: 201, json: pullShape(ask.site, item) };
}

/** An unfinished pull is looked at first (DSP-S21). */
function merge(ask: Ask, item: Item, login: string): Reply {
  if (login === "") return no(ask, 401, "token is required");
  if (!mayWrite(item.repo, login)) return no(ask, 405, "User not allowed to merge PR");
  if (isUnfinished(item)) return no(ask, 405, "Work in progress PRs cannot be merged");
  const wanted = textOf(ask.body["head_commit_id"]);
  if (ask.site.world.profile === "current" && wanted !== "" && wanted !== item.pull?.head_sha) return no(ask, 409, "head out of date");
  mergePull(ask.site.world, item, login);
  return { status: 200 };
}

function reviews(ask: Ask, item: Item): Reply {
  return page(
    ask,
    (item.pull?.reviews ?? []).map((each) => reviewShape(ask.site, item, each)),
  );
}

/** All of them at once. */
function lines(ask: Ask, item: Item): Reply {
  const found = item.pull?.reviews.find(({ id }) => id === Number(ask.path("id")));
  return found === undefined ? notFound(ask) : { status: 200, json: found.lines.map((each) => lineShape(ask.site, found, each)) };
}

/** Nobody approves or rejects his own (DSP-S20). */
function say(ask: Ask, item: Item, login: string): Reply {
  const event = textOf(ask.body["event"]) || "PENDING";
  const body = textOf(ask.body["body"]);
  if (login === "") return no(ask, 401, "token is required");
  if (!["APPROVED", "REQUEST_CHANGES", "COMMENT", "PENDING"].includes(event)) return no(ask, 422, "unknown event");
  if (item.by === login && event === "APPROVED") return no(ask, 422, "approve your own pull is not allowed");
  if (item.by === login && event === "REQUEST_CHANGES") return no(ask, 422, "reject your own pull is not allowed");
  if (body.trim() === "" && (event === "COMMENT" || event === "REQUEST_CHANGES")) return no(ask, 422, "review event needs a body");
  const commit = textOf(ask.body["commit_id"]);
  const made = review(ask.site.world, item, { by: login, state: event as ReviewState, body, commit_id: commit });
  return { status: 200, json: reviewShape(ask.site, item, made) };
}

function ask_for_review(ask: Ask, item: Item, login: string): Reply {
  if (!mayWrite(item.repo, login)) return no(ask, 403, "");
  const names = Array.isArray(ask.body["reviewers"]) ? ask.body["reviewers"].map(String) : [];
  for (const name of names) {
    const user = userOf(ask.site.world, name);
    if (user === null) return no(ask, 404, "user does not exist");
    requestReview(ask.site.world, item, login, user.login);
  }
  return { status: 201, json: [issueShape(ask.site, item)] };
}
