/** A server in memory behind the dispatcher's own port: what happened on it is plain data, and every call can be made to fail. */
import type { FakeClock } from "@loopx/core/testing";
import type {
  Forge,
  ForgeAnswer,
  ForgeComment,
  ForgeEvent,
  ForgeFailure,
  ForgeFault,
  ForgeIssue,
  ForgeLabel,
  ForgePull,
  ForgeReview,
  ForgeThread,
  Listed,
  Permission,
  Place,
} from "../../../src/gitea/forge.ts";

export interface MemoryIssue {
  repo: string;
  number: number;
  title: string;
  body: string;
  author: string;
  state: "open" | "closed";
  is_locked: boolean;
  draft: boolean;
  merged: boolean;
  labels: string[];
  assignees: string[];
  created_at: string;
  updated_at: string;
  comments: ForgeComment[];
  reviews: ForgeReview[];
  timeline: ForgeEvent[];
  pull: { head_repo: string; branch: string; base: string } | null;
}

export interface MemoryCommit {
  readonly sha: string;
  readonly parent: string | null;
  readonly run_id: string | null;
}

/** What may happen to a call: nothing, a failure before it, or a failure after it was carried out. */
export type Trouble = { readonly when: "before" | "after"; readonly fault: ForgeFault } | null;

export interface Call {
  readonly name: string;
  readonly write: boolean;
  readonly by: string;
  readonly place: string;
}

const failure = (fault: ForgeFault): ForgeFailure => ({ kind: "failed", fault, status: null, message: "", retry_after_ms: null });

