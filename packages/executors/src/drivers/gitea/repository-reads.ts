/** Repositories, their labels, and who may do what in them (DSP-27, DSP-28). */
import type { ForgeAnswer, ForgeReads, ForgeRepository, Permission } from "../../gitea/forge.ts";
import { NOTHING, type Calls } from "./calls.ts";
import { failure } from "./faults.ts";
import { idOf, isSame, whole, type List } from "./lists.ts";
import { inRepo, segmentOf } from "./places.ts";
import { LABEL, LOGINS, PERMISSION, REPOSITORY } from "./shapes.ts";

/** Which owners are organisations, as far as it was asked. */
export interface Organisations {
  readonly organisations: Map<string, boolean>;
}

type RepositoryReads = "labels" | "organisationLabels" | "repository" | "repositories" | "permission";

/** The reads of repositories. */
export function repositoryReads(calls: Calls, list: List, memory: Organisations): Pick<ForgeReads, RepositoryReads> {
  const complete = async (found: Omit<ForgeRepository, "owner_is_organisation">): Promise<ForgeRepository> => ({
    ...found,
    owner_is_organisation: await isOrganisation(calls, memory, found.owner),
  });
  return {
    labels: (repo) =>
      inRepo(repo, async (path) =>
        whole(await list((query) => (client) => client.GET("/repos/{owner}/{repo}/labels", { params: { path, query } }), LABEL, idOf)),
      ),
    organisationLabels: async (owner) => {
      const org = segmentOf(owner);
      if (org === null) return failure("invalid", "that is no name of an organisation");
      return whole(await list((query) => (client) => client.GET("/orgs/{org}/labels", { params: { path: { org }, query } }), LABEL, idOf));
    },
    repository: (repo) =>
      inRepo(repo, async (path) => {
        const answer = await calls.read((client) => client.GET("/repos/{owner}/{repo}", { params: { path } }), REPOSITORY);
        return answer.kind === "failed" ? answer : { kind: "value", value: await complete(answer.value) };
      }),
    repositories: async () => {
      const answer = await list(
        (query) => (client) => client.GET("/user/repos", { params: { query } }),
        REPOSITORY,
        ({ repo }) => repo,
      );
      if (answer.kind === "failed") return answer;
      const entries: ForgeRepository[] = [];
      for (const each of answer.value.entries) if (each.can_write) entries.push(await complete(each));
      return { kind: "value", value: { entries, truncated: answer.value.truncated } };
    },
    permission: (repo, login) =>
      inRepo(repo, async (path) => {
        const collaborator = segmentOf(login);
        // No server gives such a name to anybody.
        return collaborator === null ? { kind: "value", value: "none" } : permissionOf(calls, { ...path, collaborator });
      }),
  };
}

/**
 * Newer servers say it to administrators only, older ones not at all: then whoever may be assigned may write, and on servers
 * that do not tell that either a collaborator counts as one who may write (DSP-27).
 */
async function permissionOf(
  calls: Calls,
  path: { readonly owner: string; readonly repo: string; readonly collaborator: string },
): Promise<ForgeAnswer<Permission>> {
  const untold = (answer: { readonly kind: string; readonly status?: number | null }): boolean =>
    answer.kind === "failed" && [403, 404, 405].includes(answer.status ?? 0);
  if (isSame(path.owner, path.collaborator)) return { kind: "value", value: "owner" };
  const told = await calls.read(
    (client) => client.GET("/repos/{owner}/{repo}/collaborators/{collaborator}/permission", { params: { path } }),
    PERMISSION,
  );
  if (told.kind === "value") return { kind: "value", value: permissionFrom(told.value.permission) };
  if (!untold(told)) return told;
  const people = await calls.read((client) => client.GET("/repos/{owner}/{repo}/assignees", { params: { path } }), LOGINS);
  if (people.kind === "value")
    return { kind: "value", value: people.value.some(({ login }) => isSame(login, path.collaborator)) ? "write" : "none" };
  if (!untold(people)) return people;
  const one = await calls.read((client) => client.GET("/repos/{owner}/{repo}/collaborators/{collaborator}", { params: { path } }), NOTHING);
  if (one.kind === "value") return { kind: "value", value: "write" };
  return one.fault === "not_found" ? { kind: "value", value: "none" } : one;
}

/** A word that is none of these gives nothing. */
function permissionFrom(word: string): Permission {
  return word === "read" || word === "write" || word === "admin" || word === "owner" ? word : "none";
}

/** False as well when nobody says so: a token may lack the scope for it. */
async function isOrganisation(calls: Calls, { organisations }: Organisations, owner: string): Promise<boolean> {
  const known = organisations.get(owner);
  const org = segmentOf(owner);
  if (known !== undefined || org === null) return known ?? false;
  const answer = await calls.read((client) => client.GET("/orgs/{org}", { params: { path: { org } } }), NOTHING);
  if (answer.kind === "value" || answer.fault === "not_found" || answer.fault === "forbidden")
    organisations.set(owner, answer.kind === "value");
  return answer.kind === "value";
}
