/**
 * Zulip's HTTP interface: one message, or a look at who the bot is (LPR-53, LPR-54). Its answers are JSON with 200 and 400
 * alike; only `result: "success"` is success. No text of an error holds the key or a body that is no JSON.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject } from "@loopx/core/domain";
import { boundedBytes } from "@loopx/cli/http";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where messages go and who sends them. */
export interface ZulipSettings {
  readonly site: string;
  readonly email: string;
  readonly key: string;
  readonly type: "stream" | "private";
  /** The stream's name, or the addresses and ids of a private message. */
  readonly to: string;
  readonly topic: string;
}

export type ZulipConfigured =
  | { readonly kind: "configured"; readonly settings: ZulipSettings; readonly warnings: readonly string[] }
  | { readonly kind: "absent" }
  | { readonly kind: "faulty"; readonly fault: string };

export type ZulipSent = { readonly kind: "sent"; readonly id: number | null } | { readonly kind: "failed"; readonly text: string };

const MAX_TOPIC = 60;
const MAX_CONTENT = 10_000;
const CUT = "\n… (cut)";
const LIMIT_MS = 15_000;
const MAX_RETRY_AFTER_S = 10;
const MAX_ANSWER_BYTES = 262_144;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** All three variables, else the profile of the INI file; a file that others may read is a warning. */
export function readZulip(env: Environment, home: string): ZulipConfigured {
  const found = credentials(env, home);
  if (found === null) return { kind: "absent" };
  if (typeof found === "string") return { kind: "faulty", fault: found };
  const site = siteOf(found.site);
  if (site === null)
    return { kind: "faulty", fault: `the Zulip site ${JSON.stringify(found.site)} has to be https://, or http:// on this machine` };
  const type = text(env, "ZULIP_MESSAGE_TYPE") ?? "stream";
  const direct = ["private", "direct"].includes(type);
  if (!direct && !["stream", "channel"].includes(type))
    return { kind: "faulty", fault: "ZULIP_MESSAGE_TYPE is stream, channel, private or direct" };
  const settings: ZulipSettings = {
    site,
    email: found.email,
    key: found.key,
    type: direct ? "private" : "stream",
    to: direct ? (text(env, "ZULIP_TO") ?? "8-Tessa") : (text(env, "ZULIP_STREAM") ?? "coding"),
    topic: text(env, "ZULIP_TOPIC") ?? "verified-cad",
  };
  return { kind: "configured", settings, warnings: found.warnings };
}

/** Sends one message. A rate limit is waited for once when it is short; everything else is an answer, never a throw. */
export async function sendZulip(settings: ZulipSettings, content: string, signal: AbortSignal): Promise<ZulipSent> {
  const form = new URLSearchParams({
    type: settings.type,
    to: settings.type === "private" ? recipients(settings.to) : settings.to,
    ...(settings.type === "stream" ? { topic: cut(settings.topic, MAX_TOPIC, "") } : {}),
    content: cut(content, MAX_CONTENT, CUT),
  });
  const send = async (): Promise<Answer> => ask(settings, "messages", { method: "POST", body: form }, signal);
  const first = await send();
  const answer = first.retry_after === null ? first : await sendLater(first.retry_after, send, signal);
  return answer.body?.["result"] === "success"
    ? { kind: "sent", id: typeof answer.body["id"] === "number" ? answer.body["id"] : null }
    : { kind: "failed", text: answer.fault };
}

/** The bot's name, or why Zulip does not know it (`looper zulip --dry-run`). */
export async function zulipSelf(settings: ZulipSettings, signal: AbortSignal): Promise<{ name: string } | { fault: string }> {
  const answer = await ask(settings, "users/me", { method: "GET" }, signal);
  if (answer.body?.["result"] !== "success") return { fault: answer.fault };
  return { name: typeof answer.body["full_name"] === "string" ? answer.body["full_name"] : settings.email };
}

interface Answer {
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly fault: string;
  /** Seconds to wait, when that is all that is wrong and short enough. */
  readonly retry_after: number | null;
}

async function sendLater(seconds: number, send: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1_000);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
  return send();
}

