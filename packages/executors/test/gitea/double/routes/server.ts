/** The server itself, accounts, repositories, labels and who may write. */
import { no, notFound, onRepo, page, textOf, type Ask, type Reply, type Routes } from "../answers.ts";
import type { Access, Repo } from "../records.ts";
import { branchOf } from "../pulls.ts";
import { labelShape, repoShape, userShape } from "../shapes.ts";
import { accessOf, addLabel, addRepo, collaborate, mayWrite, userOf } from "../world.ts";

const VERSIONS = { "1.15": "1.15.10", current: "1.25.2" } as const;

export const SERVER: Routes = [
  ["GET", "/version", ({ site }) => ({ status: 200, json: { version: VERSIONS[site.world.profile] } })],
  ["GET", "/settings/api", () => ({ status: 200, json: LIMITS })],
  ["GET", "/user", signed((ask, login) => ({ status: 200, json: userShape(userOf(ask.site.world, login)) }))],
  ["GET", "/user/repos", signed((ask, login) => page(ask, ownRepos(ask, login)))],
  ["POST", "/user/repos", signed(createRepo)],
  ["GET", "/orgs/:org", organisation],
  ["GET", "/orgs/:org/labels", organisationLabels],
  ["GET", "/repos/:owner/:repo", onRepo((ask, repo) => ({ status: 200, json: repoShape(ask.site, repo, ask.login) }))],
  ["DELETE", "/repos/:owner/:repo", onRepo(removeRepo, "write")],
  [
    "GET",
    "/repos/:owner/:repo/labels",
    onRepo((ask, repo) =>
      page(
        ask,
        repo.labels.map((label) => labelShape(ask.site, label)),
      ),
    ),
  ],
  ["POST", "/repos/:owner/:repo/labels", onRepo(createLabel, "write")],
  ["GET", "/repos/:owner/:repo/assignees", onRepo(assignees)],
  ["GET", "/repos/:owner/:repo/collaborators/:user", onRepo(isCollaborator)],
  ["PUT", "/repos/:owner/:repo/collaborators/:user", onRepo(addCollaborator, "write")],
  ["GET", "/repos/:owner/:repo/collaborators/:user/permission", onRepo(permission)],
  ["DELETE", "/repos/:owner/:repo/subscription", onRepo(unwatch)],
  ["GET", "/repos/:owner/:repo/branches/:branch{.+}", onRepo(branch)],
  ["POST", "/repos/:owner/:repo/contents/:path{.+}", onRepo(putFile, "write")],
];

const LIMITS = { max_response_items: 50, default_paging_num: 30, default_git_trees_per_page: 1000, default_max_blob_size: 10_485_760 };

function signed(act: (ask: Ask, login: string) => Reply) {
  return (ask: Ask): Reply => (ask.login === null ? no(ask, 401, "token is required") : act(ask, ask.login));
}

function ownRepos(ask: Ask, login: string): readonly unknown[] {
  const mine = (repo: Repo): boolean => accessOf(repo, login) === "owner" || repo.access.has(login.toLowerCase());
  return ask.site.world.repos.filter(mine).map((repo) => repoShape(ask.site, repo, login));
}

function createRepo(ask: Ask, login: string): Reply {
  const repo = addRepo(ask.site.world, { owner: login, name: textOf(ask.body["name"]) });
  return { status: 201, json: repoShape(ask.site, repo, login) };
}

function removeRepo(ask: Ask, repo: Repo, login: string): Reply {
  if (accessOf(repo, login) !== "owner") return no(ask, 403, "");
  const { repos } = ask.site.world;
  repos.splice(repos.indexOf(repo), 1);
  return { status: 204 };
}

function organisation(ask: Ask): Reply {
  const found = userOf(ask.site.world, ask.path("org"));
  return found?.is_organisation === true ? { status: 200, json: { id: found.id, username: found.login } } : notFound(ask);
}

function organisationLabels(ask: Ask): Reply {
  const { world } = ask.site;
  const organisation = userOf(world, ask.path("org"));
  if (organisation?.is_organisation !== true) return notFound(ask);
  return page(
    ask,
    (world.organisation_labels.get(organisation.login) ?? []).map((label) => labelShape(ask.site, label)),
  );
}

function createLabel(ask: Ask, repo: Repo): Reply {
  const { name, color, exclusive } = ask.body;
  if (!/^#?[0-9a-fA-F]{6}$/.test(textOf(color))) return no(ask, 422, "[Color]: bad color");
  const made = addLabel(ask.site.world, repo, { name: textOf(name), color: textOf(color), exclusive: exclusive === true });
  return { status: 201, json: labelShape(ask.site, made) };
}

/** Everybody who may be assigned: those who may write. */
function assignees(ask: Ask, repo: Repo): Reply {
  const { users } = ask.site.world;
  const people = [...users.values()].filter((user) => !user.is_organisation && mayWrite(repo, user.login));
  return { status: 200, json: people.map((user) => userShape(user)) };
}

/** Any collaborator, one who may only read too. */
function isCollaborator(ask: Ask, repo: Repo): Reply {
  if (ask.login === null) return no(ask, 401, "token is required");
  return repo.access.has(ask.path("user").toLowerCase()) ? { status: 204 } : notFound(ask);
}

function addCollaborator(ask: Ask, repo: Repo): Reply {
  const user = userOf(ask.site.world, ask.path("user"));
  if (user === null) return no(ask, 422, "user does not exist");
  collaborate(repo, user.login, (textOf(ask.body["permission"]) || "write") as Access);
  return { status: 204 };
}

/** Newer; and only administrators of the repository are told about others. */
function permission(ask: Ask, repo: Repo): Reply {
  if (ask.site.world.profile === "1.15") return notFound(ask);
  if (ask.login === null) return no(ask, 401, "token is required");
  const user = userOf(ask.site.world, ask.path("user"));
  if (user === null) return notFound(ask);
  if (user.login !== ask.login && !["admin", "owner"].includes(accessOf(repo, ask.login)))
    return no(ask, 403, "Only admins can query all permissions");
  const access = accessOf(repo, user.login);
  return { status: 200, json: { permission: access, role_name: access, user: userShape(user) } };
}

function unwatch(_ask: Ask, repo: Repo, login: string): Reply {
  repo.watchers.delete(login);
  return { status: 204 };
}

function branch(ask: Ask, repo: Repo): Reply {
  const sha = branchOf(ask.site.world, repo, ask.path("branch"));
  return sha === null ? notFound(ask) : { status: 200, json: { name: ask.path("branch"), commit: { id: sha }, protected: false } };
}

/** A file on a branch, which may be new. */
function putFile(ask: Ask, repo: Repo): Reply {
  const { git } = ask.site.world;
  const { content, message, branch: from, new_branch: to } = ask.body;
  if (git === null || repo.git_dir === null) return no(ask, 500, "no git");
  const text = Buffer.from(textOf(content), "base64").toString("utf8");
  const on = textOf(to) || textOf(from) || repo.default_branch;
  const sha = git.commit(
    repo.git_dir,
    on,
    { [ask.path("path")]: text },
    { message: textOf(message) || "Add", from: textOf(from) || "main" },
  );
  return { status: 201, json: { commit: { sha } } };
}
