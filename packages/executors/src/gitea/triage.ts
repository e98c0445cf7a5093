/**
 * What the entries of an item ask of us (DSP-21, DSP-24 to DSP-29): everything after the cursor is looked at, by whom it was
 * written counts, and each answer has its reason. It decides nothing about time or capacity. Pure.
 */
import type { ForgeComment, ForgeEvent, ForgeIssue, ForgePull, ForgeReview } from "./forge.ts";
import type { Cause, Cursor, Item, ItemStep } from "./item.ts";
import { has, stateRoleOf, type LabelNames } from "./labels.ts";
import { spokenTo, type CommandWord } from "./mention.ts";

export const IGNORED = [
  "own_echo",
  "closed",
  "draft",
  "locked",
  "archived_repo",
  "not_watched",
  "not_mentioned",
  "mention_in_code_or_quote",
  "unauthorised_author",
  "merge_ready",
  "no_bot_label_after_removal",
  "human_assigned",
  "label_not_on_item",
  "subject_not_issue_or_pull",
  "blocked_human",
  "already_handled",
] as const;
export type IgnoredReason = (typeof IGNORED)[number];

/** An item as the server shows it now. */
export interface ItemView {
  readonly issue: ForgeIssue;
  /** Null for issues. */
  readonly pull: ForgePull | null;
  readonly comments: readonly ForgeComment[];
  readonly reviews: readonly ForgeReview[];
  /** Null: the server does not show it. */
  readonly timeline: readonly ForgeEvent[] | null;
}

export interface TriageRules {
  readonly bot_user: string;
  /** The account that posts our reviews, where there is a second one: what it says is an echo too. */
  readonly reviewer: string | null;
  readonly labels: LabelNames;
  readonly branch_prefix: string;
  readonly draft: "ignore" | "work";
  readonly archived: boolean;
  readonly digest: (text: string) => string;
}

/** Something that somebody wants. */
export interface Candidate {
  readonly cause: Cause;
  readonly by: string;
  readonly at: string;
  readonly command: CommandWord | null;
}

export type Triaged = { readonly cursor: Cursor } & (
  | { readonly kind: "work"; readonly cause: Cause; readonly by: string; readonly step: ItemStep; readonly human: boolean }
  | { readonly kind: "command"; readonly word: "stop" | "status"; readonly by: string }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
);

export const START: Cursor = { comment_id: 0, review_id: 0, timeline_id: 0, body: null };

/** The strongest first. */
const RANK: readonly Cause[] = [
  "command",
  "changes_requested",
  "human_reply_on_our_pr",
  "mention",
  "assignment",
  "review_requested",
  "bot_label",
];

/** Whose authority has to be asked for before {@link triage} can answer. */
export function candidatesOf(view: ItemView, held: Item | null, rules: TriageRules): readonly Candidate[] {
  const cursor = held?.cursor ?? START;
  return [...fromTexts(view, cursor, held, rules), ...fromTimeline(view, cursor, held, rules)].toSorted(
    (a, b) => RANK.indexOf(a.cause) - RANK.indexOf(b.cause),
  );
}

/** What is to be done about it. */
export function triage(view: ItemView, held: Item | null, rules: TriageRules, isAuthorised: (login: string) => boolean): Triaged {
  const cursor = cursorOf(view, rules);
  const ignored = (reason: IgnoredReason): Triaged => ({ kind: "ignored", reason, cursor });
  const closed = unfit(view, rules);
  if (closed !== null) return ignored(closed);
  const all = candidatesOf(view, held, rules);
  const allowed = all.filter(({ by }) => isAuthorised(by));
  const stop = allowed.filter(({ command }) => command === "stop").reduce(later, null);
  const wishes = allowed.filter(({ command, at }) => command !== "stop" && command !== "status" && (stop === null || at > stop.at));
  // What is held stops at once. Elsewhere there is nothing to stop, and a word of long ago takes nothing from what was said since.
  if (stop !== null && (held !== null || wishes.length === 0)) return { kind: "command", word: "stop", by: stop.by, cursor };
  const [best] = wishes.filter((candidate) => !isRevoked(candidate, view, rules));
  const asked = allowed.find(({ command }) => command === "status");
  if (best === undefined && asked !== undefined) return { kind: "command", word: "status", by: asked.by, cursor };
  if (best === undefined) return ignored(whyNothing(view, held, all, allowed, rules));
  const { issue } = view;
  const spoken = best.cause !== "bot_label" && best.cause !== "continuation";
  const ours = held?.state === "blocked_human" || (view.pull !== null && !isForeign(view.pull, rules));
  if (has(issue.labels.map(nameOf), rules.labels.ready) && !(spoken && ours)) return ignored("merge_ready");
  if (belongsToPerson(issue, held, rules) && !(spoken && ours)) return ignored("human_assigned");
  if (held?.state === "blocked_human" && best.by === rules.bot_user) return ignored("blocked_human");
  return { kind: "work", cause: best.cause, by: best.by, step: stepFor(view, best, held, rules), human: !isBot(best.by, rules), cursor };
}