async function ask(settings: ZulipSettings, path: string, init: RequestInit, outer: AbortSignal): Promise<Answer> {
  const failed = (fault: string): Answer => ({ body: null, fault, retry_after: null });
  try {
    const response = await fetch(`${settings.site}/api/v1/${path}`, {
      ...init,
      headers: { authorization: `Basic ${Buffer.from(`${settings.email}:${settings.key}`).toString("base64")}` },
      redirect: "error",
      signal: AbortSignal.any([outer, AbortSignal.timeout(LIMIT_MS)]),
    });
    const body = await jsonOf(response);
    if (body === null) return failed(`Zulip answered ${response.status} without JSON`);
    const said = typeof body["msg"] === "string" && body["msg"] !== "" ? body["msg"] : `status ${response.status}`;
    const code = typeof body["code"] === "string" ? ` (${body["code"]})` : "";
    const after = Number(response.headers.get("retry-after") ?? body["retry-after"] ?? Number.NaN);
    const limited = response.status === 429 && after >= 0 && after <= MAX_RETRY_AFTER_S;
    return { body, fault: redacted(`${said}${code}`, settings.key), retry_after: limited ? after : null };
  } catch (error) {
    if (outer.aborted) return failed("stopped");
    if (error instanceof Error && error.name === "TimeoutError") return failed(`Zulip did not answer within ${LIMIT_MS / 1_000} s`);
    return failed("Zulip cannot be reached");
  }
}

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>> | null> {
  const bytes = await boundedBytes(response, MAX_ANSWER_BYTES);
  try {
    const value: unknown = JSON.parse(bytes?.toString("utf8") ?? "");
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

interface Credentials {
  readonly site: string;
  readonly email: string;
  readonly key: string;
  readonly warnings: readonly string[];
}

/** A text says what is wrong. */
function credentials(env: Environment, home: string): Credentials | string | null {
  const [site, email, key] = ["ZULIP_SITE", "ZULIP_BOT_EMAIL", "ZULIP_BOT_API_KEY"].map((name) => text(env, name));
  if (site && email && key) return { site, email, key, warnings: [] };
  const named = text(env, "ZULIPRC_PATH");
  const path = named === null ? join(home, ".zuliprc") : named.replace(/^~(?=\/)/, home);
  if (!existsSync(path)) {
    if (named !== null) return `${path} does not exist`;
    return site || email || key ? "ZULIP_SITE, ZULIP_BOT_EMAIL and ZULIP_BOT_API_KEY belong together" : null;
  }
  if (!statSync(path).isFile()) return `${path} is no file`;
  const profile = text(env, "ZULIP_PROFILE") ?? "api";
  const values = profileOf(readFileSync(path, "utf8"), profile);
  const { site: fileSite, email: fileEmail, key: fileKey } = values;
  if (!fileSite || !fileEmail || !fileKey) return `${path} has no profile [${profile}] with email, key and site`;
  const open = (statSync(path).mode & 0o077) !== 0;
  return { site: fileSite, email: fileEmail, key: fileKey, warnings: open ? [`others may read ${path}; chmod 600 closes it`] : [] };
}

function profileOf(ini: string, profile: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  let within = false;
  for (const line of ini.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) within = section.trim() === profile;
    const [, key, value] = /^\s*([\w-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (within && key !== undefined && value !== undefined) values[key] = value;
  }
  return values;
}

function siteOf(site: string): string | null {
  const url = URL.canParse(site) ? new URL(site) : null;
  if (url === null || (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.has(url.hostname)))) return null;
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** A JSON list of ids and addresses; a plain text is one address. */
function recipients(to: string): string {
  try {
    const value: unknown = JSON.parse(to);
    if (Array.isArray(value)) return to;
    if (typeof value === "number") return JSON.stringify([value]);
  } catch {
    // One address, or several between commas.
  }
  return JSON.stringify(to.split(",").map((each) => each.trim()));
}

/** In characters, not in halves of them. */
function cut(content: string, most: number, mark: string): string {
  const characters = Array.from(content);
  return characters.length <= most ? content : characters.slice(0, most - Array.from(mark).length).join("") + mark;
}

function redacted(said: string, key: string): string {
  return said.replaceAll(key, "<redacted>").slice(0, 300);
}

function text(env: Environment, name: string): string | null {
  const value = env[name];
  return value === undefined || value === "" ? null : value;
}
