/** What the variables say about the server (LRK-89, LRK-94): unsafe ones do not start. A fault names the variable, never its value. */
import type { CallbackKeys } from "@loopx/lark-card/crypto";
import {
  allowedChats,
  larkBaseUrl,
  larkIdentity,
  listOf,
  value,
  wrong,
  type NotifySettings,
  type Variables,
} from "../../notify/settings.ts";
import { readSecret, settingsOf } from "../notify/open.ts";
import type { Listener } from "./long-connection.ts";

const TOKEN_LENGTH = 16;
const KEY_LENGTH = 8;
const OPEN_ID = /^ou_[\w-]{1,64}$/;
/** The SDK connects for no other id, and says nothing about it. */
const APP_ID = /^cli_[0-9a-fA-F]{16}$/;

/** How presses come: not at all, as requests to us, or by a connection that we open. */
export type EventSettings =
  | { readonly kind: "off" }
  | { readonly kind: "http"; readonly keys: CallbackKeys }
  | { readonly kind: "ws"; readonly listener: Listener };

export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly chats: readonly string[];
  readonly events: EventSettings;
  readonly operators: readonly string[];
  readonly token: string | null;
  readonly notify: NotifySettings;
}

/** The settings, or the first variable that is wrong. */
export function serveSettings(env: Variables, home: string): ServeSettings {
  const host = value(env, "LARK_SERVE_HOST") ?? "127.0.0.1";
  const port = Number(value(env, "LARK_SERVE_PORT") ?? "8082");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw wrong("LARK_SERVE_PORT", "is a port");
  const token = value(env, "LARK_SEND_TOKEN") ?? null;
  if (token !== null && token.length < TOKEN_LENGTH) throw wrong("LARK_SEND_TOKEN", `has ${TOKEN_LENGTH} characters or more`);
  if (!["127.0.0.1", "::1", "localhost"].includes(host) && token === null)
    throw wrong("LARK_SERVE_HOST", "is not this machine alone, so LARK_SEND_TOKEN has to be set");
  const operators = listOf(env, "LARK_GATE_OPERATORS");
  if (operators.some((id) => !OPEN_ID.test(id))) throw wrong("LARK_GATE_OPERATORS", "is a comma list of open ids (ou_…)");
  const events = eventSettings(env, operators);
  return { host, port, chats: allowedChats(env), events, operators, token, notify: settingsOf(env, home) };
}

function eventSettings(env: Variables, operators: readonly string[]): EventSettings {
  const kind = value(env, "LARK_EVENTS") ?? "off";
  if (kind === "off") return { kind };
  if (kind !== "http" && kind !== "ws") throw wrong("LARK_EVENTS", "is off, http or ws");
  const keyOf = (name: string): string => {
    const key = value(env, name) ?? "";
    if (key.length < KEY_LENGTH) throw wrong(name, `has to be set, with ${KEY_LENGTH} characters or more, for LARK_EVENTS=${kind}`);
    return key;
  };
  const encrypt_key = kind === "http" ? keyOf("LARK_ENCRYPT_KEY") : "";
  const verification_token = keyOf("LARK_VERIFICATION_TOKEN");
  if (operators.length === 0)
    throw wrong("LARK_GATE_OPERATORS", `names nobody, so nobody could decide; it has to be set for LARK_EVENTS=${kind}`);
  const identity = larkIdentity(env, readSecret);
  if (identity === null) throw wrong("LARK_APP_ID", `has to be set with its secret for LARK_EVENTS=${kind}`);
  if (kind === "http") return { kind, keys: { encrypt_key, verification_token, app_id: identity.app_id } };
  if (!APP_ID.test(identity.app_id)) throw wrong("LARK_APP_ID", "is cli_ and 16 hex digits for LARK_EVENTS=ws");
  return { kind, listener: { ...identity, base_url: larkBaseUrl(env), verification_token } };
}
