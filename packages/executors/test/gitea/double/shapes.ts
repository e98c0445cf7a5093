/** Records as the server's answers spell them, with the nulls and empty texts that clients trip over. */
import type { Entry, Item, Label, Repo, Review, ReviewLine, Thread, User } from "./records.ts";
import { branchOf, isUnfinished } from "./pulls.ts";
import { accessOf, labelsFor, mayWrite, userOf, type World } from "./world.ts";

export type Json = Readonly<Record<string, unknown>>;

/** Where the server says it is, for the addresses inside of answers. */
export interface Site {
  readonly world: World;
  readonly origin: () => string;
}

export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function userShape(user: User | null, login = ""): Json | null {
  if (user === null && login === "") return null;
  return { id: user?.id ?? -1, login: user?.login ?? login, username: user?.login ?? login, full_name: "", email: "" };
}

export function labelShape({ world, origin }: Site, label: Label): Json {
  const { id, name, color } = label;
  const newer = world.profile === "current" ? { exclusive: label.exclusive, is_archived: false } : {};
  return { id, name, color, description: "", url: `${origin()}/api/v1/labels/${id}`, ...newer };
}

export function repoShape({ world, origin }: Site, repo: Repo, viewer: string | null): Json {
  const access = accessOf(repo, viewer);
  return {
    id: repo.id,
    owner: userShape(repo.owner),
    name: repo.name,
    full_name: fullName(repo),
    private: repo.is_private,
    archived: repo.archived,
    empty: false,
    default_branch: repo.default_branch,
    clone_url: `${origin()}/${fullName(repo)}.git`,
    html_url: `${origin()}/${fullName(repo)}`,
    permissions: { admin: access === "admin" || access === "owner", push: mayWrite(repo, viewer), pull: access !== "none" },
    open_issues_count: repo.items.filter(({ state }) => state === "open").length,
    ...(world.profile === "current" ? { archived_at: "1970-01-01T00:00:00Z" } : {}),
  };
}

/** `assignees` is null when there is nobody (DSP-S14). */
export function issueShape(site: Site, item: Item): Json {
  const { world, origin } = site;
  const { repo, number, pull } = item;
  const at = `${origin()}/api/v1/repos/${fullName(repo)}/issues/${number}`;
  const people = [...item.assignees].map((login) => userShape(userOf(world, login), login));
  return {
    id: item.id,
    url: at,
    html_url: `${origin()}/${fullName(repo)}/${pull === null ? "issues" : "pulls"}/${number}`,
    number,
    user: userShape(userOf(world, item.by), item.by),
    original_author: "",
    title: item.title,
    body: item.body,
    ref: "",
    labels: labelsOn(site, item),
    milestone: null,
    assignee: people[0] ?? null,
    assignees: people.length === 0 ? null : people,
    state: item.state,
    is_locked: item.locked,
    comments: item.entries.filter(({ type }) => type === "comment").length,
    created_at: time(item.created),
    updated_at: time(item.updated),
    closed_at: item.state === "closed" ? time(item.updated) : null,
    pull_request: pull === null ? null : pullMark(site, item),
    repository: { id: repo.id, name: repo.name, owner: repo.owner.login, full_name: fullName(repo) },
  };
}

function pullMark({ world, origin }: Site, item: Item): Json {
  const merged_at = item.pull?.merged_at ?? null;
  const old = { merged: merged_at !== null, merged_at: merged_at === null ? null : time(merged_at) };
  if (world.profile === "1.15") return old;
  return { ...old, draft: isUnfinished(item), html_url: `${origin()}/${fullName(item.repo)}/pulls/${item.number}` };
}

