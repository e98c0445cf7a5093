import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { openNotify } from "../drivers/notify/open.ts";
import { realTiming } from "../drivers/timing.ts";
import type { LARK_SEND_FLAGS } from "../options/lark.ts";

/** Sends one message and says what became of it (LRK-96). */
export async function run(call: Call<typeof LARK_SEND_FLAGS>): Promise<Answer> {
  const { input, io } = call;
  const host = await call.host();
  const now = () => machineMoment(io.clock);
  const outbox = openNotify({ host, env: io.env, home: io.home, timing: realTiming, now, executor: "lark" });
  const sent = await outbox.push({
    key: host.ids.next("send_"),
    level: "needs_person",
    text: input.text,
    ...(input.chat_id === undefined ? {} : { chat_id: input.chat_id }),
  });
  const { driver } = outbox.status();
  if (!sent.ok) return { payload: { driver, error: refusal(driver, sent) }, lines: () => [] };
  const payload = { driver, message_id: sent.message_id };
  return { payload, lines: () => [title("Lark Send"), ...fields(payload, ["driver", "message_id"])] };
}

function refusal(
  driver: string,
  { code, retryable, detail }: { readonly code: string; readonly retryable: boolean; readonly detail: string },
): object {
  return retryable
    ? {
        code: "notice_undelivered",
        message: `${driver} could not be reached: ${detail}`,
        hint: "repeat the command",
        details: { driver, code },
      }
    : {
        code: "notice_refused",
        message: `${driver} refused the message: ${detail}`,
        hint: "correct what it names",
        details: { driver, code },
      };
}
