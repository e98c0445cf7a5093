/**
 * The routes of `lark serve` (LRK-90 to LRK-92): messages for those who have the token, and presses for the platform, which
 * proves itself by its signature. Everything else is answered politely and does nothing.
 */
import { Hono, type Context } from "hono";
import { verifyCallback, type CallbackKeys } from "@loopx/lark-card/crypto";
import {
  afterFailure,
  claimedLength,
  delayMs,
  givenToken,
  guardRequest,
  isJsonType,
  targetOf,
  type Failures,
  type RequestRefusal,
} from "@loopx/core/domain";
import { addressOf, ANSWER_HEADERS, boundedBytes, rawHeaders, rawRequest, type Bindings } from "@loopx/cli/http";
import { answerPress, type AnswerGround } from "../lark-gates/press-answer.ts";
import type { Sent } from "../notify/notice.ts";
import { readSendRequest } from "./send-request.ts";

const BODY_LIMIT = 65_536;
const BODY_MS = 2_000;
const SEND_MS = 25_000;
const QUEUE_FULL = 200;

/** What the routes stand on. */
export interface LarkServerGround extends AnswerGround {
  readonly hosts: () => readonly string[];
  readonly isToken: (given: string) => boolean;
  readonly chats: readonly string[];
  /** Null without callbacks: then that route is not there. */
  readonly keys: CallbackKeys | null;
  /** Hears that the platform has reached us. */
  readonly proven: () => Promise<void>;
  readonly newKey: () => string;
}

type Env = { Bindings: Bindings };
type Reply = { readonly status: number; readonly body: object | null; readonly allow?: string };

interface Route {
  readonly method: string;
  /** Called by the platform, from wherever it stands: its signature is its token (REL-133). */
  readonly signed?: true;
  readonly act: (context: Context<Env>) => Promise<Reply>;
}

const ERROR = (status: number, code: string, message: string): Reply => ({ status, body: { ok: false, error: { code, message } } });

/** The application. What goes wrong in it is answered as `internal`, and told to the log only. */
export function larkServer(ground: LarkServerGround): Hono<Env> {
  const app = new Hono<Env>();
  let failures: Failures = new Map();
  const unauthorized = async (context: Context<Env>): Promise<Reply> => {
    const [address, now_ms] = [addressOf(context.env), ground.timing.monotonicMs()];
    const wait = delayMs(failures, address, now_ms);
    failures = afterFailure(failures, address, now_ms);
    if (wait > 0) await ground.timing.pause(wait, context.req.raw.signal);
    return ERROR(401, "unauthorized", "send the token of this server as Authorization: Bearer");
  };
  const routes: Readonly<Record<string, Route>> = {
    "/health": { method: "GET", act: async () => ({ status: 200, body: { ok: true } }) },
    "/api/lark/send": { method: "POST", act: async (context) => send(ground, context, unauthorized) },
    ...(ground.keys === null
      ? {}
      : {
          "/api/lark/callback": { method: "POST", signed: true, act: async (context) => callback(ground, ground.keys, context) },
          "/lark/callback": { method: "POST", signed: true, act: async (context) => callback(ground, ground.keys, context) },
        }),
  };
  app.all("*", async (context) => {
    const request = rawRequest(context.env);
    const { path } = targetOf(request.target);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const hosts = route?.signed === true ? null : ground.hosts();
    const refused = guardRequest(request, { methods: route === undefined ? null : [route.method], hosts });
    if (refused !== null) return respond(context, turnedAway(refused));
    return respond(context, route === undefined ? ERROR(404, "not_found", "there is no such route") : await route.act(context));
  });
  app.onError((error, context) => {
    ground.log("internal", { error: error.name });
    return respond(context, ERROR(500, "internal", "something went wrong here"));
  });
  return app;
}

