/** The one typed error of the client (DSP-10): what a status means, and a message that holds no secret and no page of HTML. */
import type { ForgeFailure, ForgeFault } from "../../gitea/forge.ts";

const LONGEST_WORDS = 200;
const LONGEST_WAIT_MS = 60_000;

/** What went wrong before there was an answer, or with its form. */
export class TransportFault extends Error {
  readonly fault: Extract<ForgeFault, "network" | "timeout" | "bad_answer">;

  /** The answer had more bytes than are read. */
  readonly too_large: boolean;

  constructor(fault: TransportFault["fault"], message: string, { too_large }: { readonly too_large: boolean } = { too_large: false }) {
    super(message);
    this.fault = fault;
    this.too_large = too_large;
  }
}

/** A failed call. */
export function failure(
  fault: ForgeFault,
  message: string,
  status: number | null = null,
  retry_after_ms: number | null = null,
): ForgeFailure {
  return { kind: "failed", fault, status, message, retry_after_ms };
}

/** What an answer outside of 200 to 299 means; null for one inside. */
export function faultOf(status: number): ForgeFault | null {
  if (status >= 200 && status < 300) return null;
  if (status === 401) return "unauthorized";
  // 423: an archived repository.
  if (status === 403 || status === 423) return "forbidden";
  if (status === 404 || status === 410) return "not_found";
  if (status === 409 || status === 412) return "conflict";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  if (status >= 500) return "server";
  return status >= 400 ? "invalid" : "bad_answer";
}

/** The failure that an answer stands for: the server's own short message, without anything of ours in it (DSP-S3). */
export function failureOf(response: Response, body: unknown, secrets: readonly string[]): ForgeFailure | null {
  const fault = faultOf(response.status);
  if (fault === null) return null;
  const said = typeof body === "object" && body !== null && "message" in body ? wordsOf(body.message, secrets) : "";
  return failure(fault, said === "" ? `the server answered ${response.status}` : said, response.status, retryAfterMs(response.headers));
}

/** One line of at most 200 characters, with secrets and control characters taken out. */
export function wordsOf(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== "string") return "";
  const safe = secrets.filter((secret) => secret !== "").reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return safe
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, " ")
    .trim()
    .slice(0, LONGEST_WORDS);
}

/** Seconds, at most a minute of them (DSP-11); a date is not what these servers send. */
function retryAfterMs(headers: Headers): number | null {
  const given = headers.get("retry-after");
  const seconds = given === null || given.trim() === "" ? Number.NaN : Number(given);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, LONGEST_WAIT_MS) : null;
}
