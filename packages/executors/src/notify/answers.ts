/** What an answer of a platform means for the next step (LRK-86). Pure: a table of codes, and one function over it. */
import type { Attempt, Transport } from "./notice.ts";

/** What to do next. */
export type Next =
  | { readonly kind: "sent"; readonly message_id: string | null }
  /** Again, after what the platform asked for, or the usual wait. */
  | { readonly kind: "again"; readonly wait_ms: number | null; readonly code: string; readonly detail: string }
  | { readonly kind: "fresh_token"; readonly code: string; readonly detail: string }
  | { readonly kind: "shorter"; readonly code: string; readonly detail: string }
  | { readonly kind: "as_text"; readonly code: string; readonly detail: string }
  | { readonly kind: "failed"; readonly code: string; readonly retryable: boolean; readonly detail: string };

/** Too many requests, said by a code instead of a status. */
const FREQUENCY = new Set([99991400, 230020, 11232]);
const TOKEN = new Set([99991661, 99991663, 99991668]);
const TOO_LONG = 230025;
const CARD_REFUSED = new Set([230099, 200861]);

/** The next step after an attempt. A platform's silence is tried again only where it drops the second of two (`uuid`). */
export function nextOf(attempt: Attempt, driver: Transport["driver"]): Next {
  switch (attempt.kind) {
    case "impossible":
      return { kind: "failed", code: attempt.code, retryable: false, detail: attempt.detail };
    case "not_sent":
      return { kind: "again", wait_ms: null, code: "unreachable", detail: attempt.detail };
    case "unknown":
      return driver === "lark_app"
        ? { kind: "again", wait_ms: null, code: "timeout", detail: attempt.detail }
        : { kind: "failed", code: "unknown_delivery", retryable: false, detail: attempt.detail };
    case "answer":
      return afterAnswer(attempt);
  }
}

function afterAnswer(answer: Extract<Attempt, { kind: "answer" }>): Next {
  const { status, code, retry_after_ms: wait_ms } = answer;
  const detail = `HTTP ${status}${code === null ? "" : `, code ${code}`}${answer.msg === "" ? "" : `: ${answer.msg}`}`;
  const name = code === null ? `http_${status}` : String(code);
  if (status >= 200 && status < 300 && code === 0) return { kind: "sent", message_id: answer.message_id };
  if (code !== null) {
    if (FREQUENCY.has(code)) return { kind: "again", wait_ms, code: name, detail };
    if (TOKEN.has(code)) return { kind: "fresh_token", code: name, detail };
    if (code === TOO_LONG) return { kind: "shorter", code: name, detail };
    if (CARD_REFUSED.has(code)) return { kind: "as_text", code: name, detail };
  }
  if (status === 429 || status >= 500) return { kind: "again", wait_ms, code: name, detail };
  return { kind: "failed", code: name, retryable: false, detail };
}
