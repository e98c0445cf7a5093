/**
 * Presses by the platform's own long connection (LRK-94): this machine calls Lark, so nothing has to reach it. The SDK proves
 * itself by the app's secret when it connects; whatever comes is then asked for our token and app, and everything that is no
 * press of a card is dropped: this is no door for chats.
 */
import { isJsonObject, LoopxError } from "@loopx/core/domain";
import type { EventDispatcher, WSClient } from "@larksuiteoapi/node-sdk";
import { answerPress, type AnswerGround } from "../../lark-gates/press-answer.ts";
import { ask } from "../notify/request.ts";
import { isSameToken } from "@loopx/cli/http";

const ENDPOINT_MS = 15_000;
const HANDSHAKE_MS = 10_000;
const PONG_SECONDS = 20;

/** The app that listens. */
export interface Listener {
  readonly app_id: string;
  readonly app_secret: string;
  readonly base_url: string;
  readonly verification_token: string;
}

/** A connection that the SDK keeps up. */
export interface LongConnection {
  isReady(): boolean;
  /** Begins anew after the SDK has given up; harmless otherwise. */
  revive(): Promise<void>;
  close(): void;
}

/** Connects; `changed` hears when presses begin and cease to arrive. */
export async function openLongConnection(
  listener: Listener,
  ground: AnswerGround,
  changed: (ready: boolean) => void,
): Promise<LongConnection> {
  const sdk = await loadSdk();
  const silent = () => {};
  const client: WSClient = new sdk.WSClient({
    appId: listener.app_id,
    appSecret: listener.app_secret,
    domain: listener.base_url,
    logger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    loggerLevel: sdk.LoggerLevel.fatal,
    httpInstance: { request: endpoint } as never,
    handshakeTimeoutMs: HANDSHAKE_MS,
    wsConfig: { pingTimeout: PONG_SECONDS },
    onReady: () => changed(true),
    onReconnected: () => changed(true),
    onReconnecting: () => changed(false),
    onError: () => {
      ground.log("connection_failed", {});
      changed(false);
    },
  });
  const invoke = async (body: unknown): Promise<object | null> => hear(listener, ground, body);
  const start = (): Promise<void> => client.start({ eventDispatcher: { invoke } as unknown as EventDispatcher });
  await start();
  return {
    isReady: () => client.getConnectionStatus().state === "connected",
    revive: async () => (client.getConnectionStatus().state === "failed" ? start() : undefined),
    close: () => client.close({ force: true }),
  };
}

/** The answer to what came; null for what is not for us. */
export async function hear(
  { app_id, verification_token }: Pick<Listener, "app_id" | "verification_token">,
  ground: AnswerGround,
  body: unknown,
): Promise<object | null> {
  const header = isJsonObject(body) && isJsonObject(body["header"]) ? body["header"] : {};
  if (header["event_type"] !== "card.action.trigger") return null;
  const { token } = header;
  const isOurs = typeof token === "string" && isSameToken(token, verification_token);
  const code = !isOurs ? "bad_token" : header["app_id"] !== app_id ? "bad_app" : null;
  if (code === null) return answerPress(ground, body);
  ground.log("callback_refused", { code });
  return null;
}

async function loadSdk() {
  try {
    return await import("@larksuiteoapi/node-sdk");
  } catch (error) {
    throw new LoopxError("config_invalid", "LARK_EVENTS=ws needs the platform's SDK", {
      hint: "npm install -g @larksuiteoapi/node-sdk",
      details: { variable: "LARK_EVENTS" },
      cause: error,
    });
  }
}

interface Wanted {
  readonly url: string;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where to connect: asked of the platform with our own hands, so it ends, and follows no redirect. */
async function endpoint({ url, data, headers }: Wanted): Promise<unknown> {
  const answered = await ask({
    method: "POST",
    url,
    headers: { ...headers, "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(data ?? {}),
    signal: AbortSignal.timeout(ENDPOINT_MS),
  });
  if (answered.kind !== "answer" || answered.body === null) throw new Error("the platform named no endpoint");
  return answered.body;
}
