/**
 * The routes of `loopx serve-status` (CMD-122 to CMD-130): Host, Origin, route, method, flag, token, content type, size and
 * JSON, in this order; the first that fails answers. No answer carries a CORS header, and what a write does is core's to judge.
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
  type RawRequest,
} from "@loopx/core/domain";
import { addressOf, boundedBytes, rawRequest, type Bindings } from "../http/index.ts";
import { errorAnswer, headersOf, jsonAnswer, thrownAnswer, type WindowAnswer } from "./answer.ts";
import type { PageFiles } from "./page-files.ts";

/** As many bytes a write may have (REL-106). */
export const BODY_LIMIT = 64_000;

/** Which writes the server was started with. */
export interface Writes {
  readonly reward: boolean;
  readonly gate: boolean;
  readonly control_plane: boolean;
}

/** What the routes stand on. */
export interface RoutesGround {
  readonly page: PageFiles;
  readonly reads: Readonly<Record<string, (query: URLSearchParams) => Promise<WindowAnswer>>>;
  /** One goal, by the id in its address. */
  readonly goal: (goal_id: string, query: URLSearchParams) => Promise<WindowAnswer>;
  readonly writes: Readonly<Record<string, { readonly enabled: boolean; readonly act: (body: JsonObject) => Promise<WindowAnswer> }>>;
  /** What `/` says to a program. */
  readonly capabilities: () => WindowAnswer;
  readonly hosts: () => readonly string[];
  readonly isToken: (given: string) => boolean;
  readonly require_token: boolean;
  readonly monotonicMs: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Hears what went wrong and was answered as `internal`. */
  readonly onFault: (error: unknown) => void;
}

type Env = { Bindings: Bindings };

interface Route {
  readonly method: "GET" | "POST";
  /** Without content: it is open also where every other route wants the token. */
  readonly open?: true;
  readonly disabled?: true;
  readonly answer: (request: Request, headers: RawHeaders) => Promise<WindowAnswer>;
}

const GOAL_ROUTE = /^\/goals\/([A-Za-z0-9][A-Za-z0-9._-]{0,79})\.json$/;

/** The application. */
export function windowRoutes(ground: RoutesGround): Hono<Env> {
  const app = new Hono<Env>();
  let failures: Failures = new Map();
  const unauthorized = async (context: Context<Env>): Promise<WindowAnswer> => {
    const [address, now_ms] = [addressOf(context.env), ground.monotonicMs()];
    const wait = delayMs(failures, address, now_ms);
    failures = afterFailure(failures, address, now_ms);
    if (wait > 0) await ground.pause(wait, context.req.raw.signal);
    return errorAnswer("unauthorized");
  };
  app.all("*", async (context) => respond(await answerOf(ground, context, unauthorized)));
  app.onError((error) => {
    ground.onFault(error);
    return respond(errorAnswer("internal"));
  });
  return app;
}

function respond(answer: WindowAnswer): Response {
  return new Response(answer.body, { status: answer.status, headers: headersOf(answer) });
}

async function answerOf(
  ground: RoutesGround,
  context: Context<Env>,
  unauthorized: (context: Context<Env>) => Promise<WindowAnswer>,
): Promise<WindowAnswer> {
  const request = rawRequest(context.env);
  const { path, query } = targetOf(request.target);
  const route = routeOf(ground, path, new URLSearchParams(query), request.headers);
  const refused = turnedAway(request, route, ground.hosts());
  if (refused !== null || route === null) return refused ?? errorAnswer("not_found");
  if (route.disabled === true) return errorAnswer("write_disabled");
  if (route.open !== true && (route.method === "POST" || ground.require_token)) {
    const token = givenToken(request.headers, null);
    if (token === null || !ground.isToken(token)) return unauthorized(context);
  }
  if (route.method === "POST" && !isJsonType(request.headers)) return errorAnswer("unsupported_media_type");
  try {
    return await route.answer(context.req.raw, request.headers);
  } catch (error) {
    const answer = thrownAnswer(error);
    if (answer.status === 500 && !isGone(error)) ground.onFault(error);
    return answer;
  }
}

/** The client left in the middle of its body: nobody hears the answer, and nothing is wrong here. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}

/** The refusals that need nothing but the request's first lines. */
function turnedAway(request: RawRequest, route: Route | null, hosts: readonly string[]): WindowAnswer | null {
  const methods = route === null ? null : route.method === "GET" ? ["GET", "HEAD"] : ["POST"];
  const refused = guardRequest(request, { methods, hosts });
  switch (refused?.kind) {
    case undefined:
      return null;
    case "malformed":
      return errorAnswer("usage", "the request is malformed", "one Host, one length, a path of this server");
    case "method_not_allowed":
      return { ...errorAnswer("method_not_allowed"), allow: refused.allow };
    case "not_found":
    case "host_refused":
    case "origin_refused":
      return errorAnswer(refused.kind);
  }
}

function routeOf(ground: RoutesGround, path: string, query: URLSearchParams, headers: RawHeaders): Route | null {
  if (path === "/healthz") return { method: "GET", open: true, answer: async () => jsonAnswer({ ok: true }) };
  if (path === "/" && wantsJson(headers)) return { method: "GET", answer: async () => ground.capabilities() };
  const file = ground.page.get(path);
  // The page holds nothing; its script asks with the token.
  if (file !== undefined) return { method: "GET", open: true, answer: async () => file };
  const read = Object.hasOwn(ground.reads, path) ? ground.reads[path] : undefined;
  if (read !== undefined) return { method: "GET", answer: async () => read(query) };
  const goal_id = GOAL_ROUTE.exec(path)?.[1];
  if (goal_id !== undefined) return { method: "GET", answer: async () => ground.goal(goal_id, query) };
  const write = Object.hasOwn(ground.writes, path) ? ground.writes[path] : undefined;
  if (write === undefined) return null;
  const act = async (request: Request, sent: RawHeaders): Promise<WindowAnswer> => {
    const bytes = (claimedLength(sent) ?? 0) <= BODY_LIMIT ? await boundedBytes(request, BODY_LIMIT) : null;
    if (bytes === null) return errorAnswer("too_large", `the body has more than ${BODY_LIMIT} bytes`, "send less");
    const body = readJsonBody(bytes);
    return body === null ? errorAnswer("invalid_value", "the body is no plain JSON object", "send one JSON object") : write.act(body);
  };
  return { method: "POST", ...(write.enabled ? {} : { disabled: true as const }), answer: act };
}

function wantsJson(headers: RawHeaders): boolean {
  return valuesOf(headers, "accept").some((value) => value.includes("application/json"));
}