function later(one: Candidate | null, other: Candidate): Candidate {
  return one === null || other.at >= one.at ? other : one;
}

/** Why nobody works on it, whatever is asked; null when it is open to work. */
export function unfit(
  { issue }: Pick<ItemView, "issue">,
  { archived, draft }: Pick<TriageRules, "archived" | "draft">,
): IgnoredReason | null {
  if (archived) return "archived_repo";
  if (issue.state === "closed" || issue.merged) return "closed";
  if (issue.is_locked) return "locked";
  return issue.draft && draft === "ignore" ? "draft" : null;
}

function whyNothing(
  view: ItemView,
  held: Item | null,
  all: readonly Candidate[],
  allowed: readonly Candidate[],
  rules: TriageRules,
): IgnoredReason {
  if (allowed.length > 0) return "no_bot_label_after_removal";
  if (all.length > 0) return "unauthorised_author";
  if (held?.state === "blocked_human") return "blocked_human";
  const fresh = freshEntries(view, held?.cursor ?? START, rules);
  if (fresh.hidden) return "mention_in_code_or_quote";
  if (has(view.issue.labels.map(nameOf), rules.labels.ready)) return "merge_ready";
  if (fresh.own) return "own_echo";
  return fresh.others ? "not_mentioned" : held === null ? "not_mentioned" : "already_handled";
}

interface Fresh {
  /** The newest of it is ours. */
  readonly own: boolean;
  /** Others said something. */
  readonly others: boolean;
  readonly hidden: boolean;
}

function freshEntries({ issue, comments, reviews, timeline }: ItemView, cursor: Cursor, rules: TriageRules): Fresh {
  const said = [...comments.filter(({ id }) => id > cursor.comment_id), ...reviews.filter(({ id }) => id > cursor.review_id)];
  const texts = [...said, ...(issue.body.trim() === "" || rules.digest(issue.body) === cursor.body ? [] : [issue])];
  const others = texts.filter(({ author }) => !isBot(author, rules));
  // The timeline has what was said too, in its order, where the server shows it; an issue's text is in neither.
  const newest = timeline?.findLast(({ id }) => id > cursor.timeline_id)?.actor ?? said.at(-1)?.author;
  return {
    own: newest !== undefined && isBot(newest, rules),
    others: others.length > 0,
    hidden: others.some(({ body }) => spokenTo(body, rules.bot_user).mention === "hidden"),
  };
}

function fromTexts(
  { issue, pull, comments, reviews }: ItemView,
  cursor: Cursor,
  held: Item | null,
  rules: TriageRules,
): readonly Candidate[] {
  const ours = pull !== null && !isForeign(pull, rules) && isPersonsTurn(issue, held, rules);
  const said = (author: string, at: string, body: string, otherwise: Cause | null): readonly Candidate[] => {
    if (isBot(author, rules)) return [];
    const { mention, commands } = spokenTo(body, rules.bot_user);
    const [command] = commands;
    if (command !== undefined) return [{ cause: "command", by: author, at, command }];
    const cause = otherwise ?? (mention === "said" ? "mention" : null);
    return cause === null ? [] : [{ cause, by: author, at, command: null }];
  };
  const reply: Cause | null = ours ? "human_reply_on_our_pr" : null;
  return [
    ...(rules.digest(issue.body) === cursor.body ? [] : said(issue.author, issue.created_at, issue.body, null)),
    ...comments.filter(({ id }) => id > cursor.comment_id).flatMap((each) => said(each.author, each.updated_at, each.body, reply)),
    ...reviews
      .filter(({ id, state }) => id > cursor.review_id && state !== "PENDING")
      .flatMap((each) => {
        const asks = each.state === "REQUEST_CHANGES" && !each.dismissed && pull !== null && !isForeign(pull, rules);
        const cause = asks ? "changes_requested" : each.state === "COMMENT" && each.body.trim() !== "" ? reply : null;
        return said(each.author, each.submitted_at, each.body, cause);
      }),
  ];
}

