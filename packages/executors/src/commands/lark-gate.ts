import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { callbacksProven, freshNonce } from "../drivers/lark/callbacks.ts";
import { openNotify, settingsOf } from "../drivers/notify/open.ts";
import { realTiming } from "../drivers/timing.ts";
import { askGate } from "../lark-gates/ask.ts";
import type { LARK_GATE_FLAGS } from "../options/lark.ts";

/** Asks a gate in Lark: the pending gate, then its card. Buttons only while a server of this runtime root hears presses (LRK-94, LRK-96). */
export async function run(call: Call<typeof LARK_GATE_FLAGS>): Promise<Answer> {
  const { input, io, globals } = call;
  const host = await call.host();
  const now = () => machineMoment(io.clock);
  const settings = settingsOf(io.env, io.home);
  const outbox = openNotify({ host, env: io.env, home: io.home, timing: realTiming, now, executor: "lark" }, settings);
  const isApp = settings.driver === "lark_app";
  const callbacks = isApp && (await callbacksProven(host, now().ms));
  const chat_id = isApp ? settings.lark_app.chat_id : null;
  const asked = await askGate(
    { host, outbox, now, nonce: freshNonce, callbacks, chat_id },
    {
      goal_id: input.goal_id,
      gate: input.gate,
      question: input.question,
      expires_hours: input.expires_hours,
      dialect: input.dialect,
      locale: globals.locale ?? "en",
      ...(input.sha === undefined ? {} : { sha: input.sha }),
      ...(input.summary === undefined ? {} : { summary: input.summary }),
    },
  );
  if (asked.kind === "not_sent") {
    const error = {
      code: asked.retryable ? "notice_undelivered" : "notice_refused",
      message: `the question was not sent by ${settings.driver}: ${asked.detail}`,
      hint: "correct what it names, then ask again",
      details: { driver: settings.driver, code: asked.code },
    };
    return { payload: { error }, lines: () => [] };
  }
  const { kind, ...rest } = asked;
  const payload = { driver: settings.driver, asked: kind === "asked", ...rest };
  return { payload, lines: () => [title("Lark Gate"), ...fields(payload, ["driver", "asked", "nonce_sha256", "message_id", "callbacks"])] };
}
