import { LoopxError } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { askLooper } from "../drivers/looper/client.ts";
import type { STOP_FLAGS } from "../options/looper.ts";
import { addressOf, refusedByLooper } from "./looper-status.ts";

/** Ends the named run, or the only one that lives. */
export async function run(call: Call<typeof STOP_FLAGS>): Promise<Answer> {
  const address = addressOf(call);
  const run_id = call.words[0] ?? (await onlyLive(address));
  const answered = await askLooper(address, `/runs/${encodeURIComponent(run_id)}/stop`, {});
  if (answered.body["ok"] !== true) throw refusedByLooper(answered);
  const { ok: _ok, ...payload } = answered.body;
  return { payload, lines: () => [title("Looper Stop"), ...fields(payload as Record<string, string>, ["run_id", "end"])] };
}

async function onlyLive(address: Parameters<typeof askLooper>[0]): Promise<string> {
  const { body } = await askLooper(address, "/status", null);
  const live = Array.isArray(body["live"]) ? body["live"].map(String) : [];
  const [only, ...more] = live;
  if (only !== undefined && more.length === 0) return only;
  throw new LoopxError(
    "invalid_value",
    only === undefined ? "nothing is running" : `${live.length} runs live: name one of ${live.join(", ")}`,
    {
      hint: "loopx-loop looper status",
    },
  );
}
