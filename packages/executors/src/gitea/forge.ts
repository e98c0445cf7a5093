/**
 * What the dispatcher reads and writes on a server, as types: one account's view. Every call answers a value or the one typed
 * error of DSP-10; nothing here throws for what a server does. Answers are already checked and bounded: lists are read to
 * their last page (DSP-12), null lists are empty ones, and a write is tried once (DSP-11). Types only.
 */

/** Why a call came to nothing (DSP-10). An error is never an empty list. */
export type ForgeFault =
  | "network"
  | "timeout"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "invalid"
  | "rate_limited"
  | "server"
  | "bad_answer";

/** A call that failed. `message` has no secret and no body of the answer beyond the server's own short message. */
export interface ForgeFailure {
  readonly kind: "failed";
  readonly fault: ForgeFault;
  readonly status: number | null;
  readonly message: string;
  /** From `Retry-After`, at most 60 s. */
  readonly retry_after_ms: number | null;
  /** There was an answer, of more bytes than are read: a smaller part of it may be asked for. */
  readonly too_large?: true;
}

export type ForgeAnswer<Value> = { readonly kind: "value"; readonly value: Value } | ForgeFailure;

/** A list to its last page, without doubles; `truncated` when the limit of pages came first (DSP-12). */
export interface Listed<Value> {
  readonly entries: readonly Value[];
  readonly truncated: boolean;
}

/** One item by repository and number. */
export interface Place {
  /** `owner/name` as the server spells it. */
  readonly repo: string;
  readonly number: number;
}

export interface ForgeLabel {
  readonly id: number;
  readonly name: string;
  /** False where the server does not know it (DSP-S18). */
  readonly exclusive: boolean;
}

/** An issue or a pull, as the issue lists show it. */
export interface ForgeIssue extends Place {
  readonly is_pull: boolean;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: "open" | "closed";
  readonly is_locked: boolean;
  /** A pull that is marked so, or whose title begins with `WIP:` (DSP-S19). False for issues. */
  readonly draft: boolean;
  readonly merged: boolean;
  readonly labels: readonly ForgeLabel[];
  readonly assignees: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
}

/** What a pull has beside its issue. */
export interface ForgePull extends Place {
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  /** Null when the fork it lay in is gone. */
  readonly head: { readonly repo: string | null; readonly branch: string; readonly sha: string };
  readonly base: { readonly branch: string; readonly sha: string };
}

export interface ForgeComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ForgeReview {
  readonly id: number;
  readonly author: string;
  readonly state: "APPROVED" | "REQUEST_CHANGES" | "COMMENT" | "PENDING" | "REQUEST_REVIEW";
  /** With what it says at lines of the difference. */
  readonly body: string;
  readonly commit_id: string;
  readonly stale: boolean;
  readonly dismissed: boolean;
  readonly submitted_at: string;
}

/** One entry of an item's timeline (DSP-S16); `type` is the server's own word. */
export interface ForgeEvent {
  readonly id: number;
  readonly type: string;
  readonly actor: string;
  readonly at: string;
  /** Of a `label` entry: which, and whether it was added. */
  readonly label: { readonly name: string; readonly added: boolean } | null;
  /** Of an `assignees` or a `review_request` entry: who, and whether they were added. */
  readonly assignee: { readonly login: string; readonly added: boolean } | null;
  /** Of a comment, review or changed body, if the server shows it. */
  readonly body: string;
}

/** A notification thread: a hint that an item changed (DSP-21). Its id names the item for ever, not the event (DSP-S7). */
export interface ForgeThread {
  readonly id: number;
  readonly unread: boolean;
  readonly updated_at: string;
  /** Empty when the event has no comment. */
  readonly latest_comment_url: string;
  readonly repo: string;
  /** Null for commits and repositories. */
  readonly number: number | null;
  readonly subject: string;
}

export interface ForgeRepository {
  readonly repo: string;
  readonly owner: string;
  readonly owner_is_organisation: boolean;
  readonly archived: boolean;
  readonly default_branch: string;
  readonly clone_url: string;
  /** What this account may do there. */
  readonly can_write: boolean;
}

/** What the server is (DSP-S4, DSP-S18). */
export interface ForgeServer {
  readonly version: string;
  readonly max_response_items: number;
  /** The server's clock minus ours, from its `Date`; null without one. */
  readonly clock_difference_ms: number | null;
}

