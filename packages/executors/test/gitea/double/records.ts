/** What the double remembers. Only the world's operations change it; the routes show it. */

/** Behaviours that differ between servers: the recorded one, and what newer code does. */
export type Profile = "1.15" | "current";

export type Access = "none" | "read" | "write" | "admin" | "owner";

export interface User {
  readonly id: number;
  readonly login: string;
  readonly is_organisation: boolean;
}

export interface Token {
  readonly value: string;
  readonly login: string;
  /** Null: everything. Only newer servers look at it. */
  readonly scopes: readonly string[] | null;
  revoked: boolean;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly exclusive: boolean;
}

/** One entry of an item's timeline; comments are those of type `comment`. Ids run through the whole server. */
export interface Entry {
  readonly id: number;
  readonly type: string;
  readonly by: string;
  body: string;
  readonly created: number;
  updated: number;
  readonly label?: Label;
  readonly assignee?: string;
  readonly removed_assignee?: boolean;
  readonly review_id?: number;
  readonly old_title?: string;
  readonly new_title?: string;
}

export type ReviewState = "APPROVED" | "REQUEST_CHANGES" | "COMMENT" | "PENDING" | "REQUEST_REVIEW";

export interface ReviewLine {
  readonly path: string;
  readonly line: number;
  readonly body: string;
}

export interface Review {
  readonly id: number;
  readonly by: string;
  readonly state: ReviewState;
  readonly body: string;
  /** What it says at lines of the difference. */
  readonly lines: readonly ReviewLine[];
  readonly commit_id: string;
  readonly submitted: number;
  dismissed: boolean;
}

export interface Pull {
  readonly head_repo: Repo;
  readonly head: string;
  base: string;
  /** The head as it was last seen; a push moves it. */
  head_sha: string;
  draft: boolean;
  merged_at: number | null;
  /** False at the first look after it was made. */
  checked: boolean;
  readonly reviews: Review[];
  readonly requested: Set<string>;
}

export interface Item {
  readonly id: number;
  readonly repo: Repo;
  readonly number: number;
  readonly by: string;
  title: string;
  body: string;
  state: "open" | "closed";
  /** Its number is not given again, and it is shown to nobody any more. */
  deleted: boolean;
  locked: boolean;
  readonly labels: Set<number>;
  readonly assignees: Set<string>;
  readonly mentioned: Set<string>;
  readonly created: number;
  updated: number;
  readonly entries: Entry[];
  readonly pull: Pull | null;
}

export interface Repo {
  readonly id: number;
  readonly owner: User;
  readonly name: string;
  readonly default_branch: string;
  archived: boolean;
  is_private: boolean;
  readonly access: Map<string, Access>;
  readonly watchers: Set<string>;
  readonly labels: Label[];
  readonly items: Item[];
  /** A bare repository on disk; null when the double has no git. */
  readonly git_dir: string | null;
}

/** One thread per user and item; its id never changes (DSP-S7). */
export interface Thread {
  readonly id: number;
  readonly login: string;
  readonly item: Item;
  status: "unread" | "read" | "pinned";
  updated: number;
  comment: number | null;
  /** What it is about when that is no item, although one has to stand for its repository. */
  readonly subject?: "Commit" | "Repository";
}
