/**
 * Looper's routes (LPR-10 to LPR-14): path and method, Host, Origin, content type, token, size, JSON, fields, in this order;
 * the first that fails answers. What may be asked of a run is the service's to judge.
 */
import { Hono, type Context } from "hono";
import type { JsonObject } from "@loopx/core/domain";
import {
  addressOf,
  afterFailure,
  claimedLength,
  delayMs,
  givenToken,
  isForeignHost,
  isForeignOrigin,
  isJson,
  rawHeaders,
  readBody,
  valuesOf,
  type Bindings,
  type Failures,
  type RawHeaders,
} from "@loopx/cli/http";
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
  readonly digest: (text: string) => string;
  readonly requestId: () => string;
  readonly timing: Timing;
  readonly log: Log;
}

type Env = { Bindings: Bindings };
type Route = {
  readonly pattern: RegExp;
  readonly methods: Readonly<Record<string, (call: Call) => Promise<HttpAnswer>>>;
  readonly open?: true;
};

interface Call {
  readonly ground: ServerGround;
  readonly request: Request;
  readonly headers: RawHeaders;
  readonly request_id: string;
  readonly found: RegExpExecArray;
}

const OWN_TOKEN_HEADER = "x-looper-token";
const MAX_KEY = 200;
const NOT_FOUND = refusalAnswer({ status: 404, error: "not found", code: "not_found" });
const RUN_ID = "(run_[0-9a-f]{16})";

const ROUTES: readonly Route[] = [
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
  app.all("*", async (context) => {
    const request_id = ground.requestId();
    const { method, path } = context.req;
    ground.log("DEBUG", "http.start", { request_id, method, path });
    const refused = async (): Promise<HttpAnswer> => {
      const address = addressOf(context.env);
      const now_ms = ground.timing.monotonicMs();
      const wait = delayMs(failures, address, now_ms);
      failures = afterFailure(failures, address, now_ms);
      if (wait > 0) await ground.timing.pause(wait, context.req.raw.signal);
      return refusalAnswer({ status: 401, error: "unauthorized", code: "unauthorized" });
    };
    const answer = await answerOf(ground, context, request_id, refused);
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

type Page = { readonly page: string };

async function answerOf(
  ground: ServerGround,
  context: Context<Env>,
  request_id: string,
  unauthorized: () => Promise<HttpAnswer>,
): Promise<HttpAnswer | (HttpAnswer & Page)> {
  const { method, path } = context.req;
  const headers = rawHeaders(context.env);
  const isPage = path === "/";
  const route = ROUTES.find(({ pattern }) => pattern.test(path));
  if (route === undefined && !isPage) return NOT_FOUND;
  const allowed = isPage ? ["GET"] : Object.keys(route?.methods ?? {});
  if (!allowed.includes(method))
    return {
      ...refusalAnswer({ status: 405, error: "method not allowed", code: "method_not_allowed" }),
      allow: allowed.join(", "),
    } as HttpAnswer;
  const hosts = ground.hosts();
  if (isForeignHost(headers, hosts)) return refusalAnswer({ status: 421, error: "host not allowed", code: "host_refused" });
  if (isForeignOrigin(headers, hosts)) return refusalAnswer({ status: 403, error: "origin not allowed", code: "origin_refused" });
  if (isPage) return { status: 200, body: {}, page: LOOPER_PAGE };
  // A stop carries nothing; its body is not read.
  if (method === "POST" && !isJson(headers) && path === "/run")
    return refusalAnswer({ status: 415, error: "content type must be application/json", code: "bad_content_type" });
  if (route?.open !== true) {
    const token = givenToken(headers, OWN_TOKEN_HEADER);
    if (token === null || !ground.isToken(token)) return unauthorized();
  }
  const found = route?.pattern.exec(path);
  const act = route?.methods[method];
  if (!found || act === undefined) return NOT_FOUND;
  return act({ ground, request: context.req.raw, headers, request_id, found });
}

function respond(context: Context<Env>, answer: HttpAnswer | (HttpAnswer & Page), request_id: string): Response {
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-request-id": request_id,
    ...("allow" in answer && typeof answer.allow === "string" ? { allow: answer.allow } : {}),
    // The rest of a body that nobody will read.
    ...(answer.status === 413 ? { connection: "close" } : {}),
  };
  if ("page" in answer) {
    const policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    return context.body(answer.page, 200, { ...headers, "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
  }
  return context.body(`${JSON.stringify(answer.body)}\n`, answer.status as 200, {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-security-policy": "default-src 'none'",
  });
}

async function postRun({ ground, request, headers, request_id }: Call): Promise<HttpAnswer> {
  const tooLarge = refusalAnswer({ status: 413, error: "body too large", code: "too_large" });
  const badKey = (error: string): HttpAnswer => refusalAnswer({ status: 400, error, code: "bad_request" });
  if ((claimedLength(headers) ?? 0) > MAX_BODY_BYTES) return tooLarge;
  const bytes = await readBody(request, MAX_BODY_BYTES);
  if (bytes === null) return tooLarge;
  const text = decoded(bytes);
  const read = text === null ? null : readRequest(text);
  if (text === null || read === null) return refusalAnswer({ status: 400, error: "invalid JSON body", code: "bad_json" });
  if (read.kind === "refused") return refusalAnswer(read.refusal);
  const [key, ...more] = valuesOf(headers, "idempotency-key");
  if (more.length > 0 || (key !== undefined && !/^[\u0021-\u007e]+$/.test(key)))
    return badKey("'Idempotency-Key' must be one visible word");
  if (key !== undefined && key.length > MAX_KEY) return badKey("'Idempotency-Key' is too long");
  if (read.request.unknown_keys.length > 0) ground.log("INFO", "http.unknown_keys", { request_id, keys: [...read.request.unknown_keys] });
  const idempotency = key === undefined ? null : { key, body_sha256: ground.digest(text) };
  return ground.looper.run({ request: read.request, request_id, idempotency });
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function listRuns({ ground, request }: Call): Promise<HttpAnswer> {
  const text = new URL(request.url).searchParams.get("limit") ?? "20";
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  const refusal: Refusal = { status: 400, error: "'limit' must be from 1 to 200", code: "bad_request" };
  if (limit < 1 || limit > 200) return refusalAnswer(refusal);
  return { status: 200, body: { ok: true, runs: (await ground.runs()).slice(0, limit) } };
}

async function showRun({ ground, found }: Call): Promise<HttpAnswer> {
  const run = await runNamed(ground, found);
  return run === null ? NOT_FOUND : { status: 200, body: { ok: true, run } };
}

async function showLog({ ground, found }: Call): Promise<HttpAnswer> {
  const run = await runNamed(ground, found);
  return run === null ? NOT_FOUND : { status: 200, body: { ok: true, run_id: run.run_id, tail: ground.tail(run) } };
}

async function stopRun({ ground, found }: Call): Promise<HttpAnswer> {
  const run = await runNamed(ground, found);
  return run === null ? NOT_FOUND : ground.looper.stop(run.run_id);
}

async function runNamed(ground: ServerGround, found: RegExpExecArray): Promise<RunView | null> {
  return (await ground.runs()).find((run) => run.run_id === found[1]) ?? null;
}
