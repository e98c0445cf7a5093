/**
 * Looper's routes (LPR-10 to LPR-14): path and method, Host, Origin, content type, token, size, JSON, fields, in this order;
 * the first that fails answers. What may be asked of a run is the service's to judge.
 */
import { Hono, type Context } from "hono";
import {
  afterFailure,
  claimedLength,
  delayMs,
  givenToken,
  guardRequest,
  isJsonType,
  readJsonBody,
  targetOf,
  valuesOf,
  type Failures,
  type JsonObject,
  type RawHeaders,
} from "@loopx/core/domain";
import { addressOf, ANSWER_HEADERS, boundedBytes, rawRequest, type Bindings } from "@loopx/cli/http";
import type { Log } from "../drivers/looper/server-log.ts";
import type { Timing } from "../scenario/run.ts";
import { refusalAnswer, type HttpAnswer } from "./answers.ts";
import { LOOPER_PAGE } from "./page.ts";
import type { RunView } from "./records.ts";
import { MAX_BODY_BYTES, readRequest, type Refusal } from "./request.ts";
import type { Looper } from "./service.ts";

export interface ServerGround {
  readonly looper: Looper;
  readonly runs: () => Promise<readonly RunView[]>;
  /** The end of a run's log, for the page. */
  readonly tail: (run: RunView) => string;
  readonly status: () => Promise<JsonObject>;
  readonly hosts: () => readonly string[];
  readonly isToken: (given: string) => boolean;
  readonly digest: (bytes: Uint8Array) => string;
  readonly requestId: () => string;
  readonly timing: Timing;
  readonly log: Log;
}

type Env = { Bindings: Bindings };
/** An answer, and what it says beside its body. */
type Answer = HttpAnswer & { readonly page?: string; readonly allow?: string };

interface Route {
  readonly pattern: RegExp;
  readonly methods: Readonly<Record<string, (call: Call) => Promise<Answer>>>;
  /** Needs no token: it says nothing about anybody. */
  readonly open?: true;
}

interface Call {
  readonly ground: ServerGround;
  readonly query: string;
  readonly headers: RawHeaders;
  /** Of a POST; empty otherwise. */
  readonly body: Uint8Array;
  readonly request_id: string;
  /** The run that the path names. */
  readonly run_id: string;
}

const OWN_TOKEN_HEADER = "x-looper-token";
const MAX_KEY = 200;
const RUN_ID = "(run_[0-9a-f]{16})";
const NOT_FOUND = refusalAnswer({ status: 404, error: "not found", code: "not_found" });
const TOO_LARGE = refusalAnswer({ status: 413, error: "body too large", code: "too_large" });
const BAD_JSON = refusalAnswer({ status: 400, error: "invalid JSON body", code: "bad_json" });

const ROUTES: readonly Route[] = [
  { pattern: /^\/$/, methods: { GET: async () => ({ status: 200, body: {}, page: LOOPER_PAGE }) }, open: true },
  { pattern: /^\/health$/, methods: { GET: async () => ({ status: 200, body: { ok: true } }) }, open: true },
  { pattern: /^\/run$/, methods: { POST: postRun } },
  { pattern: /^\/runs$/, methods: { GET: listRuns } },
  { pattern: new RegExp(`^/runs/${RUN_ID}$`), methods: { GET: showRun } },
  { pattern: new RegExp(`^/runs/${RUN_ID}/log$`), methods: { GET: showLog } },
  { pattern: new RegExp(`^/runs/${RUN_ID}/stop$`), methods: { POST: stopRun } },
  { pattern: /^\/status$/, methods: { GET: async ({ ground }) => ({ status: 200, body: { ok: true, ...(await ground.status()) } }) } },
];

/** The application; whatever goes wrong in it is answered as `internal` and told only to the log. */
export function looperServer(ground: ServerGround): Hono<Env> {
  const app = new Hono<Env>();
  let failures: Failures = new Map();
  const unauthorized = async (context: Context<Env>): Promise<Answer> => {
    const [address, now_ms] = [addressOf(context.env), ground.timing.monotonicMs()];
    const wait = delayMs(failures, address, now_ms);
    failures = afterFailure(failures, address, now_ms);
    if (wait > 0) await ground.timing.pause(wait, context.req.raw.signal);
    return refusalAnswer({ status: 401, error: "unauthorized", code: "unauthorized" });
  };
  app.all("*", async (context) => {
    const request_id = ground.requestId();
    const { method } = context.req;
    ground.log("DEBUG", "http.start", { request_id, method, path: targetOf(context.env.incoming.url ?? "").path });
    const answer = await answerOf(ground, context, request_id, unauthorized);
    ground.log("DEBUG", "http.end", { request_id, status: answer.status });
    return respond(context, answer, request_id);
  });
  app.onError((error, context) => {
    const request_id = ground.requestId();
    ground.log("ERROR", "run.fail", { request_id, error: error.message, stack: error.stack ?? "" });
    return respond(context, refusalAnswer({ status: 500, error: "internal error", code: "internal" }), request_id);
  });
  return app;
}

