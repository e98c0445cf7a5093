/**
 * Who may talk to a server on this machine (REL-120 ff, DESIGN D18): the Host is ours, no other page's script asks, and a
 * write carries the token. Pure, over the raw header list, so that a header sent twice is seen.
 */

/** Names and values as they came, in their order. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** Pairs of Node's flat list. */
export function headerPairs(flat: readonly string[]): RawHeaders {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] ?? ""] as const] : []));
}

/** Every value of one header. */
export function valuesOf(headers: RawHeaders, name: string): readonly string[] {
  return headers.flatMap(([each, value]) => (each === name ? [value] : []));
}

/** True unless exactly one Host is named and it is one of ours, port included: a name that points here by trickery is none. */
export function isForeignHost(headers: RawHeaders, hosts: readonly string[]): boolean {
  const [host, ...more] = valuesOf(headers, "host");
  return host === undefined || more.length > 0 || !hosts.includes(host.toLowerCase());
}

/** True when a page of another origin asks. Programs send neither header. */
export function isForeignOrigin(headers: RawHeaders, hosts: readonly string[]): boolean {
  const origins = valuesOf(headers, "origin");
  const sites = valuesOf(headers, "sec-fetch-site");
  return (
    origins.some((origin) => !hosts.some((host) => origin === `http://${host}`)) ||
    sites.some((site) => site !== "same-origin" && site !== "none")
  );
}

/** True for `application/json`, with parameters or without, named once. */
export function isJson(headers: RawHeaders): boolean {
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
