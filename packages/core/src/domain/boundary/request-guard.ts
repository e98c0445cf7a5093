/**
 * Who may talk to a server on this machine (REL-120 ff, DESIGN D18): the request is well formed, the Host is ours, no other
 * page's script asks, and a write carries the token. Pure, over the raw target and header list, so that a header sent twice
 * is seen. It knows no route and compares no token: that needs a digest.
 */

/** Names in lower case and values as they came, in their order. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** A request before anything of it was believed. */
export interface RawRequest {
  readonly method: string;
  /** The request line's middle word. */
  readonly target: string;
  readonly headers: RawHeaders;
}

/** What a server says about the path that was asked for. */
export interface RequestPolicy {
  /** The methods of this path; null: there is no such path. */
  readonly methods: readonly string[] | null;
  /** Host values that are ours, port included. Null where a remote service calls and proves itself by its signature (REL-133). */
  readonly hosts: readonly string[] | null;
}

/** Why a request is turned away, with the status that says so. */
export type RequestRefusal =
  | { readonly kind: "malformed"; readonly status: 400 }
  | { readonly kind: "not_found"; readonly status: 404 }
  | { readonly kind: "method_not_allowed"; readonly status: 405; readonly allow: string }
  | { readonly kind: "host_refused"; readonly status: 421 }
  | { readonly kind: "origin_refused"; readonly status: 403 };

/** Longer queries are refused (REL-106). */
export const MAX_QUERY_BYTES = 2_048;

/** The first thing that is wrong: form, path, method, Host, Origin, in this order; null when the request may go on to its token. */
export function guardRequest(request: RawRequest, policy: RequestPolicy): RequestRefusal | null {
  const { method, headers } = request;
  const { methods, hosts } = policy;
  if (isMalformed(request)) return { kind: "malformed", status: 400 };
  if (methods === null) return { kind: "not_found", status: 404 };
  if (!methods.includes(method)) return { kind: "method_not_allowed", status: 405, allow: methods.join(", ") };
  if (hosts === null) return null;
  if (isForeignHost(headers, hosts)) return { kind: "host_refused", status: 421 };
  return isForeignOrigin(headers, hosts) ? { kind: "origin_refused", status: 403 } : null;
}

/** Visible ASCII without a backslash, which some readers take for a slash. */
const PATH = /^\/[!-[\]-~]*$/;

/** True for a target that is no path of ours, a query that is too long, and a Host or length that is said twice (REL-121). */
export function isMalformed({ target, headers }: Pick<RawRequest, "target" | "headers">): boolean {
  const { path, query } = targetOf(target);
  return (
    !PATH.test(path) ||
    query.length > MAX_QUERY_BYTES ||
    valuesOf(headers, "host").length > 1 ||
    valuesOf(headers, "content-length").length > 1 ||
    (valuesOf(headers, "content-length").length > 0 && valuesOf(headers, "transfer-encoding").length > 0)
  );
}

/** Path and query as they were sent: nothing is decoded and no `..` is resolved, so only the path itself finds its route. */
export function targetOf(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf("?");
  return at < 0 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** Pairs of Node's flat list. */
export function headerPairs(flat: readonly string[]): RawHeaders {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] ?? ""] as const] : []));
}

/** Every value of one header. */
export function valuesOf(headers: RawHeaders, name: string): readonly string[] {
  return headers.flatMap(([each, value]) => (each === name ? [value] : []));
}

/** True unless exactly one Host is named and it is one of ours, port included: a name that points here by trickery is none. */
function isForeignHost(headers: RawHeaders, hosts: readonly string[]): boolean {
  const [host, ...more] = valuesOf(headers, "host");
  return host === undefined || more.length > 0 || !hosts.includes(host.toLowerCase());
}

/** True when a page of another origin asks. Programs send neither header. */
function isForeignOrigin(headers: RawHeaders, hosts: readonly string[]): boolean {
  const origins = valuesOf(headers, "origin");
  const sites = valuesOf(headers, "sec-fetch-site");
  return (
    origins.some((origin) => !hosts.some((host) => origin === `http://${host}`)) ||
    sites.some((site) => site !== "same-origin" && site !== "none")
  );
}

/** True for `application/json`, with parameters or without, named once (REL-126). */
export function isJsonType(headers: RawHeaders): boolean {
  const types = valuesOf(headers, "content-type");
  return types.length === 1 && /^application\/json\s*(?:;|$)/i.test(types[0] ?? "");
}

/** The token that was given, by `Authorization: Bearer` or one header of the server's own; null for none, two, or two that differ. */
export function givenToken(headers: RawHeaders, ownHeader: string | null): string | null {
  const authorizations = valuesOf(headers, "authorization");
  const own = ownHeader === null ? [] : valuesOf(headers, ownHeader);
  if (authorizations.length > 1 || own.length > 1) return null;
  const bearers = authorizations.map((value) => /^Bearer ([^\s]+)$/i.exec(value)?.[1] ?? "");
  const [token = "", other = token] = [...bearers, ...own];
  return token === "" || token !== other ? null : token;
}

/** The length a body claims; null when it claims none, NaN for nonsense. */
export function claimedLength(headers: RawHeaders): number | null {
  const [length] = valuesOf(headers, "content-length");
  return length === undefined ? null : /^\d{1,15}$/.test(length) ? Number(length) : Number.NaN;
}
