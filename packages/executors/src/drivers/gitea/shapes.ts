/**
 * What the server's answers look like, and the values they become (DSP-10). Loose: unknown keys are passed over, lists may be
 * null, texts may be missing. What identifies something has to be there: an answer without it is a `bad_answer`.
 */
import * as z from "zod/mini";
import type {
  ForgeComment,
  ForgeEvent,
  ForgeIssue,
  ForgeLabel,
  ForgePull,
  ForgeRepository,
  ForgeReview,
  ForgeThread,
} from "../../gitea/forge.ts";

const text = z.pipe(
  z.nullish(z.string()),
  z.transform((value) => value ?? ""),
);
const flag = z.pipe(
  z.nullish(z.boolean()),
  z.transform((value) => value ?? false),
);
const id = z.int().check(z.nonnegative());
/** Deleted accounts leave null behind. */
const person = z.pipe(
  z.nullish(z.looseObject({ login: z.string() })),
  z.transform((value) => value?.login ?? ""),
);
const fullName = z.string().check(z.regex(/^[^/\s]+\/[^/\s]+$/));

/** A list of these; the server's null is an empty one. */
export function listOf<Value>(shape: z.ZodMiniType<Value>): z.ZodMiniType<readonly Value[]> {
  return z.pipe(
    z.nullable(z.array(shape)),
    z.transform((list) => list ?? []),
  );
}

function becoming<Shape extends z.ZodMiniType, Value>(shape: Shape, make: (value: z.output<Shape>) => Value): z.ZodMiniType<Value> {
  return z.pipe(shape, z.transform(make));
}

export const LOGIN: z.ZodMiniType<{ readonly login: string }> = z.object({ login: z.string().check(z.minLength(1)) });
export const LOGINS = listOf(LOGIN);
export const VERSION = z.object({ version: z.string() });
export const LIMITS = z.object({ max_response_items: z.int().check(z.positive()) });
export const UNREAD = z.object({ new: id });
export const PERMISSION = z.object({ permission: z.string() });

export const LABEL: z.ZodMiniType<ForgeLabel> = z.object({ id, name: z.string(), exclusive: flag });

const issueShape = z.object({
  number: id,
  title: text,
  body: text,
  user: person,
  state: z.enum(["open", "closed"]),
  is_locked: flag,
  labels: listOf(LABEL),
  assignees: listOf(LOGIN),
  created_at: text,
  updated_at: z.string(),
  pull_request: z.nullish(z.object({ merged: flag, draft: flag })),
  repository: z.nullish(z.object({ full_name: fullName })),
});

/** An issue of that repository. */
export function issueIn(repo: string): z.ZodMiniType<ForgeIssue> {
  return becoming(issueShape, (issue) => issueOf(issue, repo));
}

/** An issue of a search, which says itself where it lies. */
export const FOUND: z.ZodMiniType<ForgeIssue | null> = becoming(issueShape, (issue) =>
  issue.repository === null || issue.repository === undefined ? null : issueOf(issue, issue.repository.full_name),
);

function issueOf(issue: z.output<typeof issueShape>, repo: string): ForgeIssue {
  const { pull_request: pull } = issue;
  const is_pull = pull !== null && pull !== undefined;
  return {
    repo,
    number: issue.number,
    is_pull,
    title: issue.title,
    body: issue.body,
    author: issue.user,
    state: issue.state,
    is_locked: issue.is_locked,
    draft: is_pull && (pull.draft || /^(?:WIP:|\[WIP\])/i.test(issue.title)),
    merged: is_pull && pull.merged,
    labels: issue.labels,
    assignees: issue.assignees.map(({ login }) => login),
    created_at: issue.created_at,
    updated_at: issue.updated_at,
  };
}

const branchShape = z.object({ ref: z.string(), sha: z.string(), repo: z.nullish(z.object({ full_name: fullName })) });
const pullShape = z.object({
  number: id,
  title: text,
  body: text,
  user: person,
  state: z.enum(["open", "closed"]),
  merged: flag,
  head: branchShape,
  base: branchShape,
});