export class MemoryServer {
  readonly issues: MemoryIssue[] = [];
  readonly labels = new Map<string, ForgeLabel[]>();
  readonly threads: (ForgeThread & { login: string })[] = [];
  readonly permissions = new Map<string, Permission>();
  readonly branches = new Map<string, Map<string, string>>();
  readonly commits = new Map<string, MemoryCommit>();
  readonly archived = new Set<string>();
  readonly calls: Call[] = [];
  trouble: (call: Call) => Trouble = () => null;
  /** Right before a write of that account is carried out: what somebody else does in this moment. */
  between: (call: Call) => void = () => undefined;
  loses: (login: string) => boolean = () => false;
  readonly #clock: FakeClock;
  #ids = 100;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  now(): string {
    return `${new Date(this.#clock.now().getTime()).toISOString().slice(0, 19)}Z`;
  }

  id(): number {
    this.#ids += 1;
    return this.#ids;
  }

  repo(repo: string, labels: readonly string[] = ["bot", "needs-review", "needs-rework", "merge-ready", "docs", "priority/high"]): void {
    this.labels.set(
      repo,
      labels.map((name) => ({ id: this.id(), name, exclusive: false })),
    );
    const root = this.commit(null, null);
    this.branches.set(repo, new Map([["main", root]]));
  }

  commit(parent: string | null, run_id: string | null): string {
    const sha = this.id().toString(16).padStart(40, "0");
    this.commits.set(sha, { sha, parent, run_id });
    return sha;
  }

  issue(repo: string, number: number): MemoryIssue {
    const found = this.issues.find((each) => each.repo === repo && each.number === number);
    if (found === undefined) throw new Error(`there is no ${repo}#${number}`);
    return found;
  }

  open(repo: string, author: string, title: string, more: Partial<MemoryIssue> = {}): MemoryIssue {
    const at = this.now();
    const number = this.issues.filter((each) => each.repo === repo).length + 1;
    const fresh = { is_locked: false, draft: false, merged: false, labels: [], assignees: [], comments: [], reviews: [], timeline: [] };
    const issue: MemoryIssue = {
      repo,
      number,
      title,
      body: "",
      author,
      state: "open",
      created_at: at,
      updated_at: at,
      pull: null,
      ...fresh,
      ...more,
    };
    this.issues.push(issue);
    return issue;
  }

  label(issue: MemoryIssue, by: string, name: string, added = true): void {
    if (issue.labels.includes(name) === added) return;
    issue.labels = added ? [...issue.labels, name] : issue.labels.filter((each) => each !== name);
    this.event(issue, { type: "label", actor: by, label: { name, added } });
  }

  assign(issue: MemoryIssue, by: string, logins: readonly string[]): void {
    for (const login of logins.filter((each) => !issue.assignees.includes(each))) {
      this.event(issue, { type: "assignees", actor: by, assignee: { login, added: true } });
      this.notify(issue, login, by, "");
    }
    for (const login of issue.assignees.filter((each) => !logins.includes(each)))
      this.event(issue, { type: "assignees", actor: by, assignee: { login, added: false } });
    issue.assignees = [...logins];
  }

  say(issue: MemoryIssue, author: string, body: string): ForgeComment {
    const comment = { id: this.id(), author, body, created_at: this.now(), updated_at: this.now() };
    issue.comments.push(comment);
    this.event(issue, { type: "comment", actor: author, body, id: comment.id });
    this.notify(issue, "clawbot", author, `comments/${comment.id}`);
    return comment;
  }

  review(issue: MemoryIssue, author: string, state: ForgeReview["state"], body: string, commit_id = this.headOf(issue)): ForgeReview {
    const review = { id: this.id(), author, state, body, commit_id, stale: false, dismissed: false, submitted_at: this.now() };
    issue.reviews.push(review);
    this.event(issue, { type: "review", actor: author, body });
    this.notify(issue, "clawbot", author, `reviews/${review.id}`);
    return review;
  }

  headOf({ repo, pull }: MemoryIssue): string {
    return this.branches.get(pull?.head_repo ?? repo)?.get(pull?.branch ?? "") ?? "";
  }

  event(issue: MemoryIssue, of: Partial<ForgeEvent> & Pick<ForgeEvent, "type" | "actor">): void {
    issue.timeline.push({ id: this.id(), at: this.now(), label: null, assignee: null, body: "", ...of });
    issue.updated_at = this.now();
  }

  notify(issue: MemoryIssue, login: string, by: string, url: string): void {
    if (login === by || this.loses(login)) return;
    const before = this.threads.find((each) => each.login === login && each.repo === issue.repo && each.number === issue.number);
    const fresh = { unread: true, updated_at: this.now(), latest_comment_url: url };
    if (before !== undefined) Object.assign(before, fresh);
    else this.threads.push({ login, id: this.id(), repo: issue.repo, number: issue.number, subject: "Issue", ...fresh });
  }

  /** The view of one account. */
  forge(login: string): Forge {
    const call = async <Value>(name: string, write: boolean, place: string, act: () => Value): Promise<ForgeAnswer<Value>> => {
      const made = { name, write, by: login, place };
      this.calls.push(made);
      const trouble = this.trouble(made);
      if (trouble?.when === "before") return failure(trouble.fault);
      if (write) this.between(made);
      try {
        const value = copied(act());
        return trouble === null ? { kind: "value", value } : failure(trouble.fault);
      } catch (error) {
        if (error instanceof Missing) return failure(error.fault);
        throw error;
      }
    };
    const at = (place: Place): MemoryIssue => {
      const found = this.issues.find((each) => each.repo === place.repo && each.number === place.number);
      if (found === undefined) throw new Missing("not_found");
      return found;
    };
    const key = ({ repo, number }: Place): string => `${repo}#${number}`;
    const listed = <Value>(entries: Value[]): Listed<Value> => ({ entries, truncated: false });
    const shown = (issue: MemoryIssue): ForgeIssue => this.#shown(issue);
    const pulls = (repo: string): ForgePull[] =>
      this.issues.filter((each) => each.repo === repo && each.pull !== null && each.state === "open").map((each) => this.#pull(each));
    return {
      server: () => call("server", false, "", () => ({ version: "1.15.10", max_response_items: 50, clock_difference_ms: 0 })),
      me: () => call("me", false, "", () => ({ login })),
      unread: () => call("unread", false, "", () => this.threads.filter((each) => each.login === login && each.unread).length),
      threads: () => call("threads", false, "", () => listed(this.threads.filter((each) => each.login === login && each.unread))),
      thread: (id) => call("thread", false, String(id), () => this.threads.find((each) => each.id === id) ?? throwMissing()),
      surplus: async () => ({ kind: "value", value: [] }),
      labelled: (repo, label) =>
        call("labelled", false, repo, () => {
          const isKnown = this.labels.get(repo)?.some(({ name }) => name === label) === true;
          return listed(
            this.issues
              .filter((each) => each.repo === repo && each.state === "open" && (!isKnown || each.labels.includes(label)))
              .map(shown),
          );
        }),
      changed: (repo, since) =>
        call("changed", false, repo, () =>
          listed(this.issues.filter((each) => each.repo === repo && Date.parse(each.updated_at) >= Date.parse(since)).map(shown)),
        ),
      search: (what) =>
        call("search", false, what, () => {
          const mentions = (text: string): boolean => text.includes(`@${login}`);
          const found = this.issues.filter((each) =>
            what === "assigned"
              ? each.assignees.includes(login)
              : what === "mentioned"
                ? [each.body, ...each.comments.map(({ body }) => body), ...each.reviews.map(({ body }) => body)].some(mentions)
                : false,
          );
          return listed(found.map(shown));
        }),
      issue: (place) => call("issue", false, key(place), () => shown(at(place))),
      pull: (place) => call("pull", false, key(place), () => this.#pull(at(place))),
      pullsFrom: (repo, branch) => call("pullsFrom", false, repo, () => pulls(repo).filter(({ head }) => head.branch === branch)),
      openPulls: (repo) => call("openPulls", false, repo, () => listed(pulls(repo))),
      comments: (place) => call("comments", false, key(place), () => at(place).comments),
      reviews: (place) => call("reviews", false, key(place), () => at(place).reviews),
      timeline: (place) => call("timeline", false, key(place), () => at(place).timeline),
      labels: (repo) => call("labels", false, repo, () => this.labels.get(repo) ?? []),
      organisationLabels: () => call("organisationLabels", false, "", () => []),
      repository: (repo) =>
        call("repository", false, repo, () => ({
          repo,
          owner: repo.split("/")[0] ?? "",
          owner_is_organisation: false,
          archived: this.archived.has(repo),
          default_branch: "main",
          clone_url: `memory:${repo}`,
          can_write: true,
        })),
      repositories: () => call("repositories", false, "", () => listed([])),
      permission: (repo, who) => call("permission", false, repo, () => this.permissions.get(who) ?? "none"),
      markRead: (id) =>
        call("markRead", true, String(id), () => {
          for (const each of this.threads.filter((thread) => thread.id === id)) Object.assign(each, { unread: false });
          return null;
        }),
      addLabels: (place, ids) =>
        call("addLabels", true, key(place), () => {
          for (const { id, name } of this.labels.get(place.repo) ?? []) if (ids.includes(id)) this.label(at(place), login, name);
          return null;
        }),
      removeLabel: (place, id) =>
        call("removeLabel", true, key(place), () => {
          const found = this.labels.get(place.repo)?.find((each) => each.id === id);
          if (found !== undefined) this.label(at(place), login, found.name, false);
          return null;
        }),
      setAssignees: (place, logins) =>
        call("setAssignees", true, key(place), () => {
          this.assign(at(place), login, logins);
          return null;
        }),
      comment: (place, body) => call("comment", true, key(place), () => this.say(at(place), login, body)),
      editComment: (repo, id, body) =>
        call("editComment", true, repo, () => {
          for (const issue of this.issues)
            for (const [index, each] of issue.comments.entries())
              if (each.id === id) issue.comments[index] = { ...each, body, updated_at: this.now() };
          return null;
        }),
      deleteComment: (repo, id) =>
        call("deleteComment", true, repo, () => {
          for (const issue of this.issues)
            if (issue.comments.some((each) => each.id === id)) {
              issue.comments = issue.comments.filter((each) => each.id !== id);
              issue.updated_at = this.now();
            }
          return null;
        }),
      createPull: (repo, { head, base, title, body }) =>
        call("createPull", true, repo, () => {
          if (pulls(repo).some((each) => each.head.branch === head && each.base.branch === base)) throw new Missing("conflict");
          const issue = this.open(repo, login, title, { body, pull: { head_repo: repo, branch: head, base } });
          return this.#pull(issue);
        }),
      editPull: (place, change) =>
        call("editPull", true, key(place), () => {
          Object.assign(at(place), change);
          return null;
        }),
      review: (place, { event, body, commit_id }) =>
        call("review", true, key(place), () => {
          if (event !== "COMMENT" && at(place).author === login) throw new Missing("invalid");
          return this.review(at(place), login, event, body, commit_id);
        }),
      createLabel: (repo, { name }) =>
        call("createLabel", true, repo, () => {
          const label = { id: this.id(), name, exclusive: false };
          this.labels.set(repo, [...(this.labels.get(repo) ?? []), label]);
          return label;
        }),
    };
  }

  #shown(issue: MemoryIssue): ForgeIssue {
    const { pull, labels, comments: _comments, reviews: _reviews, timeline: _timeline, ...rest } = issue;
    const known = this.labels.get(issue.repo) ?? [];
    return {
      ...rest,
      is_pull: pull !== null,
      labels: labels.map((name) => known.find((each) => each.name === name) ?? { id: 1, name, exclusive: false }),
    };
  }

  #pull(issue: MemoryIssue): ForgePull {
    const { pull, repo, number, title, body, author, state, merged } = issue;
    if (pull === null) throw new Missing("not_found");
    const head = { repo: pull.head_repo, branch: pull.branch, sha: this.headOf(issue) };
    const base = { branch: pull.base, sha: this.branches.get(repo)?.get(pull.base) ?? "" };
    return { repo, number, title, body, author, state, merged, head, base };
  }
}

/** As deep as an answer is; cheaper than a structured clone, and long stories read a lot. */
function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copied) as Value;
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copied(value[key]);
  return copy as Value;
}

class Missing extends Error {
  readonly fault: ForgeFault;
  constructor(fault: ForgeFault) {
    super(fault);
    this.fault = fault;
  }
}

function throwMissing(): never {
  throw new Missing("not_found");
}
