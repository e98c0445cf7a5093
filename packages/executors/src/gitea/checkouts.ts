/**
 * What the dispatcher asks of git, as types: one bare mirror per repository and one checkout per run (DSP-46). Everything is
 * named by plain values, so that a restarted dispatcher goes on with what it finds; repeating a call changes nothing. Only
 * the host calls these, with its own git directory; nothing an agent left in a checkout is used as configuration (AGT-36).
 */
import type { ForgeRepository } from "./forge.ts";

/** Git or the disk would not; `fault` is a short word for a record, `message` one line without a secret. */
export interface GitFailure {
  readonly kind: "failed";
  readonly fault: "unreachable" | "refused" | "missing" | "io";
  readonly message: string;
}

export type GitOutcome<Value> = { readonly kind: "value"; readonly value: Value } | GitFailure;

/** One run's checkout. Its directory follows from these (DSP-46). */
export interface RunPlace {
  readonly repo: string;
  /** Of the item that the run is for. */
  readonly number: number;
  readonly run_id: string;
}

/** One file that differs between the commit a checkout began at and its tree now. */
export interface TreeChange {
  readonly path: string;
  readonly kind: "added" | "modified" | "deleted";
  /** `other`: what git cannot hold, such as a pipe, or a name that stands for a git directory somewhere. */
  readonly type: "file" | "executable" | "symlink" | "submodule" | "other";
  readonly bytes: number;
  /** Of a symlink. */
  readonly target: string | null;
}

/** What a worker changed, with what the policy needs to know of it (DSP-57). */
export interface TreeDiff {
  readonly changes: readonly TreeChange[];
  readonly diff_bytes: number;
  /** Lines that were added and that the public-safe guard calls a credential; the line itself is not told. */
  readonly credentials: readonly { readonly path: string; readonly line: number; readonly rule: string }[];
}

/** A commit between base and head, newest last, with what its trailers say (PSM-3). */
export interface RangeCommit {
  readonly sha: string;
  readonly subject: string;
  /** `Loopx-Run`, if there is exactly one. */
  readonly run_id: string | null;
}

/** How a gate ended (DSP-55). `missing`: the program is not there. */
export type GateEnd =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly exit_code: number | null; readonly output: string }
  | { readonly kind: "timeout"; readonly output: string }
  | { readonly kind: "missing"; readonly program: string };

/** What became of a rebase of a run's commit. */
export type RebaseEnd =
  /** Nothing was to be done. */
  | { readonly kind: "current"; readonly sha: string }
  /** `how`: commits that are not ours were kept by merging the base in (DSP-56). `tree_changed`: the gate has to be asked again. */
  | { readonly kind: "moved"; readonly sha: string; readonly how: "rebased" | "merged"; readonly tree_changed: boolean }
  | { readonly kind: "conflicts"; readonly paths: readonly string[] };

export type PushEnd =
  | { readonly kind: "pushed" }
  /** The branch stands there already. */
  | { readonly kind: "same" }
  /** Somebody moved the branch. */
  | { readonly kind: "stale"; readonly actual: string | null }
  /** Not a branch of ours, or commits of others would be lost. */
  | { readonly kind: "refused"; readonly reason: string };

/** Git of the dispatcher. */
export interface Checkouts {
  /** Brings the mirror up to date: branches, and heads of pulls. */
  fetch(repository: ForgeRepository): Promise<GitOutcome<null>>;
  /** The commit of a branch in the mirror as it was last fetched; null when there is none. */
  branchSha(repo: string, branch: string): Promise<GitOutcome<string | null>>;
  /** Whether the mirror has that commit; a pull's head from a fork is fetched by the pull's number. */
  pullSha(repo: string, pull: number): Promise<GitOutcome<string | null>>;
  /**
   * The run's checkout at that commit, made if it is not there; its absolute directory. `beside`: another commit that the
   * agent's own git also has, so that a reviewer can compare.
   */
  open(place: RunPlace, at: string, beside?: string): Promise<GitOutcome<{ readonly dir: string }>>;
  /** What differs from the commit it was opened at. */
  diff(place: RunPlace): Promise<GitOutcome<TreeDiff>>;
  /**
   * Commits the tree onto the commit it was opened at, in the mirror, under a name of this run. A second call answers the
   * same commit. Trailers of AGT-37 are added by the caller.
   */
  commit(
    place: RunPlace,
    message: { readonly subject: string; readonly body: string; readonly trailers: readonly (readonly [string, string])[] },
  ): Promise<GitOutcome<{ readonly sha: string }>>;
  /** Puts the run's commit on top of the base branch, if that applies cleanly, and the checkout with it. `ours`: runs we know. */
  rebase(place: RunPlace, base: string, ours: readonly string[]): Promise<GitOutcome<RebaseEnd>>;
  /** Pushes the run's commit to that branch of the remote. `expected`: where the branch stood when the run began; null when there was none. */
  push(
    place: RunPlace,
    repository: ForgeRepository,
    to: { readonly branch: string; readonly sha: string; readonly expected: string | null; readonly ours: readonly string[] },
  ): Promise<GitOutcome<PushEnd>>;
  /** The commits of head that base has not. */
  range(repo: string, base: string, head: string): Promise<GitOutcome<readonly RangeCommit[]>>;
  /** Runs the gate's program in the run's checkout, without a shell, with the environment of AGT-22 and its own limit. */
  gate(place: RunPlace, argv: readonly string[], seconds: number, signal: AbortSignal): Promise<GateEnd>;
  /** Removes the run's checkout and its name in the mirror; also a value when nothing was there. */
  remove(place: RunPlace): Promise<GitOutcome<null>>;
  /** Bytes that are free where checkouts lie; null when unknown. */
  freeBytes(): Promise<number | null>;
}
