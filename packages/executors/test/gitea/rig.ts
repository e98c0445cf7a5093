/** A double with an owner, a bot and a stranger, and a client whose time is the test's. */
import { giteaForge } from "../../src/drivers/gitea/forge.ts";
import type { Account } from "../../src/drivers/gitea/calls.ts";
import type { Forge } from "../../src/gitea/forge.ts";
import type { Repo } from "./double/records.ts";
import { startGitea, type DoubleOptions, type GiteaDouble } from "./double/server.ts";
import { addRepo, addToken, addUser } from "./double/world.ts";

export interface Rig {
  readonly gitea: GiteaDouble;
  readonly repo: Repo;
  readonly token: string;
  readonly forge: Forge;
  /** What the client waited, in milliseconds. */
  readonly waits: number[];
  /** The account, for a client of the test's own making. */
  readonly account: Account;
  /** A client of another account. */
  as(login: string): Forge;
  /** Lines of the journal: `GET /api/v1/user`. */
  asked(): readonly string[];
}

export const LABELS = ["bot", "needs-review", "needs-rework", "merge-ready"] as const;

export async function rig(options: DoubleOptions = {}, more: Partial<Account> = {}): Promise<Rig> {
  const gitea = await startGitea(options);
  for (const login of ["human", "clawbot", "stranger"]) addUser(gitea.world, login);
  const repo = addRepo(gitea.world, { owner: "human", name: "project", collaborators: { clawbot: "write" }, labels: LABELS });
  repo.watchers.delete("clawbot");
  const waits: number[] = [];
  const token = addToken(gitea.world, "clawbot");
  const account: Account = {
    url: gitea.url,
    token,
    now: options.now ?? Date.now,
    random: () => 0.5,
    signal: new AbortController().signal,
    timing: {
      pause: async (ms) => void waits.push(ms),
      // The limit comes as soon as the server hangs.
      within: async (_ms, outer, act) => {
        const limit = new AbortController();
        const hung = new Promise<null>((resolve) => {
          gitea.faults.onHang = () => {
            limit.abort();
            resolve(null);
          };
        });
        return Promise.race([act(AbortSignal.any([limit.signal, outer])), hung]);
      },
    },
    ...more,
  };
  return {
    gitea,
    repo,
    token,
    waits,
    account,
    forge: giteaForge(account),
    as: (login) => giteaForge({ ...account, token: addToken(gitea.world, login) }),
    asked: () => gitea.journal.map(({ method, path }) => `${method} ${path}`),
  };
}

/** The value of an answer that has to be one. */
export function valueOf<Value>(answer: { readonly kind: "value"; readonly value: Value } | { readonly kind: "failed" }): Value {
  if (answer.kind === "failed") throw new Error(JSON.stringify(answer));
  return answer.value;
}
