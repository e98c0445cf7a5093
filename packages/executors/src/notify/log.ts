/** Notices as lines of a log, for whoever has no chat (LRK-81): every loop works without an account. */
import { formatInstant, type Moment } from "@loopx/core/domain";
import type { Host } from "@loopx/core";
import type { Notifier } from "./notice.ts";

/** Notices in `notify.jsonl` of the executor's folder. */
export function logNotifier(host: Pick<Host, "logs">, executor: string, now: () => Moment): Notifier {
  return {
    driver: "log",
    send: async ({ key, level, goal_id, text }) => {
      const line = { at: formatInstant(now(), "milliseconds"), key, level, ...(goal_id === undefined ? {} : { goal_id }), text };
      const outcome = await host.logs.append({ kind: "executor_log", executor, name: "notify" }, line);
      if (outcome.kind === "appended" || outcome.kind === "duplicate") return { ok: true, message_id: null };
      return { ok: false, code: "write_failed", retryable: true, detail: `the log cannot be written (${outcome.kind})` };
    },
  };
}

/** Tells nobody. */
export const NO_NOTIFIER: Notifier = { driver: "none", send: async () => ({ ok: true, message_id: null }) };