/** A pull of that repository. */
export function pullIn(repo: string): z.ZodMiniType<ForgePull> {
  return becoming(pullShape, ({ number, title, body, user, state, merged, head, base }) => ({
    repo,
    number,
    title,
    body,
    author: user,
    state,
    merged,
    head: { repo: head.repo?.full_name ?? null, branch: head.ref, sha: head.sha },
    base: { branch: base.ref, sha: base.sha },
  }));
}

const commentShape = z.object({ id, user: person, body: text, created_at: z.string(), updated_at: z.string() });
export const COMMENT: z.ZodMiniType<ForgeComment> = becoming(commentShape, ({ user, ...comment }) => ({ ...comment, author: user }));

const reviewShape = z.object({
  id,
  user: person,
  state: z.enum(["APPROVED", "REQUEST_CHANGES", "COMMENT", "PENDING", "REQUEST_REVIEW"]),
  body: text,
  commit_id: text,
  stale: flag,
  dismissed: flag,
  submitted_at: text,
  comments_count: z.nullish(id),
});
/** A review, and how much it says at lines of the difference. */
export const REVIEW: z.ZodMiniType<ForgeReview & { readonly line_comments: number }> = becoming(
  reviewShape,
  ({ user, comments_count, ...review }) => ({ ...review, author: user, line_comments: comments_count ?? 0 }),
);

/** What a review says at a line; 0: at one that is there no more. */
export interface LineComment {
  readonly path: string;
  readonly line: number;
  readonly body: string;
}
const lineCommentShape = z.object({ path: text, position: z.nullish(id), original_position: z.nullish(id), body: text });
export const LINE_COMMENT: z.ZodMiniType<LineComment> = becoming(lineCommentShape, ({ path, position, original_position, body }) => ({
  path,
  line: position || original_position || 0,
  body,
}));

const eventShape = z.object({
  id,
  type: z.string(),
  user: person,
  created_at: z.string(),
  body: text,
  label: z.nullish(z.object({ name: z.string() })),
  assignee: z.nullish(LOGIN),
  removed_assignee: flag,
});

/** An added label has the body `1` and a removed one none. Who is asked for a review stands where an assignee does. */
export const EVENT: z.ZodMiniType<ForgeEvent> = becoming(eventShape, (event) => {
  const isLabel = event.type === "label" && event.label !== null && event.label !== undefined;
  const isAssignee = ["assignees", "review_request"].includes(event.type) && event.assignee !== null && event.assignee !== undefined;
  return {
    id: event.id,
    type: event.type,
    actor: event.user,
    at: event.created_at,
    label: isLabel ? { name: event.label?.name ?? "", added: event.body !== "" } : null,
    assignee: isAssignee ? { login: event.assignee?.login ?? "", added: !event.removed_assignee } : null,
    body: isLabel ? "" : event.body,
  };
});

const threadShape = z.object({
  id,
  unread: z.boolean(),
  updated_at: z.string(),
  repository: z.object({ full_name: fullName }),
  subject: z.object({ type: z.string(), url: text, latest_comment_url: text }),
});

/** The number stands only in the address of the subject. */
export const THREAD: z.ZodMiniType<ForgeThread> = becoming(threadShape, ({ id, unread, updated_at, repository, subject }) => {
  const [, number] = /\/(?:issues|pulls)\/([1-9]\d{0,9})$/.exec(subject.url) ?? [];
  const isItem = subject.type === "Issue" || subject.type === "Pull";
  return {
    id,
    unread,
    updated_at,
    latest_comment_url: subject.latest_comment_url,
    repo: repository.full_name,
    number: isItem && number !== undefined ? Number(number) : null,
    subject: subject.type,
  };
});

const repositoryShape = z.object({
  full_name: fullName,
  owner: z.object({ login: z.string() }),
  archived: flag,
  default_branch: text,
  clone_url: text,
  permissions: z.nullish(z.object({ push: flag, admin: flag })),
});

/** A repository as far as one answer says; whether its owner is an organisation is asked apart. */
export const REPOSITORY: z.ZodMiniType<Omit<ForgeRepository, "owner_is_organisation">> = becoming(repositoryShape, (repository) => ({
  repo: repository.full_name,
  owner: repository.owner.login,
  archived: repository.archived,
  default_branch: repository.default_branch === "" ? "main" : repository.default_branch,
  clone_url: repository.clone_url,
  can_write: repository.permissions?.push === true || repository.permissions?.admin === true,
}));