export type Permission = "none" | "read" | "write" | "admin" | "owner";
/** Searches of reconcile (DSP-20); each is asked for alone, because the server ANDs them. */
export type SearchFor = "mentioned" | "assigned" | "review_requested";
export type ReviewEvent = "COMMENT" | "APPROVED" | "REQUEST_CHANGES";

/** Reading. Only GETs, each repeated on passing faults (DSP-11). */
export interface ForgeReads {
  server(): Promise<ForgeAnswer<ForgeServer>>;
  me(): Promise<ForgeAnswer<{ readonly login: string }>>;
  /** What the token opens beyond what is needed, as a word after "may also". */
  surplus(): Promise<ForgeAnswer<readonly string[]>>;
  /** How many threads are unread: the cheap probe. */
  unread(): Promise<ForgeAnswer<number>>;
  /** The unread threads. */
  threads(): Promise<ForgeAnswer<Listed<ForgeThread>>>;
  thread(id: number): Promise<ForgeAnswer<ForgeThread>>;
  /** Open issues and pulls that the server says carry the label. It may be wrong (DSP-S12): look at each one's own labels. */
  labelled(repo: string, label: string): Promise<ForgeAnswer<Listed<ForgeIssue>>>;
  /** Issues and pulls, closed ones too, that changed at that time or later: nothing in one request when nothing did (DSP-86). */
  changed(repo: string, since: string): Promise<ForgeAnswer<Listed<ForgeIssue>>>;
  search(what: SearchFor, since: string): Promise<ForgeAnswer<Listed<ForgeIssue>>>;
  issue(place: Place): Promise<ForgeAnswer<ForgeIssue>>;
  pull(place: Place): Promise<ForgeAnswer<ForgePull>>;
  /** Open pulls whose head is that branch of the same repository. */
  pullsFrom(repo: string, branch: string): Promise<ForgeAnswer<readonly ForgePull[]>>;
  /** Open pulls of the repository. */
  openPulls(repo: string): Promise<ForgeAnswer<Listed<ForgePull>>>;
  /** Oldest first; bodies of reviews are not in it (DSP-S16). */
  comments(place: Place): Promise<ForgeAnswer<readonly ForgeComment[]>>;
  /** Oldest first; only pulls have some. */
  reviews(place: Place): Promise<ForgeAnswer<readonly ForgeReview[]>>;
  /** Oldest first. */
  timeline(place: Place): Promise<ForgeAnswer<readonly ForgeEvent[]>>;
  /** The repository's own labels; an organisation's are not among them. */
  labels(repo: string): Promise<ForgeAnswer<readonly ForgeLabel[]>>;
  organisationLabels(owner: string): Promise<ForgeAnswer<readonly ForgeLabel[]>>;
  repository(repo: string): Promise<ForgeAnswer<ForgeRepository>>;
  /** Every repository in which this account may write. */
  repositories(): Promise<ForgeAnswer<Listed<ForgeRepository>>>;
  /** What a person may do there; on old servers a collaborator counts as `write` (DSP-27). */
  permission(repo: string, login: string): Promise<ForgeAnswer<Permission>>;
}

/** Writing. Tried once; whoever calls looks first whether it is already so (DSP-59). */
export interface ForgeWrites {
  markRead(thread: number): Promise<ForgeAnswer<null>>;
  addLabels(place: Place, ids: readonly number[]): Promise<ForgeAnswer<null>>;
  removeLabel(place: Place, id: number): Promise<ForgeAnswer<null>>;
  /** Replaces the set (DSP-S14). */
  setAssignees(place: Place, logins: readonly string[]): Promise<ForgeAnswer<null>>;
  comment(place: Place, body: string): Promise<ForgeAnswer<ForgeComment>>;
  editComment(repo: string, id: number, body: string): Promise<ForgeAnswer<null>>;
  /** Also a value when it was gone already. */
  deleteComment(repo: string, id: number): Promise<ForgeAnswer<null>>;
  createPull(
    repo: string,
    pull: { readonly head: string; readonly base: string; readonly title: string; readonly body: string },
  ): Promise<ForgeAnswer<ForgePull>>;
  editPull(place: Place, change: { readonly title: string; readonly body: string }): Promise<ForgeAnswer<null>>;
  review(
    place: Place,
    review: { readonly event: ReviewEvent; readonly body: string; readonly commit_id: string },
  ): Promise<ForgeAnswer<ForgeReview>>;
  createLabel(
    repo: string,
    label: { readonly name: string; readonly color: string; readonly exclusive: boolean },
  ): Promise<ForgeAnswer<ForgeLabel>>;
}

/** One account on one server. */
export interface Forge extends ForgeReads, ForgeWrites {}
