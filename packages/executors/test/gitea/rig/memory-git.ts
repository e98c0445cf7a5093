/** Git of the dispatcher in memory, over the branches of a memory server. What a run changed is what the test says. */
import type { Checkouts, GateEnd, GitOutcome, RangeCommit, TreeDiff } from "../../../src/gitea/checkouts.ts";
import type { MemoryServer } from "./memory-server.ts";

const value = <Value>(of: Value): GitOutcome<Value> => ({ kind: "value", value: of });

export const ONE_FILE: TreeDiff = {
  changes: [{ path: "src/a.txt", kind: "modified", type: "file", bytes: 20, target: null }],
  diff_bytes: 40,
  credentials: [],
};

export interface MemoryGit extends Checkouts {
  diffOf: (run_id: string) => TreeDiff;
  gateOf: (run_id: string) => GateEnd;
  readonly pushes: { readonly branch: string; readonly sha: string; readonly run_id: string }[];
  readonly opened: Map<string, string>;
}

export function memoryGit(server: MemoryServer): MemoryGit {
  /** Refs of runs: they survive the dispatcher, as a mirror does. */
  const made = new Map<string, string>();
  const opened = new Map<string, string>();
  const history = (sha: string | undefined): string[] => {
    const found: string[] = [];
    for (let at = sha; at !== undefined && at !== ""; at = server.commits.get(at)?.parent ?? undefined) found.push(at);
    return found;
  };
  const git: MemoryGit = {
    diffOf: () => ONE_FILE,
    gateOf: () => ({ kind: "passed" }),
    pushes: [],
    opened,
    fetch: async () => value(null),
    branchSha: async (repo, branch) => value(server.branches.get(repo)?.get(branch) ?? null),
    pullSha: async (repo, pull) => value(server.headOf(server.issue(repo, pull)) || null),
    open: async ({ run_id }, at) => {
      if (!opened.has(run_id)) opened.set(run_id, at);
      return value({ dir: `/work/${run_id}` });
    },
    diff: async ({ run_id }) => value(git.diffOf(run_id)),
    commit: async ({ run_id }) => {
      const sha = made.get(run_id) ?? server.commit(opened.get(run_id) ?? null, run_id);
      made.set(run_id, sha);
      return value({ sha });
    },
    rebase: async ({ run_id }) => value({ kind: "current", sha: made.get(run_id) ?? "" }),
    push: async ({ run_id, repo }, _repository, { branch, sha, expected }) => {
      const actual = server.branches.get(repo)?.get(branch) ?? null;
      if (actual === sha) return value({ kind: "same" });
      if (actual !== expected) return value({ kind: "stale", actual });
      server.branches.get(repo)?.set(branch, sha);
      git.pushes.push({ branch, sha, run_id });
      for (const issue of server.issues)
        if (issue.repo === repo && issue.pull?.branch === branch) server.event(issue, { type: "pull_push", actor: "clawbot" });
      return value({ kind: "pushed" });
    },
    range: async (_repo, base, head) => {
      const known = new Set(history(base));
      const commits: RangeCommit[] = history(head)
        .filter((sha) => !known.has(sha))
        .toReversed()
        .map((sha) => ({ sha, subject: "work", run_id: server.commits.get(sha)?.run_id ?? null }));
      return value(commits);
    },
    gate: async ({ run_id }) => git.gateOf(run_id),
    remove: async ({ run_id }) => {
      opened.delete(run_id);
      return value(null);
    },
    freeBytes: async () => null,
  };
  return git;
}
