/** Scopes of tokens, which newer servers look at. */
import type { World } from "./world.ts";

/** The scope that is missing for this request; null when it may be made. */
export function missingScope(world: World, authorization: string, method: string, path: string): string | null {
  const token = world.tokens.get(authorization.split(" ")[1] ?? "");
  if (world.profile === "1.15" || token === undefined || token.scopes === null) return null;
  const category = categoryOf(path.replace(/^\/api\/v1/, ""));
  if (category === null) return null;
  const enough = method === "GET" ? [`read:${category}`, `write:${category}`] : [`write:${category}`];
  return token.scopes.some((scope) => scope === "all" || enough.includes(scope)) ? null : (enough[0] ?? null);
}

function categoryOf(path: string): string | null {
  if (path.startsWith("/notifications")) return "notification";
  if (/^\/repos\/(?:issues\/|[^/]+\/[^/]+\/(?:issues|labels)\b)/.test(path)) return "issue";
  if (path.startsWith("/repos")) return "repository";
  if (path.startsWith("/orgs")) return "organization";
  return path.startsWith("/user") ? "user" : null;
}