function fromTimeline({ issue, timeline }: ItemView, cursor: Cursor, held: Item | null, rules: TriageRules): readonly Candidate[] {
  if (timeline === null) return [];
  const { bot_user, labels } = rules;
  const wish = (cause: Cause, { actor, at }: ForgeEvent): Candidate => ({ cause, by: actor, at, command: null });
  const isAsked = ({ id, actor }: ForgeEvent): boolean => id > cursor.timeline_id && !isBot(actor, rules);
  const aboutUs = timeline.filter(({ assignee }) => assignee !== null && has([assignee.login], bot_user));
  const found: Candidate[] = [];
  // A request for a review may be taken back, as an assignment may.
  const request = aboutUs.findLast(({ type }) => type === "review_request");
  if (request?.assignee?.added === true && isAsked(request)) found.push(wish("review_requested", request));
  if (has(issue.assignees, bot_user))
    for (const entry of aboutUs)
      if (entry.type !== "review_request" && entry.assignee?.added === true && isAsked(entry)) found.push(wish("assignment", entry));
  // The label is a standing wish: whoever put it there last wants it, however long ago. Once held, only a new one counts.
  const put = timeline.findLast(({ label }) => label?.added === true && has([label.name], labels.bot));
  const isOn = has(issue.labels.map(nameOf), labels.bot);
  if (isOn && put !== undefined && (held === null || (put.id > cursor.timeline_id && !isBot(put.actor, rules))))
    found.push(wish("bot_label", put));
  return found;
}

/** A person took the label away after it was asked for. */
function isRevoked({ cause, at }: Candidate, { issue, timeline }: ItemView, { labels }: TriageRules): boolean {
  if (cause === "bot_label" || has(issue.labels.map(nameOf), labels.bot)) return false;
  const removed = (timeline ?? []).findLast(({ label }) => label?.added === false && has([label.name], labels.bot));
  const ready = has(issue.labels.map(nameOf), labels.ready);
  return removed !== undefined && !ready && removed.at > at;
}

function stepFor({ issue, pull }: ItemView, { cause, command }: Candidate, held: Item | null, rules: TriageRules): ItemStep {
  if (pull === null) return "work";
  if (isForeign(pull, rules) || command === "review" || cause === "review_requested") return "review";
  const role = stateRoleOf(issue.labels.map(nameOf), rules.labels);
  if (cause === "bot_label") return role === "rework" ? "rework" : "review";
  return command === "retry" && held !== null ? held.step : "rework";
}

/** A pull that we may not write to is only reviewed (PSM-16). */
export function isForeign(
  { head, repo }: Pick<ForgePull, "head" | "repo">,
  { branch_prefix }: Pick<TriageRules, "branch_prefix">,
): boolean {
  return head.repo === null || head.repo.toLowerCase() !== repo.toLowerCase() || !head.branch.startsWith(branch_prefix);
}

/** Assigned to a person and not to the bot; our own hand-over to a person does not count. */
function belongsToPerson(issue: ForgeIssue, held: Item | null, { bot_user }: TriageRules): boolean {
  const persons = issue.assignees.filter((login) => !has([login], bot_user) && login !== held?.human_assigned);
  return persons.length > 0 && !has(issue.assignees, bot_user);
}

function isPersonsTurn(issue: ForgeIssue, held: Item | null, { labels }: TriageRules): boolean {
  return held?.state === "blocked_human" || (has(issue.labels.map(nameOf), labels.ready) && !has(issue.labels.map(nameOf), labels.bot));
}

/** Past everything that stands there now. */
export function cursorOf({ issue, comments, reviews, timeline }: ItemView, { digest }: Pick<TriageRules, "digest">): Cursor {
  const newest = (entries: readonly { readonly id: number }[]): number => entries.reduce((most, { id }) => Math.max(most, id), 0);
  return { comment_id: newest(comments), review_id: newest(reviews), timeline_id: newest(timeline ?? []), body: digest(issue.body) };
}

/** One of our own accounts. */
export function isBot(login: string, { bot_user, reviewer }: Pick<TriageRules, "bot_user" | "reviewer">): boolean {
  return has([login], bot_user) || (reviewer !== null && has([login], reviewer));
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
