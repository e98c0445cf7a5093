import { fields, section, title, type Answer, type Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { callbacksProven } from "../drivers/lark/callbacks.ts";
import { settingsOf } from "../drivers/notify/open.ts";
import { readGates } from "../lark-gates/gates.ts";
import type { LARK_STATUS_FLAGS } from "../options/lark.ts";
import { undeliveredOf } from "../notify/undelivered.ts";
import { undeliveredLines } from "./undelivered-lines.ts";

/** How Lark stands here: the driver, whether presses are heard, open questions, and what did not arrive. Asks no platform. */
export async function run(call: Call<typeof LARK_STATUS_FLAGS>): Promise<Answer> {
  const { io } = call;
  const host = await call.host();
  const settings = settingsOf(io.env, io.home);
  const now = machineMoment(io.clock);
  const gates = Object.values(await readGates(host)).filter(({ state }) => state !== "closed" && state !== "decided");
  const payload = {
    driver: settings.driver,
    chat_id: settings.driver === "lark_app" ? settings.lark_app.chat_id : null,
    hears_presses: await callbacksProven(host, now.ms),
    gates: gates.map(({ goal_id, gate, sha, state, expires_at }) => ({ goal_id, gate, sha, state, expires_at })),
    undelivered: await undeliveredOf({ documents: host.documents, executor: "lark" }),
  };
  return {
    payload,
    lines: () => [
      title("Lark"),
      ...fields(payload, ["driver", "chat_id", "hears_presses"]),
      ...section(
        "Open Gates",
        gates.map(({ goal_id, gate, state }) => `- ${goal_id}: ${gate} (${state})`),
      ),
      ...section("Undelivered", undeliveredLines(payload.undelivered)),
    ],
  };
}