async function answerOf(
  ground: ServerGround,
  context: Context<Env>,
  request_id: string,
  unauthorized: (context: Context<Env>) => Promise<Answer>,
): Promise<Answer> {
  const request = rawRequest(context.env);
  const { method, headers } = request;
  const { path, query } = targetOf(request.target);
  const route = ROUTES.find(({ pattern }) => pattern.test(path));
  const refused = turnedAway(request, route, ground.hosts());
  if (refused !== null) return refused;
  if (method === "POST" && !isJsonType(headers))
    return refusalAnswer({ status: 415, error: "content type must be application/json", code: "bad_content_type" });
  if (route?.open !== true) {
    const token = givenToken(headers, OWN_TOKEN_HEADER);
    if (token === null || !ground.isToken(token)) return unauthorized(context);
  }
  const body = method === "POST" ? await bodyOf(context, headers) : new Uint8Array();
  if (body === null) return TOO_LARGE;
  const act = route?.methods[method];
  const run_id = route?.pattern.exec(path)?.[1] ?? "";
  return act === undefined ? NOT_FOUND : act({ ground, query, headers, body, request_id, run_id });
}

/** The refusals that need nothing but the request's first lines, in the words of the contract (LPR-11). */
function turnedAway(request: Parameters<typeof guardRequest>[0], route: Route | undefined, hosts: readonly string[]): Answer | null {
  const refused = guardRequest(request, { methods: route === undefined ? null : Object.keys(route.methods), hosts });
  switch (refused?.kind) {
    case undefined:
      return null;
    case "malformed":
      return refusalAnswer({ status: 400, error: "malformed request", code: "bad_request" });
    case "not_found":
      return NOT_FOUND;
    case "method_not_allowed":
      return { ...refusalAnswer({ status: 405, error: "method not allowed", code: "method_not_allowed" }), allow: refused.allow };
    case "host_refused":
      return refusalAnswer({ status: 421, error: "host not allowed", code: "host_refused" });
    case "origin_refused":
      return refusalAnswer({ status: 403, error: "origin not allowed", code: "origin_refused" });
  }
}

async function bodyOf(context: Context<Env>, headers: RawHeaders): Promise<Uint8Array | null> {
  return (claimedLength(headers) ?? 0) <= MAX_BODY_BYTES ? boundedBytes(context.req.raw, MAX_BODY_BYTES) : null;
}

function respond(context: Context<Env>, { status, body, page, allow }: Answer, request_id: string): Response {
  const headers: Record<string, string> = {
    ...ANSWER_HEADERS,
    "x-request-id": request_id,
    ...(allow === undefined ? {} : { allow }),
    // The rest of a body that nobody will read.
    ...(status === 413 ? { connection: "close" } : {}),
  };
  if (page !== undefined) {
    const policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    return context.body(page, 200, { ...headers, "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
  }
  return context.body(`${JSON.stringify(body)}\n`, status as 200, {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-security-policy": "default-src 'none'",
  });
}

async function postRun({ ground, body, headers, request_id }: Call): Promise<Answer> {
  const badKey = (error: string): Answer => refusalAnswer({ status: 400, error, code: "bad_request" });
  const read = readRequest(body);
  if (read.kind === "refused") return refusalAnswer(read.refusal);
  const [key, ...more] = valuesOf(headers, "idempotency-key");
  if (more.length > 0 || (key !== undefined && !/^[\u0021-\u007e]+$/.test(key)))
    return badKey("'Idempotency-Key' must be one visible word");
  if (key !== undefined && key.length > MAX_KEY) return badKey("'Idempotency-Key' is too long");
  if (read.request.unknown_keys.length > 0) ground.log("INFO", "http.unknown_keys", { request_id, keys: [...read.request.unknown_keys] });
  const idempotency = key === undefined ? null : { key, body_sha256: ground.digest(body) };
  return ground.looper.run({ request: read.request, request_id, idempotency });
}

async function listRuns({ ground, query }: Call): Promise<Answer> {
  const text = new URLSearchParams(query).get("limit") ?? "20";
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  const refusal: Refusal = { status: 400, error: "'limit' must be from 1 to 200", code: "bad_request" };
  if (limit < 1 || limit > 200) return refusalAnswer(refusal);
  return { status: 200, body: { ok: true, runs: (await ground.runs()).slice(0, limit) } };
}

async function showRun(call: Call): Promise<Answer> {
  const run = await runNamed(call);
  return run === null ? NOT_FOUND : { status: 200, body: { ok: true, run } };
}

async function showLog(call: Call): Promise<Answer> {
  const run = await runNamed(call);
  return run === null ? NOT_FOUND : { status: 200, body: { ok: true, run_id: run.run_id, tail: call.ground.tail(run) } };
}

/** A stop says nothing more: no body, or an object whose keys mean nothing. */
async function stopRun(call: Call): Promise<Answer> {
  if (call.body.length > 0 && readJsonBody(call.body) === null) return BAD_JSON;
  const run = await runNamed(call);
  return run === null ? NOT_FOUND : call.ground.looper.stop(run.run_id);
}

async function runNamed({ ground, run_id }: Call): Promise<RunView | null> {
  return (await ground.runs()).find((run) => run.run_id === run_id) ?? null;
}
