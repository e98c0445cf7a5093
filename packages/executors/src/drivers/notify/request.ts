/** One request to a platform: a limit on the answer, no redirects, and an outcome in place of an exception. */
import type { Attempt } from "../../notify/notice.ts";
import { boundedBytes } from "@loopx/cli/http";

const ANSWER_LIMIT = 1_048_576;
const WORDS_LIMIT = 200;
/** Faults of a connection that was never made. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** What is asked. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** The answer with its JSON object, or what went wrong; texts of errors name neither address nor header. */
export type Answered =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: Readonly<Record<string, unknown>> | null;
      readonly retry_after_ms: number | null;
    }
  | Extract<Attempt, { kind: "not_sent" | "unknown" }>;

/** Asks once. */
export async function ask({ method, url, headers, body, signal }: Request): Promise<Answered> {
  try {
    const response = await fetch(url, { method, headers: { ...headers }, body, redirect: "manual", signal });
    const bytes = await boundedBytes(response, ANSWER_LIMIT);
    if (bytes === null) throw new Error("the answer is too large");
    return {
      kind: "answer",
      status: response.status,
      body: objectOf(bytes.toString("utf8")),
      retry_after_ms: retryAfterMs(response.headers),
    };
  } catch (error) {
    const code = codeOf(error);
    return NOT_SENT.has(code)
      ? { kind: "not_sent", detail: `no connection (${code})` }
      : { kind: "unknown", detail: `no answer (${code})` };
  }
}

/** The first of a platform's words, on one line. */
export function wordsOf(text: unknown): string {
  return typeof text === "string" ? text.replace(/\s+/g, " ").slice(0, WORDS_LIMIT) : "";
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Seconds, as all of the platforms say it. */
function retryAfterMs(headers: Headers): number | null {
  const seconds = Number(headers.get("retry-after") ?? headers.get("x-ogw-ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown";
}
