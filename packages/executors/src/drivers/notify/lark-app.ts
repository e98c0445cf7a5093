/**
 * Messages through a Lark app, by the platform's own SDK with our own eyes and hands: its words go nowhere (it prints on
 * stdout), and its requests go through ours, which end and follow no redirect (LRK-82). Loaded when first used.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Client } from "@larksuiteoapi/node-sdk";
import { toAppMessage, toReplyMessage, toTextMessage, toUpdateMessage } from "@loopx/lark-card";
import type { Attempt, Outgoing, Transport } from "../../notify/notice.ts";
import type { LarkApp } from "../../notify/settings.ts";
import { ask, wordsOf, type Answered } from "./request.ts";

const SDK = "@larksuiteoapi/node-sdk";
/** For requests that the SDK makes by itself. */
const REQUEST_LIMIT_MS = 10_000;

/** An answer that ends the SDK's work: it hands on whatever its HTTP instance gives it. */
class Ended extends Error {
  readonly answered: Answered;
  constructor(answered: Answered) {
    super("the request ended");
    this.answered = answered;
  }
}

/** A way to send through the app. */
export function larkApp(app: LarkApp): Transport {
  const tokens = new Map<string, unknown>();
  let client: Promise<Client> | null = null;
  return {
    driver: "lark_app",
    post: async (outgoing, signal) => {
      client ??= openClient(app, tokens);
      const opened = client;
      try {
        return attemptOf(await signals.run(signal, async () => asked(await opened, outgoing, app.chat_id)));
      } catch (error) {
        if (error instanceof Ended) return attemptOf(error.answered);
        client = null;
        return isMissing(error)
          ? { kind: "impossible", code: "sdk_missing", detail: `the driver lark_app needs ${SDK}: npm install -g ${SDK}` }
          : { kind: "impossible", code: "sdk_failed", detail: "Lark's SDK refused the message" };
      }
    },
    forgetToken: () => tokens.clear(),
  };
}

/** The signal of the message that a request is made for: the SDK has no place for one. */
const signals = new AsyncLocalStorage<AbortSignal>();

async function openClient(app: LarkApp, tokens: Map<string, unknown>): Promise<Client> {
  const sdk = await import("@larksuiteoapi/node-sdk");
  const silent = () => {};
  const request = async (options: Wanted): Promise<Answered> => {
    const url = new URL(options.url);
    for (const [name, value] of Object.entries(options.params ?? {})) url.searchParams.set(name, String(value));
    return ask({
      method: options.method ?? "GET",
      url: url.href,
      headers: { ...textsOf(options.headers ?? {}), "content-type": "application/json; charset=utf-8" },
      body: options.data === undefined ? null : JSON.stringify(options.data),
      signal: signals.getStore() ?? AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
  };
  const httpInstance = {
    request,
    post: async (url: string, data: unknown) => {
      const answered = await request({ url, method: "POST", data });
      if (answered.kind !== "answer" || answered.body?.["code"] !== 0) throw new Ended(answered);
      return answered.body;
    },
  };
  return new sdk.Client({
    appId: app.app_id,
    appSecret: app.app_secret,
    domain: app.base_url,
    logger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    loggerLevel: sdk.LoggerLevel.fatal,
    cache: {
      get: async (key) => tokens.get(String(key)),
      set: async (key, value) => tokens.set(String(key), value) === tokens,
    },
    httpInstance: httpInstance as never,
  });
}

interface Wanted {
  readonly url: string;
  readonly method?: string;
  readonly data?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

async function asked(client: Client, outgoing: Outgoing, chat_id: string): Promise<Answered> {
  const { content, uuid, reply_to, update_message_id } = outgoing;
  const { message } = client.im.v1;
  const handed = async (answer: Promise<unknown>): Promise<Answered> => (await answer) as Answered;
  if (content.kind === "card" && update_message_id !== null)
    return handed(message.patch(toUpdateMessage(content.card, { message_id: update_message_id })));
  if (reply_to !== null) {
    const text = content.kind === "card" ? null : toTextMessage(content.text, { receive_id: outgoing.chat_id ?? chat_id });
    const reply = content.kind === "card" ? toReplyMessage(content.card, { message_id: reply_to, uuid }) : null;
    const body = reply?.data ?? { msg_type: "text", content: text?.data.content ?? "", uuid };
    return handed(message.reply({ path: { message_id: reply_to }, data: { ...body } }));
  }
  const target = { receive_id: outgoing.chat_id ?? chat_id, uuid };
  const { params, data } = content.kind === "card" ? toAppMessage(content.card, target) : toTextMessage(content.text, target);
  return handed(message.create({ params, data }));
}

/** What came back, without anything of the request: its headers hold the token. */
function attemptOf(answered: Answered): Attempt {
  if (answered.kind !== "answer") return answered;
  const { status, body, retry_after_ms } = answered;
  const code = typeof body?.["code"] === "number" ? body["code"] : null;
  const inner = body?.["data"];
  const message_id = typeof inner === "object" && inner !== null && "message_id" in inner ? inner.message_id : null;
  return {
    kind: "answer",
    status,
    code,
    msg: wordsOf(body?.["msg"]),
    message_id: typeof message_id === "string" ? message_id : null,
    retry_after_ms,
  };
}

function textsOf(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}
