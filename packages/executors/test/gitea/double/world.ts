/**
 * The server's state and its clock: accounts, tokens, repositories, labels. Time has a resolution of one second, as the
 * server's own (DSP-S8). Whoever acts is named by login; rights are looked at by the routes, not here.
 */
import type { Access, Item, Label, Profile, Repo, Thread, Token, User } from "./records.ts";
import type { GitSide } from "./git.ts";

export interface World {
  readonly profile: Profile;
  /** Milliseconds; whatever is written down is cut to seconds. */
  readonly now: () => number;
  readonly users: Map<string, User>;
  readonly tokens: Map<string, Token>;
  readonly repos: Repo[];
  readonly organisation_labels: Map<string, Label[]>;
  readonly threads: Thread[];
  readonly git: GitSide | null;
  /** Asked for each notification: true loses it (DSP-S10). */
  loses: (login: string, item: Item) => boolean;
  next_id: number;
}

export interface WorldOptions {
  readonly profile: Profile;
  readonly now: () => number;
  readonly git: GitSide | null;
}

export function emptyWorld({ profile, now, git }: WorldOptions): World {
  return {
    profile,
    now,
    git,
    users: new Map(),
    tokens: new Map(),
    repos: [],
    organisation_labels: new Map(),
    threads: [],
    loses: () => false,
    next_id: 1,
  };
}

/** A fresh id; one sequence for everything, so that no two records are mistaken for each other. */
export function nextId(world: World): number {
  return world.next_id++;
}

/** Now in whole seconds. */
export function stamp(world: World): number {
  return Math.floor(world.now() / 1_000) * 1_000;
}

export function addUser(world: World, login: string, is_organisation = false): User {
  const user = { id: nextId(world), login, is_organisation };
  world.users.set(login.toLowerCase(), user);
  return user;
}

export function userOf(world: World, login: string): User | null {
  return world.users.get(login.toLowerCase()) ?? null;
}

/** A token of that account. `scopes` null opens everything. */
export function addToken(world: World, login: string, scopes: readonly string[] | null = null): string {
  const id = nextId(world);
  const value = `${id.toString(16).padStart(6, "0")}${"f00dcafe".repeat(5)}`.slice(0, 40);
  world.tokens.set(value, { value, login, scopes, revoked: false });
  return value;
}

export interface NewRepo {
  readonly owner: string;
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly collaborators?: Readonly<Record<string, Access>>;
  readonly labels?: readonly string[];
}

/** A repository whose owner watches it. A collaborator watches it too, as on the server. */
export function addRepo(world: World, { owner, name, files = { "README.md": "# one\n" }, collaborators = {}, labels = [] }: NewRepo): Repo {
  const by = userOf(world, owner) ?? addUser(world, owner);
  const repo: Repo = {
    id: nextId(world),
    owner: by,
    name,
    default_branch: "main",
    archived: false,
    is_private: false,
    access: new Map(),
    watchers: new Set(by.is_organisation ? [] : [owner]),
    labels: [],
    items: [],
    git_dir: world.git?.init(owner, name, files) ?? null,
  };
  world.repos.push(repo);
  for (const [login, access] of Object.entries(collaborators)) collaborate(repo, login, access);
  for (const label of labels) addLabel(world, repo, { name: label });
  return repo;
}

export function collaborate(repo: Repo, login: string, access: Access): void {
  repo.access.set(login.toLowerCase(), access);
  repo.watchers.add(login);
}

export function repoOf(world: World, owner: string, name: string): Repo | null {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return world.repos.find((repo) => same(repo.owner.login, owner) && same(repo.name, name)) ?? null;
}

export function accessOf(repo: Repo, login: string | null): Access {
  const anyone = repo.is_private ? "none" : "read";
  if (login === null) return anyone;
  if (repo.owner.login.toLowerCase() === login.toLowerCase()) return "owner";
  return repo.access.get(login.toLowerCase()) ?? anyone;
}

export function mayWrite(repo: Repo, login: string | null): boolean {
  return ["write", "admin", "owner"].includes(accessOf(repo, login));
}

export interface NewLabel {
  readonly name: string;
  readonly color?: string;
  readonly exclusive?: boolean;
}

export function addLabel(world: World, repo: Repo, label: NewLabel): Label {
  const made = labelFrom(world, label);
  repo.labels.push(made);
  return made;
}

export function addOrganisationLabel(world: World, owner: string, label: NewLabel): Label {
  const made = labelFrom(world, label);
  world.organisation_labels.set(owner, [...(world.organisation_labels.get(owner) ?? []), made]);
  return made;
}

/** Every label that an item of the repository may carry. */
export function labelsFor(world: World, repo: Repo): readonly Label[] {
  return [...repo.labels, ...(world.organisation_labels.get(repo.owner.login) ?? [])];
}

/** Exclusive labels are newer (DSP-S18). */
function labelFrom(world: World, { name, color = "#00aabb", exclusive = false }: NewLabel): Label {
  return { id: nextId(world), name, color: color.replace(/^#/, ""), exclusive: exclusive && world.profile === "current" };
}
