/**
 * The routes of `lark serve` (LRK-90 to LRK-92): messages for those who have the token, and presses for the platform, which
 * proves itself by its signature. Everything else is answered politely and does nothing.
 */
import { Hono, type Context } from "hono";
import { parseCardAction } from "@loopx/lark-card";
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
  type Moment,
  type RequestRefusal,
} from "@loopx/core/domain";
import { addressOf, ANSWER_HEADERS, boundedBytes, rawHeaders, rawRequest, type Bindings } from "@loopx/cli/http";
import { BEING_RECORDED, RECORDED, REFUSED } from "../lark-gates/sentences.ts";
import { closeCard, recordPress, resolvedCard, takePress, type PressGround } from "../lark-gates/press.ts";
import type { Sent } from "../notify/notice.ts";
import type { Timing } from "../scenario/run.ts";
import { readSendRequest } from "./send-request.ts";

const BODY_LIMIT = 65_536;
const BODY_MS = 2_000;
const SEND_MS = 25_000;
/** The platform waits 3 s; the answer leaves before. */
const RECORD_MS = 2_000;
const QUEUE_FULL = 200;

/** One line of the log of the server; nothing in it is secret. */
export type LogLine = (event: string, fields: Readonly<Record<string, string | number>>) => void;

/** What the routes stand on. */
export interface LarkServerGround extends PressGround {
  readonly hosts: () => readonly string[];
  readonly isToken: (given: string) => boolean;
  readonly chats: readonly string[];
  /** Null without callbacks: then that route is not there. */
  readonly keys: CallbackKeys | null;
  /** Hears that the platform has reached us. */
  readonly proven: () => Promise<void>;
  readonly newKey: () => string;
  readonly timing: Timing;
  readonly log: LogLine;
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
  const now = ground.now();
  const verified = keys === null || raw === null ? null : verifyCallback(raw, rawHeaders(context.env), keys, now);
  if (verified === null || !verified.ok) {
    const code = verified?.code ?? "too_large";
    ground.log("callback_refused", { code });
    return { status: code === "too_large" ? 413 : 401, body: null };
  }
  await ground.proven();
  if (verified.kind === "challenge") return { status: 200, body: { challenge: verified.challenge } };
  const read = parseCardAction(verified.body, { raw_sha256: verified.raw_sha256 });
  if (!read.ok) return refusedPress(ground, read.code, "en");
  const taken = await takePress(ground, read.action);
  if (taken.kind === "refused") return refusedPress(ground, taken.code, taken.locale);
  return recorded(ground, taken.nonce_sha256, taken.gate, now);
}

function refusedPress(ground: LarkServerGround, code: keyof typeof REFUSED, locale: "en" | "zh"): Reply {
  ground.log("press_refused", { code });
  return { status: 200, body: { toast: { type: "error", content: REFUSED[code][locale]() } } };
}

/** The record, if it stands in time; else the word that it will, and the card afterwards (LRK-92). */
async function recorded(
  ground: LarkServerGround,
  nonce_sha256: string,
  gate: Parameters<typeof recordPress>[2],
  now: Moment,
): Promise<Reply> {
  const { decision, locale } = gate;
  const recording = recordPress(ground, nonce_sha256, gate).catch((error: unknown) => {
    // The gate stays `deciding`: the next look at the gates tries again.
    ground.log("record_failed", { goal_id: gate.goal_id, error: error instanceof Error ? error.name : "unknown" });
    return null;
  });
  const settled = await ground.timing.within(RECORD_MS, new AbortController().signal, async () => recording);
  if (settled === null) {
    void recording.then(async (late) => (late === null ? undefined : closeCard(ground, nonce_sha256, late)));
    return { status: 200, body: { toast: { type: "info", content: BEING_RECORDED[locale]() } } };
  }
  ground.log("press_recorded", { goal_id: gate.goal_id, decision: decision ?? "", at_ms: now.ms });
  const word = decision === null || decision === "expired" || decision === "superseded" ? BEING_RECORDED : RECORDED[decision];
  return { status: 200, body: { toast: { type: "success", content: word[locale]() }, card: { type: "raw", data: resolvedCard(settled) } } };
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