export function pullShape(site: Site, item: Item): Json {
  const { world } = site;
  const { pull, repo } = item;
  if (pull === null) throw new Error("no pull");
  const issue = issueShape(site, item);
  const base_sha = branchOf(world, repo, pull.base) ?? "0".repeat(40);
  const side = (of: Repo, ref: string, sha: string): Json => ({
    label: ref,
    ref,
    sha,
    repo_id: of.id,
    repo: repoShape(site, of, null),
  });
  const { pull_request: _mark, repository: _repository, ...shared } = issue;
  return {
    ...shared,
    mergeable: pull.checked,
    merged: pull.merged_at !== null,
    merged_at: pull.merged_at === null ? null : time(pull.merged_at),
    merge_base: base_sha,
    base: side(repo, pull.base, base_sha),
    head: side(pull.head_repo, pull.head, pull.head_sha),
    requested_reviewers: [...pull.requested].map((login) => userShape(userOf(world, login), login)),
    ...(world.profile === "current" ? { draft: isUnfinished(item) } : {}),
  };
}

export function commentShape({ world, origin }: Site, item: Item, entry: Entry): Json {
  const at = `${origin()}/${fullName(item.repo)}/${item.pull === null ? "issues" : "pulls"}/${item.number}`;
  return {
    id: entry.id,
    html_url: `${at}#issuecomment-${entry.id}`,
    issue_url: item.pull === null ? at : "",
    pull_request_url: item.pull === null ? "" : at,
    user: userShape(userOf(world, entry.by), entry.by),
    original_author: "",
    body: entry.body,
    created_at: time(entry.created),
    updated_at: time(entry.updated),
  };
}

export function entryShape(site: Site, item: Item, entry: Entry): Json {
  const { world } = site;
  return {
    ...commentShape(site, item, entry),
    type: entry.type,
    label: entry.label === undefined ? null : labelShape(site, entry.label),
    assignee: entry.assignee === undefined ? null : userShape(userOf(world, entry.assignee), entry.assignee),
    removed_assignee: entry.removed_assignee ?? false,
    review_id: entry.review_id ?? 0,
    old_title: entry.old_title ?? "",
    new_title: entry.new_title ?? "",
  };
}

export function reviewShape({ world, origin }: Site, item: Item, review: Review): Json {
  return {
    id: review.id,
    user: userShape(userOf(world, review.by), review.by),
    state: review.state,
    body: review.body,
    commit_id: review.commit_id,
    stale: review.commit_id !== item.pull?.head_sha,
    official: false,
    ...(world.profile === "current" ? { dismissed: review.dismissed } : {}),
    comments_count: review.lines.length,
    submitted_at: time(review.submitted),
    html_url: `${origin()}/${fullName(item.repo)}/pulls/${item.number}`,
  };
}

export function lineShape({ world }: Site, review: Review, { path, line, body }: ReviewLine): Json {
  const shown = { path, position: line, original_position: 0, body, diff_hunk: "", pull_request_review_id: review.id };
  return {
    ...shown,
    user: userShape(userOf(world, review.by), review.by),
    commit_id: review.commit_id,
    created_at: time(review.submitted),
  };
}

/** `latest_comment_url` is empty when the event has no comment (DSP-S5). */
export function threadShape(site: Site, thread: Thread): Json {
  const { origin } = site;
  const { item, subject } = thread;
  const repo = `${origin()}/api/v1/repos/${fullName(item.repo)}`;
  const issues = `${repo}/issues`;
  return {
    id: thread.id,
    repository: repoShape(site, item.repo, thread.login),
    subject: {
      title: item.title,
      url: subject === undefined ? `${issues}/${item.number}` : subject === "Commit" ? `${repo}/git/commits/${"0".repeat(40)}` : repo,
      latest_comment_url: thread.comment === null ? "" : `${issues}/comments/${thread.comment}`,
      type: subject ?? (item.pull === null ? "Issue" : "Pull"),
      state: (item.pull?.merged_at ?? null) === null ? item.state : "merged",
    },
    unread: thread.status === "unread",
    pinned: thread.status === "pinned",
    updated_at: time(thread.updated),
    url: `${origin()}/api/v1/notifications/threads/${thread.id}`,
  };
}

export function fullName({ owner, name }: Repo): string {
  return `${owner.login}/${name}`;
}

export function labelsOn(site: Site, item: Item): readonly Json[] {
  return labelsFor(site.world, item.repo)
    .filter(({ id }) => item.labels.has(id))
    .map((label) => labelShape(site, label));
}
