/**
 * A Gitea on loopback for tests: stateful, in memory, with bare repositories behind it, and every fault of a real network on
 * a switch (DSP-105). `world` is the server's inside: what people do there needs no request. `journal` is what was asked.
 */
import { Hono, type Context } from "hono";
import { listen, type Bindings } from "@loopx/cli/http";
import { no, type Ask, type Reply, type Routes } from "./answers.ts";
import { spoil } from "./spoiling.ts";
import { faultsOf, type Faults } from "./faults.ts";
import { gitSide } from "./git.ts";
import { gitOverHttp } from "./smart-http.ts";
import type { Profile } from "./records.ts";
import { ISSUES } from "./routes/issues.ts";
import { NOTIFICATIONS } from "./routes/notifications.ts";
import { PULLS } from "./routes/pulls.ts";
import { SERVER } from "./routes/server.ts";
import { missingScope } from "./scopes.ts";
import type { Site } from "./shapes.ts";
import { emptyWorld, type World } from "./world.ts";

export interface DoubleOptions {
  readonly profile?: Profile;
  readonly seed?: number;
  /** Milliseconds; the machine's clock by default. */
  readonly now?: () => number;
  /** False: no repositories on disk, which most tests do not need. */
  readonly git?: boolean;
}

/** One request as it came. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  readonly login: string | null;
  /** Null until it was answered. */
  status: number | null;
}

export interface GiteaDouble {
  readonly url: string;
  readonly world: World;
  readonly faults: Faults;
  readonly journal: Seen[];
  close(): Promise<void>;
}

type Env = { Bindings: Bindings };

const LIMITS = { headers_ms: 10_000, request_ms: 30_000, connections: 200, header_bytes: 16_384 };
const ROUTES: Routes = [...ISSUES, ...NOTIFICATIONS, ...PULLS, ...SERVER];

export async function startGitea({ profile = "1.15", seed = 1, now = Date.now, git = false }: DoubleOptions = {}): Promise<GiteaDouble> {
  const world = emptyWorld({ profile, now, git: git ? gitSide() : null });
  const faults = faultsOf(seed);
  world.loses = () => faults.losesNotification();
  const journal: Seen[] = [];
  const place = { url: "" };
  const site: Site = { world, origin: () => place.url };
  const app = new Hono<Env>();
  app.on(["GET", "POST"], "/:owner/:git{.+\\.git/.+}", (c) =>
    gitOverHttp(c.req.raw, world, journal, (line) => {
      const fault = faults.draw(line);
      return async (when) => (fault === null ? null : spoil(fault, when, c, faults));
    }),
  );
  for (const [method, path, route] of ROUTES) app.on(method, `/api/v1${path}`, (c) => answer(c, { site, journal, faults }, route));
  app.all("*", (c) => answer(c, { site, journal, faults }, (ask) => no(ask, 404, "The target couldn't be found.")));
  const server = await listen((request, env) => app.fetch(request, env), { host: "127.0.0.1", port: 0 }, LIMITS);
  place.url = `http://127.0.0.1:${server.port}`;
  return {
    url: place.url,
    world,
    faults,
    journal,
    close: async () => {
      await server.close(0);
      world.git?.remove();
    },
  };
}

interface Inside {
  readonly site: Site;
  readonly journal: Seen[];
  readonly faults: Faults;
}

/** One request: written down, spoiled or carried out, and maybe spoiled then. */
async function answer(c: Context<Env>, { site, journal, faults }: Inside, route: (ask: Ask) => Reply | Promise<Reply>): Promise<Response> {
  const url = new URL(c.req.url);
  const text = await c.req.text();
  const authorization = c.req.header("authorization") ?? "";
  const login = loginOf(site.world, authorization, url.searchParams);
  const seen: Seen = { method: c.req.method, path: `${url.pathname}${url.search}`, authorization, body: text, login, status: null };
  journal.push(seen);
  const fault = faults.draw(`${seen.method} ${seen.path}`);
  const before = fault === null ? null : await spoil(fault, "before", c, faults);
  if (before !== null) return kept(seen, before);
  const ask: Ask = {
    site,
    login,
    path: (name) => decodeURIComponent(c.req.param(name) ?? ""),
    query: url.searchParams,
    body: bodyOf(text),
    url,
  };
  const reply = refusalOf(ask, seen) ?? (await route(ask));
  const after = fault === null ? null : await spoil(fault, "after", c, faults);
  return kept(seen, after ?? responseOf(reply));
}

function kept(seen: Seen, response: Response): Response {
  seen.status = response.status;
  return response;
}

/** A token that is none, or that may not do this, gets nowhere. */
function refusalOf(ask: Ask, { method, path, authorization }: Seen): Reply | null {
  if (authorization !== "" && ask.login === null) return no(ask, 401, "token is required");
  const missing = missingScope(ask.site.world, authorization, method, path);
  return missing === null ? null : no(ask, 403, `token does not have at least one of required scope(s): [${missing}]`);
}

/** `token T`, `Bearer T`; in the address only on old servers (DSP-S1). */
function loginOf(world: World, authorization: string, query: URLSearchParams): string | null {
  const [, given = ""] = /^(?:token|Bearer) (\S+)$/i.exec(authorization) ?? [];
  const value = given === "" && world.profile === "1.15" ? (query.get("token") ?? "") : given;
  const token = world.tokens.get(value);
  return token === undefined || token.revoked ? null : token.login;
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function responseOf({ status, json, headers = {} }: Reply): Response {
  const body = json === undefined ? null : JSON.stringify(json);
  const response = new Response(body, { status, headers: { ...headers } });
  if (body !== null) response.headers.set("Content-Type", "application/json; charset=UTF-8");
  return response;
}
