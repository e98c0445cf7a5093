/** What the pure rules need to know of one repository, remembered for a while (DSP-27). */
import type { ForgeLabel, ForgeRepository, Permission } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import type { LabelNames } from "./labels.ts";
import { ROLES, type LabelRole } from "./item.ts";
import { isMissing, valueOf } from "./server-view.ts";
import type { TriageRules } from "./triage.ts";

const FRESH_MS = 600_000;

interface Kept<Value> {
  readonly at_ms: number;
  readonly value: Promise<Value>;
}

/** What was asked less than ten minutes ago is not asked again; a failure is forgotten at once. */
class Memo {
  readonly #kept = new Map<string, Kept<unknown>>();

  get<Value>(key: string, now_ms: number, ask: () => Promise<Value>): Promise<Value> {
    const before = this.#kept.get(key);
    if (before !== undefined && now_ms - before.at_ms < FRESH_MS) return before.value as Promise<Value>;
    const value = ask();
    this.#kept.set(key, { at_ms: now_ms, value });
    value.catch(() => this.#kept.delete(key));
    return value;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}

const MEMOS = new WeakMap<GiteaGround, Memo>();

function memoOf(ground: GiteaGround): Memo {
  const memo = MEMOS.get(ground) ?? new Memo();
  MEMOS.set(ground, memo);
  return memo;
}

export function repositoryOf(ground: GiteaGround, repo: string): Promise<ForgeRepository> {
  return memoOf(ground).get(`repo ${repo}`, ground.now().ms, () => valueOf(ground.forge.repository(repo)));
}

export async function rulesOf(ground: GiteaGround, repo: string): Promise<TriageRules> {
  const { bot_user, labels, branch_prefix, draft } = ground.config();
  const { archived } = await repositoryOf(ground, repo);
  const second = ground.reviewer;
  const reviewer = second === null ? null : (await memoOf(ground).get("reviewer", 0, () => valueOf(second.me()))).login;
  return { bot_user, reviewer, labels, branch_prefix, draft, archived, digest: ground.digest };
}

/** The four labels of a repository by their part; the names of those that it does not have itself (DSP-28). */
export interface RepoLabels {
  readonly ids: Readonly<Partial<Record<LabelRole, number>>>;
  readonly missing: readonly string[];
}

/** Looked at anew when one is missing: somebody may have made it. All four are remembered until the server shows otherwise. */
export async function labelsOf(ground: GiteaGround, repo: string): Promise<RepoLabels> {
  const key = `labels ${repo}`;
  const found = labelled(await memoOf(ground).get(key, 0, () => valueOf(ground.forge.labels(repo))), ground.config().labels);
  if (found.missing.length > 0) memoOf(ground).forget(key);
  return found;
}

/** The next look asks the server. */
export function forgetLabels(ground: GiteaGround, repo: string): void {
  memoOf(ground).forget(`labels ${repo}`);
}

function labelled(labels: readonly ForgeLabel[], names: LabelNames): RepoLabels {
  const ids: Partial<Record<LabelRole, number>> = {};
  for (const role of ROLES) {
    const found = labels.find(({ name }) => name.toLowerCase() === names[role].toLowerCase());
    if (found !== undefined) ids[role] = found.id;
  }
  return { ids, missing: ROLES.filter((role) => ids[role] === undefined).map((role) => names[role]) };
}

/** Whether what somebody says may start an agent. The bot's own label is a link of a chain that a person began. */
export async function isAuthorised(ground: GiteaGround, repo: string, login: string): Promise<boolean> {
  const { authorised_users, bot_user } = ground.config();
  const name = login.toLowerCase();
  if (name === bot_user.toLowerCase() || authorised_users.some((each) => each.toLowerCase() === name)) return true;
  if (name === "") return false;
  const repository = await repositoryOf(ground, repo);
  if (!repository.owner_is_organisation && repository.owner.toLowerCase() === name) return true;
  const permission = await memoOf(ground).get<Permission>(`may ${repo} ${name}`, ground.now().ms, async () => {
    try {
      return await valueOf(ground.forge.permission(repo, login));
    } catch (error) {
      if (isMissing(error)) return "none";
      throw error;
    }
  });
  return permission === "write" || permission === "admin" || permission === "owner";
}
