/** Where notices go, read from variables (LRK-81, LRK-83, LRK-89). A fault names the variable and never its value. */
import { LoopxError } from "@loopx/core/domain";
import type { ZulipConfigured, ZulipSettings } from "../drivers/notify/zulip.ts";
import { NOTIFY_DRIVERS, type NotifyDriver } from "./notice.ts";

/** A Lark app, as its console shows it. */
export interface LarkApp {
  readonly app_id: string;
  readonly app_secret: string;
  readonly base_url: string;
  readonly chat_id: string;
}

/** A custom bot of one chat. Its address is a secret. */
export interface LarkWebhook {
  readonly url: string;
  readonly secret: string | null;
  readonly keyword: string | null;
}

/** The one driver that is used, with what it needs. */
export type NotifySettings =
  | { readonly driver: "lark_app"; readonly lark_app: LarkApp }
  | { readonly driver: "lark_webhook"; readonly lark_webhook: LarkWebhook }
  | { readonly driver: "zulip"; readonly zulip: ZulipSettings }
  | { readonly driver: "log" }
  | { readonly driver: "none" };

export type Variables = Readonly<Record<string, string | undefined>>;

const BASE_URLS = ["https://open.feishu.cn", "https://open.larksuite.com", "https://open.larkoffice.com"];
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
const CHAT_ID = /^oc_\w{1,64}$/;

/** What is read from files: the app's secret, and a Zulip profile. */
export interface SecretFiles {
  readonly readSecret: (file: string) => string;
  readonly readZulip: () => ZulipConfigured;
}

/** The settings: `wanted`, else the first that has everything it needs, else the log. */
export function notifySettings(env: Variables, files: SecretFiles, wanted?: NotifyDriver): NotifySettings {
  const named = wanted ?? value(env, "LOOPX_NOTIFY_DRIVER");
  if (named !== undefined && !NOTIFY_DRIVERS.some((driver) => driver === named))
    throw wrong("LOOPX_NOTIFY_DRIVER", `is one of ${NOTIFY_DRIVERS.join(", ")}`);
  if (named === "none" || named === "log") return { driver: named };
  const all: readonly (() => NotifySettings | null)[] = [() => larkApp(env, files.readSecret), () => larkWebhook(env), () => zulip(files)];
  for (const read of all) {
    const found = read();
    if (found !== null && (named === undefined || found.driver === named)) return found;
  }
  if (named !== undefined) throw wrong("LOOPX_NOTIFY_DRIVER", `names ${named}, whose variables are not all set`);
  return { driver: "log" };
}

/** The base of the platform's interfaces: one of the three clouds; plain http only on this machine. */
export function larkBaseUrl(env: Variables): string {
  const given = value(env, "LARK_BASE_DOMAIN")?.replace(/\/+$/, "") ?? "https://open.feishu.cn";
  if (BASE_URLS.includes(given) || LOOPBACK.test(given)) return given;
  throw wrong("LARK_BASE_DOMAIN", `is one of ${BASE_URLS.join(", ")}`);
}

/** The chats that may be written to: those that are listed, else the primary one (LRK-91). */
export function allowedChats(env: Variables): readonly string[] {
  const chats = listOf(env, "LARK_ALLOWED_CHAT_IDS");
  const primary = value(env, "PRIMARY_LARK_CHAT_ID");
  const all = chats.length > 0 ? chats : primary === undefined ? [] : [primary];
  if (all.some((chat) => !CHAT_ID.test(chat))) throw wrong("LARK_ALLOWED_CHAT_IDS", "is a comma list of chat ids (oc_…)");
  return all;
}

/** A variable that is set and not blank. */
export function value(env: Variables, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === undefined || text === "" ? undefined : text;
}

/** The parts of a comma list. */
export function listOf(env: Variables, name: string): readonly string[] {
  return (value(env, name) ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The refusal of a variable; its value is not told. */
export function wrong(name: string, what: string): LoopxError {
  return new LoopxError("config_invalid", `${name} ${what}`, { hint: `correct ${name}, or unset it`, details: { variable: name } });
}

/** The app's identity: its own variables, else those of the second bot of the source document. */
export function larkIdentity(
  env: Variables,
  readSecret: (file: string) => string,
): { readonly app_id: string; readonly app_secret: string } | null {
  const file = value(env, "LARK_APP_SECRET_FILE");
  const own = {
    app_id: value(env, "LARK_APP_ID"),
    app_secret: value(env, "LARK_APP_SECRET") ?? (file === undefined ? undefined : readSecret(file)),
  };
  const second = { app_id: value(env, "SECONDARY_LARK_APP_ID"), app_secret: value(env, "SECONDARY_LARK_APP_SECRET") };
  const { app_id, app_secret } = own.app_id !== undefined && own.app_secret !== undefined ? own : second;
  if (app_id === undefined || app_secret === undefined) return null;
  if (!/^[\w-]{1,64}$/.test(app_id)) throw wrong("LARK_APP_ID", "is an app id (cli_…)");
  return { app_id, app_secret };
}

function larkApp(env: Variables, readSecret: (file: string) => string): NotifySettings | null {
  const identity = larkIdentity(env, readSecret);
  const chat_id = value(env, "PRIMARY_LARK_CHAT_ID");
  if (identity === null || chat_id === undefined) return null;
  if (!CHAT_ID.test(chat_id)) throw wrong("PRIMARY_LARK_CHAT_ID", "is a chat id (oc_…)");
  return { driver: "lark_app", lark_app: { ...identity, chat_id, base_url: larkBaseUrl(env) } };
}

function larkWebhook(env: Variables): NotifySettings | null {
  const url = value(env, "LARK_WEBHOOK_URL");
  if (url === undefined) return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isKnown = parsed !== null && (BASE_URLS.includes(parsed.origin) || LOOPBACK.test(parsed.origin));
  if (!isKnown || !/^\/open-apis\/bot\/v2\/hook\/[\w-]+$/.test(parsed.pathname) || parsed.username !== "")
    throw wrong("LARK_WEBHOOK_URL", "is the address of a custom bot (…/open-apis/bot/v2/hook/…)");
  const lark_webhook = { url, secret: value(env, "LARK_WEBHOOK_SECRET") ?? null, keyword: value(env, "LARK_WEBHOOK_KEYWORD") ?? null };
  return { driver: "lark_webhook", lark_webhook };
}

function zulip({ readZulip }: SecretFiles): NotifySettings | null {
  const found = readZulip();
  if (found.kind === "faulty") throw wrong("ZULIP_*", `cannot be used: ${found.fault}`);
  return found.kind === "absent" ? null : { driver: "zulip", zulip: found.settings };
}
