/**
 * One request over the network, within the limits of DSP-11: 15 seconds to the last byte, 8 MiB, and redirects only within
 * the server's own origin, so that the token never goes elsewhere. It reads the whole answer; a 204 or 205 has no body here,
 * whatever was sent with it (DSP-S6).
 */
import type { Timing } from "../../scenario/run.ts";
import { TransportFault } from "./faults.ts";

const REQUEST_MS = 15_000;
const LARGEST_ANSWER = 8 * 1024 * 1024;
const MOST_REDIRECTS = 3;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Answers that the standard gives no body. */
const BODILESS: readonly number[] = [204, 205, 304];

/** Carries a request out; throws {@link TransportFault}. */
export type Transport = (request: Request) => Promise<Response>;

/** What a transport needs of its surroundings. */
export interface TransportGround {
  readonly origin: string;
  readonly timing: Pick<Timing, "within">;
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal;
}

/** A transport to one origin. */
export function transportTo({ origin, timing, signal }: TransportGround): Transport {
  return async (request) => {
    const body = request.body === null ? null : await request.text();
    const answer = await timing.within(REQUEST_MS, signal, async (limit) => following(request, body, origin, limit));
    if (answer !== null) return answer;
    throw signal.aborted
      ? new TransportFault("network", "the request was given up, because the program ends")
      : new TransportFault("timeout", `no answer within ${REQUEST_MS / 1_000} s`);
  };
}

async function following(request: Request, body: string | null, origin: string, signal: AbortSignal): Promise<Response | null> {
  let url = request.url;
  for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
    const answer = await once(url, request, body, signal);
    if (answer === null || !REDIRECTS.includes(answer.status)) return answer;
    url = nextOf(answer, url, origin, request.method);
  }
  throw new TransportFault("bad_answer", `more than ${MOST_REDIRECTS} redirects`);
}

/** Null: the limit came first. */
async function once(url: string, { method, headers }: Request, body: string | null, signal: AbortSignal): Promise<Response | null> {
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const text = BODILESS.includes(response.status) ? (await response.body?.cancel(), null) : await textOf(response);
    const whole = new Response(text, { status: response.status, headers: response.headers });
    // They speak of the bytes on the way; what reads this answer would believe them.
    for (const name of ["content-length", "content-encoding"]) whole.headers.delete(name);
    return whole;
  } catch (error) {
    if (error instanceof TransportFault) throw error;
    if (signal.aborted) return null;
    throw new TransportFault("network", `no answer (${codeOf(error)})`);
  }
}

/** Where a redirect leads, if it stays; a write is never sent a second time in another form. */
function nextOf(answer: Response, url: string, origin: string, method: string): string {
  const location = answer.headers.get("location") ?? "";
  const next = URL.canParse(location, url) ? new URL(location, url) : null;
  if (next === null) throw new TransportFault("bad_answer", "a redirect to nowhere");
  if (next.origin !== origin || next.username !== "" || next.password !== "")
    throw new TransportFault("bad_answer", "a redirect to another origin was not followed");
  if (method !== "GET" && answer.status !== 307 && answer.status !== 308)
    throw new TransportFault("bad_answer", `a redirect (${answer.status}) of a write was not followed`);
  return next.href;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > LARGEST_ANSWER)
      throw new TransportFault("bad_answer", `the answer is larger than ${LARGEST_ANSWER / 1024 / 1024} MiB`, { too_large: true });
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.message.slice(0, 60) : "unknown";
}
