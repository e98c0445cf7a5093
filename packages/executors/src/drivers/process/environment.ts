/**
 * The environment of a child: built from nothing by an allow-list, never by deleting from ours (AGT-22, REL-142). Pure. A
 * secret is refused by the name of its variable; its value is in no message.
 */
import type { Secrets } from "./secrets.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** Taken over from the executor when they are set. */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "SHELL",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
] as const;
const PROXIES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"] as const;
const FIXED = { TERM: "dumb", NO_COLOR: "1", GIT_TERMINAL_PROMPT: "0" } as const;

/** What an executor itself is configured with; no list can let one of these through. */
const NEVER = /^(?:LOOPER_.*|ZULIP.*|GITEA_.*|LARK_.*|.*_LARK_.*|LOOPX_.*)$/;
/** The variables of our own that a child does get (AGT-6, AGT-82). */
const OURS = new Set([
  "LOOPX_RUN_ID",
  "LOOPX_RESULT_FILE",
  "LOOPX_GOAL_ID",
  "LOOPX_MODEL_TOKEN",
  "LOOPX_INSTANCE_ID",
  "LOOPX_BASE_SHA",
  "LOOPX_CANDIDATE_SHA",
]);

/** What a child gets beside the usual names. */
export interface Wanted {
  /** Names taken from the executor's environment: a driver's own, and those of the configuration. */
  readonly names?: readonly string[];
  /** Values that the executor sets. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The whole environment of a child, or the variable that may not go there. */
export type ChildEnvironment =
  | { readonly kind: "environment"; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly name: string; readonly why: "reserved" | "secret" };

/** Builds it. The first variable that is reserved for the executor, or holds a registered secret, refuses all. */
export function childEnvironment(own: Variables, wanted: Wanted, secrets: Secrets): ChildEnvironment {
  const values = wanted.values ?? {};
  const reserved = [...(wanted.names ?? []), ...Object.keys(values)].find((name) => NEVER.test(name) && !OURS.has(name));
  if (reserved !== undefined) return { kind: "refused", name: reserved, why: "reserved" };
  const env: Record<string, string> = { ...taken(own, INHERITED), ...proxies(own), ...taken(own, wanted.names ?? []), ...FIXED, ...values };
  const leak = Object.entries(env).find(([, value]) => secrets.isIn(value));
  return leak === undefined ? { kind: "environment", env } : { kind: "refused", name: leak[0], why: "secret" };
}

function taken(own: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = own[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A proxy whose address holds a user and a password is a secret. */
function proxies(own: Variables): Record<string, string> {
  return Object.fromEntries(Object.entries(taken(own, PROXIES)).filter(([, value]) => !value.includes("@")));
}
