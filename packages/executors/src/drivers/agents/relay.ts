/**
 * The way of an agent to its model, without the key (AGT-81): a server on this machine, for one run, with a token of its own.
 * What comes with that token goes on to the configured place with the true key, and nothing else does. The key is in no
 * answer, log or error; the token dies with the run.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ANSWER_HEADERS, boundedBytes, isSameToken, listen, rawHeaders, rawRequest, type Bindings } from "@loopx/cli/http";
import { givenToken, guardRequest, LoopxError, targetOf } from "@loopx/core/domain";
import type { Relay } from "./agent.ts";

const BODY_LIMIT = 64 * 1024 * 1024;
const KEY_LIMIT = 4_096;
const LIMITS = { headers_ms: 10_000, request_ms: 300_000, connections: 32, header_bytes: 65_536 };

/** What is forwarded, and nothing else. */
const ROUTES: Readonly<Record<string, string>> = {
  "/v1/responses": "POST",
  "/v1/chat/completions": "POST",
  "/v1/messages": "POST",
  "/v1/messages/count_tokens": "POST",
  "/v1/models": "GET",
};
/** Of the connection to us, or of the client's own proof. */
const OWN_HEADERS = new Set(
  "host connection keep-alive transfer-encoding content-length authorization x-api-key cookie proxy-authorization te trailer upgrade expect".split(
    " ",
  ),
);
const KEPT_BACK = new Set("connection keep-alive transfer-encoding content-length content-encoding set-cookie trailer upgrade".split(" "));

/** Tells the server that the answer has gone out already: it would buffer, and print what breaks off. */
const SENT = { headers: { "x-hono-already-sent": "true" } };

/** Where the model is, and the key to it. */
export interface ModelAccess {
  readonly base_url: string;
  readonly key: string;
}

/** One line about one request; nothing of its headers or body. */
export interface RelayLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly ms: number;
}

/** A relay that runs. */
export interface OpenRelay extends Relay {
  close(): Promise<void>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The key and the place that the variables name. A fault names the variable, never its value. */
export function modelAccess(env: Variables): ModelAccess {
  const base_url = env["LOOPX_MODEL_BASE_URL"]?.trim().replace(/\/+$/, "") ?? "";
  const url = URL.canParse(base_url) ? new URL(base_url) : null;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname));
  if (url === null || !isSafe || url.username !== "" || url.search !== "")
    throw wrong("LOOPX_MODEL_BASE_URL", "is the https address of the model's server");
  const file = env["LOOPX_MODEL_KEY_FILE"]?.trim() ?? "";
  const key = file === "" ? (env["LOOPX_MODEL_KEY"]?.trim() ?? "") : keyIn(file);
  if (key === "" || key.length > KEY_LIMIT || /\s/.test(key))
    throw wrong(file === "" ? "LOOPX_MODEL_KEY" : "LOOPX_MODEL_KEY_FILE", "has to give one key, for credentials: relay");
  return { base_url, key };
}

/** Opens a relay for one run. `log` hears of each request once its answer is over. */
export async function openRelay(access: ModelAccess, log: (line: RelayLine) => void): Promise<OpenRelay> {
  // Worth nothing anywhere else, and nothing after the run.
  const made = randomBytes(32).toString("base64url");
  const over = new AbortController();
  let port = 0;
  const hosts = (): readonly string[] => ["127.0.0.1", "localhost"].map((name) => `${name}:${port}`);
  const listening = await listen(
    async (request, env) => {
      const [began, { path, query }] = [performance.now(), targetOf(rawRequest(env).target)];
      const told = (status: number, bytes: number): void =>
        log({ method: request.method, path, status, bytes, ms: Math.round(performance.now() - began) });
      const refusal = refusalOf(env, hosts(), made, path);
      const answered = refusal ?? (await forward(access, request, env, `${path}${query === "" ? "" : `?${query}`}`, over.signal));
      told(answered.status, await stream(answered, env.outgoing));
      return new Response(null, SENT);
    },
    { host: "127.0.0.1", port: 0 },
    LIMITS,
  );
  port = listening.port;
  return {
    port,
    token: made,
    close: async () => {
      await listening.close(0);
      over.abort();
    },
  };
}

function refusalOf(env: Bindings, hosts: readonly string[], token: string, path: string): Response | null {
  const method = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  const refused = guardRequest(rawRequest(env), { methods: method === undefined ? null : [method], hosts });
  if (refused !== null) return fault(refused.status, `${refused.kind}: this relay knows the model's own routes only`);
  const given = givenToken(rawHeaders(env), "x-api-key");
  return given !== null && isSameToken(given, token) ? null : fault(401, "the token is not the one of this run");
}

async function forward(
  { base_url, key }: ModelAccess,
  request: Request,
  env: Bindings,
  target: string,
  signal: AbortSignal,
): Promise<Response> {
  const body = request.method === "GET" ? null : await boundedBytes(request, BODY_LIMIT);
  if (body === null && request.method !== "GET") return fault(413, "the request is too large");
  const headers = new Headers();
  for (const [name, value] of rawHeaders(env)) if (!OWN_HEADERS.has(name)) headers.append(name, value);
  // Proven to the model as the client proved itself to us.
  if (request.headers.has("x-api-key")) headers.set("x-api-key", key);
  else headers.set("authorization", `Bearer ${key}`);
  try {
    const answer = await fetch(`${base_url}${pathBelow(base_url, target)}`, {
      method: request.method,
      headers,
      body,
      redirect: "manual",
      signal,
    });
    if (answer.status >= 300 && answer.status < 400) return fault(502, "the model's server redirects");
    const kept = [...answer.headers].filter(([name]) => !KEPT_BACK.has(name));
    return new Response(answer.body, { status: answer.status, headers: kept });
  } catch {
    return fault(502, "the model's server did not answer");
  }
}

/** A base that names its own version takes the place of ours: `…/api/v3` and `/v1/responses` are `…/api/v3/responses`. */
function pathBelow(base_url: string, target: string): string {
  return /\/v\d+[a-z]*\d*$/.test(base_url) ? target.replace(/^\/v1/, "") : target;
}

/** Sends the answer as it comes; one that breaks off is cut, so that nobody takes it for whole. Answers how many bytes went out. */
async function stream(answer: Response, outgoing: ServerResponse): Promise<number> {
  let bytes = 0;
  outgoing.writeHead(answer.status, { ...ANSWER_HEADERS, ...Object.fromEntries(answer.headers) });
  const body = answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body);
  body.on("data", (part: Buffer) => (bytes += part.length));
  await pipeline(body, outgoing).catch(() => {});
  return bytes;
}

/** In a form that the clients of both kinds read. */
function fault(status: number, message: string): Response {
  return Response.json({ type: "error", error: { type: "loopx_relay", message } }, { status });
}

function keyIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function wrong(name: string, what: string): LoopxError {
  return new LoopxError("config_invalid", `${name} ${what}`, { hint: `set ${name}`, details: { variable: name } });
}
