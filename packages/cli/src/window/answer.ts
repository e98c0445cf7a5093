/** What a route of the operator's window answers, and the headers that go with every answer (REL-131). Pure. */
import { ERRORS, LoopxError, redact, type ErrorCode } from "@loopx/core/domain";
import { ANSWER_HEADERS } from "../http/index.ts";

/** A status with its body: JSON, or a file of the page. */
export interface WindowAnswer {
  readonly status: number;
  readonly type: "json" | "html" | "js" | "css" | "svg" | "text" | "events";
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly allow?: string;
  /** Changes when the body does. */
  readonly revision?: string;
}

/** Codes that only a server has (CMD section 1). */
const HTTP_ONLY = {
  unauthorized: {
    status: 401,
    message: "send the token of this server as Authorization: Bearer",
    hint: "loopx serve-status prints an address with it",
  },
  origin_refused: {
    status: 403,
    message: "another page may not ask this server",
    hint: "open the address that loopx serve-status printed",
  },
  not_found: { status: 404, message: "there is no such route", hint: "GET /" },
  method_not_allowed: { status: 405, message: "this route does not know that method", hint: "see the Allow header" },
  unsupported_media_type: { status: 415, message: "a write is application/json", hint: "Content-Type: application/json" },
  host_refused: { status: 421, message: "this server does not answer to that name", hint: "use 127.0.0.1 and its port" },
} as const;

/** A code of a server, or of the closed table. */
export type WindowErrorCode = keyof typeof HTTP_ONLY | ErrorCode;

const TYPES = {
  json: "application/json; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  text: "text/plain; charset=utf-8",
  events: "text/event-stream; charset=utf-8",
} as const;

/** The page loads its own files and nothing else; nobody may frame it. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function jsonAnswer(body: object, status = 200): WindowAnswer {
  return { status, type: "json", body: `${JSON.stringify(body)}\n` };
}

/** `{ok:false, error}` with the status that the code fixes. Paths of this machine do not leave it, not in a message either (REL-132). */
export function errorAnswer(code: WindowErrorCode, message?: string, hint?: string): WindowAnswer {
  const own = code in HTTP_ONLY ? HTTP_ONLY[code as keyof typeof HTTP_ONLY] : null;
  const row = own === null ? ERRORS[code as ErrorCode] : null;
  const error = {
    code,
    message: redact(message ?? own?.message ?? row?.meaning ?? "", "handoff"),
    hint: redact(hint ?? own?.hint ?? row?.next ?? "", "handoff"),
  };
  return jsonAnswer({ ok: false, error }, own?.status ?? row?.http ?? 500);
}

/** Whatever was thrown; what is no `LoopxError` is a bug and says nothing of itself. */
export function thrownAnswer(thrown: unknown): WindowAnswer {
  if (!(thrown instanceof LoopxError)) return errorAnswer("internal");
  const answer = errorAnswer(thrown.code, thrown.message, thrown.hint);
  // A health fault is an answer of the command line; here nothing was answered.
  return answer.status < 400 ? { ...answer, status: 409 } : answer;
}

/** Every header of an answer. */
export function headersOf({ type, allow, revision, status }: WindowAnswer): Record<string, string> {
  const policy = type === "json" || type === "events" || type === "text" ? "default-src 'none'" : PAGE_POLICY;
  return {
    "content-type": TYPES[type],
    ...ANSWER_HEADERS,
    "content-security-policy": policy,
    ...(allow === undefined ? {} : { allow }),
    ...(revision === undefined ? {} : { etag: `"${revision}"` }),
    // The rest of a body that nobody will read.
    ...(status === 413 ? { connection: "close" } : {}),
  };
}
