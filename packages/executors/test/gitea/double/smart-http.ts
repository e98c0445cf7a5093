/** Fetching and pushing over HTTP. The password is a token, whatever the name before it. */
import { seePushes } from "./pulls.ts";
import type { Seen } from "./server.ts";
import { accessOf, mayWrite, repoOf, type World } from "./world.ts";

/** What goes wrong with a request before or after it is carried out; null when nothing does. */
export type Spoilt = (line: string) => (when: "before" | "after") => Promise<Response | null>;

export async function gitOverHttp(request: Request, world: World, journal: Seen[], spoilt: Spoilt): Promise<Response> {
  const url = new URL(request.url);
  const authorization = request.headers.get("authorization") ?? "";
  const login = loginOf(world, authorization);
  const body = new Uint8Array(await request.arrayBuffer());
  const seen: Seen = { method: request.method, path: `${url.pathname}${url.search}`, authorization, body: "", login, status: null };
  journal.push(seen);
  const spoil = spoilt(`${seen.method} ${seen.path}`);
  const response = (await spoil("before")) ?? (await carriedOut(request, url, world, login, body, spoil));
  seen.status = response.status;
  return response;
}

async function carriedOut(
  request: Request,
  url: URL,
  world: World,
  login: string | null,
  body: Uint8Array,
  spoil: ReturnType<Spoilt>,
): Promise<Response> {
  const response = await answer(request, url, world, login, body);
  return (await spoil("after")) ?? response;
}

async function answer(request: Request, url: URL, world: World, login: string | null, body: Uint8Array): Promise<Response> {
  const [, owner = "", name = ""] = /^\/([^/]+)\/([^/]+)\.git\//.exec(decodeURI(url.pathname)) ?? [];
  const repo = repoOf(world, owner, name);
  const pushes = url.pathname.endsWith("/git-receive-pack") || url.searchParams.get("service") === "git-receive-pack";
  if (login === null && (pushes || repo === null || repo.is_private))
    return new Response("Unauthorized", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="Gitea"' } });
  if (repo === null || world.git === null || accessOf(repo, login) === "none") return new Response("not found", { status: 404 });
  if (pushes && (!mayWrite(repo, login) || repo.archived)) return new Response("forbidden", { status: 403 });
  const reply = await world.git.serve({
    method: request.method,
    path: decodeURI(url.pathname).replace(/^\/[^/]+\/[^/]+\.git\//, `/${repo.owner.login}/${repo.name}.git/`),
    query: url.search.slice(1),
    headers: request.headers,
    body,
    login: login ?? "",
  });
  if (pushes) seePushes(world);
  return new Response(new Uint8Array(reply.body), { status: reply.status, headers: reply.headers.map(([key, value]) => [key, value]) });
}

function loginOf(world: World, authorization: string): string | null {
  const [, coded = ""] = /^Basic (\S+)$/i.exec(authorization) ?? [];
  const [name = "", password = ""] = Buffer.from(coded, "base64").toString("utf8").split(":", 2);
  const token = world.tokens.get(password) ?? world.tokens.get(name);
  return token === undefined || token.revoked ? null : token.login;
}
