/** Where a run begins: which commit, on which branch, and whose commits stand there already (DSP-46, PSM-3). */
import type { GitFailure, GitOutcome } from "./checkouts.ts";
import type { RepoSettings } from "./config.ts";
import type { ForgePull, ForgeRepository } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import { plainName, type Item } from "./item.ts";
import { isForeign, type ItemView } from "./triage.ts";

const SLUG = 30;

export type WorkPlace =
  | {
      readonly kind: "place";
      readonly beside: string;
      readonly facts: Pick<Item, "base" | "branch" | "head_sha" | "author_runs" | "branch_sha" | "foreign"> & { readonly base_sha: string };
    }
  | { readonly kind: "missing"; readonly what: string };

/** Which commit the run begins at: the pull's head, the item's own branch if it was pushed, else the base. */
export async function placeToWork(
  ground: GiteaGround,
  item: Item,
  { issue, pull }: ItemView,
  repository: ForgeRepository,
  settings: RepoSettings,
): Promise<WorkPlace> {
  const { checkouts } = ground;
  const base = pull?.base.branch ?? settings.base ?? repository.default_branch;
  const baseSha = git(await checkouts.branchSha(item.repo, base));
  if (baseSha === null) return { kind: "missing", what: `there is no branch ${base}` };
  if (pull === null) {
    const branch = item.branch ?? branchFor(ground, item.number, issue.title);
    const branch_sha = git(await checkouts.branchSha(item.repo, branch));
    const begin = branch_sha ?? baseSha;
    const author_runs = branch_sha === null ? item.author_runs : await withAuthors(ground, item, baseSha, branch_sha);
    return {
      kind: "place",
      beside: baseSha,
      facts: { base, branch, base_sha: begin, branch_sha, head_sha: begin, author_runs, foreign: false },
    };
  }
  const sha = await headOf(ground, item.repo, pull);
  if (sha === null) return { kind: "missing", what: "the head of the pull cannot be fetched" };
  const author_runs = await withAuthors(ground, item, baseSha, sha);
  const foreign = isForeign(pull, ground.config());
  return {
    kind: "place",
    beside: baseSha,
    facts: { base, branch: pull.head.branch, base_sha: sha, branch_sha: sha, head_sha: sha, author_runs, foreign },
  };
}

async function headOf({ checkouts }: GiteaGround, repo: string, { head, number }: ForgePull): Promise<string | null> {
  const own = head.repo === repo ? git(await checkouts.branchSha(repo, head.branch)) : null;
  return own === head.sha ? own : git(await checkouts.pullSha(repo, number));
}

/** The runs whose commits stand in that range, and those we know of (PSM-3). */
export async function withAuthors({ checkouts }: GiteaGround, item: Item, base: string, head: string): Promise<string[]> {
  const commits = git(await checkouts.range(item.repo, base, head));
  return [...new Set([...item.author_runs, ...commits.flatMap(({ run_id }) => run_id ?? [])])];
}

function branchFor(ground: GiteaGround, number: number, title: string): string {
  return `${ground.config().branch_prefix}${number}-${plainName(title, SLUG)}`;
}

/** The value; a failure of git throws, and the effect is tried again later. */
export function git<Value>(outcome: GitOutcome<Value>): Value {
  if (outcome.kind === "value") return outcome.value;
  throw new GitTrouble(outcome);
}

/** Git, or what it talks to, did not do it. */
export class GitTrouble extends Error {
  readonly fault: GitFailure["fault"];
  constructor({ fault, message }: GitFailure) {
    super(`git: ${fault}: ${message}`);
    this.fault = fault;
  }
}