function turnedAway(refused: RequestRefusal): Reply {
  switch (refused.kind) {
    case "malformed":
      return ERROR(400, "bad_request", "the request is malformed");
    case "not_found":
      return ERROR(404, "not_found", "there is no such route");
    case "method_not_allowed":
      return { ...ERROR(405, "method_not_allowed", `this route knows ${refused.allow}`), allow: refused.allow };
    case "host_refused":
      return ERROR(421, "host_refused", "the Host header is not this server's");
    case "origin_refused":
      return ERROR(403, "origin_refused", "another origin asks");
  }
}

async function send(
  ground: LarkServerGround,
  context: Context<Env>,
  unauthorized: (context: Context<Env>) => Promise<Reply>,
): Promise<Reply> {
  const headers = rawHeaders(context.env);
  const token = givenToken(headers, null);
  if (token === null || !ground.isToken(token)) return unauthorized(context);
  if (!isJsonType(headers)) return ERROR(415, "unsupported_media_type", "the body is application/json");
  const bytes = await bodyOf(ground, context);
  if (bytes === null) return ERROR(413, "too_large", `the body has at most ${BODY_LIMIT} bytes`);
  const read = readSendRequest(bytes);
  if (read.kind === "refused") return ERROR(400, read.code, read.message);
  const { chat_id, text, card, uuid } = read.request;
  if (!ground.chats.includes(chat_id)) return ERROR(403, "chat_not_allowed", "the chat is not in LARK_ALLOWED_CHAT_IDS");
  if (ground.outbox.status().queued >= QUEUE_FULL) return ERROR(429, "busy", "too many messages are waiting");
  const key = `send|${uuid ?? ground.newKey()}|${chat_id}`;
  const pushed = ground.outbox.push({ key, level: "needs_person", text, chat_id, ...(card === null ? {} : { card }) });
  const sent = await ground.timing.within(SEND_MS, context.req.raw.signal, async () => pushed);
  return sent === null ? ERROR(504, "timeout", `no success within ${SEND_MS / 1_000} s`) : sentReply(sent, ground.outbox.status().driver);
}

function sentReply(sent: Sent, driver: string): Reply {
  if (sent.ok) return { status: 200, body: { ok: true, message_id: sent.message_id, driver } };
  return { status: 502, body: { ok: false, error: { code: "lark_failed", message: sent.detail, lark_code: sent.code } } };
}

async function callback(ground: LarkServerGround, keys: CallbackKeys | null, context: Context<Env>): Promise<Reply> {
  const raw = await bodyOf(ground, context);
  const verified = keys === null || raw === null ? null : verifyCallback(raw, rawHeaders(context.env), keys, ground.now());
  if (verified === null || !verified.ok) {
    const code = verified?.code ?? "too_large";
    ground.log("callback_refused", { code });
    return { status: code === "too_large" ? 413 : 401, body: null };
  }
  await ground.proven();
  if (verified.kind === "challenge") return { status: 200, body: { challenge: verified.challenge } };
  return { status: 200, body: await answerPress(ground, verified.body, verified.raw_sha256) };
}

/** The bytes, or null when there are too many of them or they take too long. */
async function bodyOf(ground: LarkServerGround, context: Context<Env>): Promise<Uint8Array | null> {
  if (!((claimedLength(rawHeaders(context.env)) ?? 0) <= BODY_LIMIT)) return null;
  return ground.timing.within(BODY_MS, context.req.raw.signal, async () => boundedBytes(context.req.raw, BODY_LIMIT));
}

function respond(context: Context<Env>, { status, body, allow }: Reply): Response {
  const headers = {
    ...ANSWER_HEADERS,
    ...(allow === undefined ? {} : { allow }),
    ...(status === 413 ? { connection: "close" } : {}),
  };
  if (body === null) return context.body(null, status as 401, headers);
  const policy = { "content-type": "application/json; charset=utf-8", "content-security-policy": "default-src 'none'" };
  return context.body(`${JSON.stringify(body)}\n`, status as 200, { ...headers, ...policy });
}
