/** What every route has at hand: who asks, for what, and how the server says yes, no and "page two". */
import type { Item, Repo } from "./records.ts";
import type { Site } from "./shapes.ts";
import { accessOf, mayWrite, repoOf } from "./world.ts";

export interface Ask {
  readonly site: Site;
  /** Null: nobody said who he is. */
  readonly login: string | null;
  readonly path: (name: string) => string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The address that was asked, for links to other pages. */
  readonly url: URL;
}

export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = (ask: Ask) => Reply | Promise<Reply>;

/** `[method, path, route]` rows; the server makes routes of them. */
export type Routes = readonly (readonly ["GET" | "POST" | "PUT" | "PATCH" | "DELETE", string, Route])[];

export const MAX_ITEMS = 50;
const DEFAULT_ITEMS = 30;

/** An error as the server spells it (DSP-S3). */
export function no(ask: Ask, status: number, message: string): Reply {
  const url = `${ask.site.origin()}/api/swagger`;
  return { status, json: status === 404 ? { errors: null, message, url } : { message, url } };
}

export function notFound(ask: Ask): Reply {
  return no(ask, 404, "The target couldn't be found.");
}

/** One page with its counts; only issue lists get links (DSP-S4). */
export function page(ask: Ask, all: readonly unknown[], links = false): Reply {
  const number = (name: string, usual: number): number => {
    const value = Number(ask.query.get(name) ?? usual);
    return Number.isInteger(value) && value > 0 ? value : usual;
  };
  const at = number("page", 1);
  const limit = Math.min(MAX_ITEMS, number("limit", DEFAULT_ITEMS));
  const headers: Record<string, string> = { "X-Total-Count": String(all.length) };
  const link = linksOf(ask, at, Math.max(1, Math.ceil(all.length / limit)));
  if (links && link !== "") headers["Link"] = link;
  return { status: 200, json: all.slice((at - 1) * limit, at * limit), headers };
}

function linksOf({ url }: Ask, at: number, last: number): string {
  const to = (number: number, rel: string): string => {
    const there = new URL(url);
    there.searchParams.set("page", String(number));
    return `<${there.href}>; rel="${rel}"`;
  };
  const links = at < last ? [to(at + 1, "next"), to(last, "last")] : [];
  return (at > 1 ? [...links, to(1, "first"), to(at - 1, "prev")] : links).join(",");
}

/** The repository of the path, if the asker may see it. */
export function repoAsked(ask: Ask): Repo | null {
  const repo = repoOf(ask.site.world, ask.path("owner"), ask.path("repo"));
  return repo === null || accessOf(repo, ask.login) === "none" ? null : repo;
}

export function itemAsked(ask: Ask): Item | null {
  const item = repoAsked(ask)?.items[Number(ask.path("index")) - 1] ?? null;
  return item?.deleted === true ? null : item;
}

/** A route on one repository; `write`: for those who may push. */
export function onRepo(act: (ask: Ask, repo: Repo, login: string) => Reply, rights: "read" | "write" = "read"): Route {
  return (ask) => {
    const repo = repoAsked(ask);
    if (repo === null) return notFound(ask);
    if (rights === "write" && ask.login === null) return no(ask, 401, "token is required");
    if (rights === "write" && !mayWrite(repo, ask.login)) return no(ask, 403, "user should have a permission to write to a repo");
    return act(ask, repo, ask.login ?? "");
  };
}

/** A route on one item. */
export function onItem(act: (ask: Ask, item: Item, login: string) => Reply, rights: "read" | "signed" | "write" = "read"): Route {
  return (ask) => {
    const item = itemAsked(ask);
    if (item === null) return notFound(ask);
    if (rights !== "read" && ask.login === null) return no(ask, 401, "token is required");
    if (rights === "write" && !mayWrite(item.repo, ask.login)) return no(ask, 403, "Must have write permission");
    return act(ask, item, ask.login ?? "");
  };
}

/** Times of the query in milliseconds; null when absent. */
export function timeAsked({ query }: Ask, name: string): number | null {
  const text = query.get(name);
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
