/** Notices to Zulip. Its client has its own limit and its one retry; a request without an answer is not repeated (LPR-53). */
import type { Notifier } from "../../notify/notice.ts";
import { sendZulip, type ZulipSettings } from "./zulip.ts";

/** A notifier for the stream or person of these settings. It shows the text of a notice, with dead mentions. */
export function zulipNotifier(settings: ZulipSettings): Notifier {
  return {
    driver: "zulip",
    send: async ({ text }, signal) => {
      const sent = await sendZulip(settings, text.replace(/@(?=_?\*)/g, "@\u2060"), signal);
      if (sent.kind === "sent") return { ok: true, message_id: sent.id === null ? null : String(sent.id) };
      return { ok: false, code: "zulip_failed", retryable: false, detail: sent.text };
    },
  };
}
