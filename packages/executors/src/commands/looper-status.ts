import { LoopxError, isJsonObject, type JsonObject } from "@loopx/core/domain";
import { fields, section, title, type Answer, type Call } from "@loopx/cli/program";
import { textAt } from "../drivers/agents/json.ts";
import { askLooper, looperAddress, type LooperAddress } from "../drivers/looper/client.ts";
import { looperConfig } from "../drivers/looper/place.ts";
import { absolute } from "../drivers/scenario-files.ts";
import type { STATUS_FLAGS } from "../options/looper.ts";
import { looperPlace } from "./looper-serve.ts";

/** The live run, the last ten and the last look of the idle timer (LPR-4). */
export async function run(call: Call<typeof STATUS_FLAGS>): Promise<Answer> {
  const answered = await askLooper(addressOf(call), "/status", null);
  if (answered.body["ok"] !== true) throw refusedByLooper(answered);
  const { ok: _ok, ...payload } = answered.body;
  const runs = Array.isArray(payload["runs"]) ? payload["runs"].filter(isJsonObject) : [];
  const autopoll = isJsonObject(payload["autopoll"]) ? payload["autopoll"] : {};
  return {
    payload,
    lines: () => [
      title("Looper Status"),
      ...fields({ live: payload["live"] as string[] }, ["live"]),
      ...fields(autopoll as Record<string, string>, ["failures", "breaker_open"]),
      ...section("Last runs", runs.map(runLine)),
    ],
  };
}

/** The service of a line, with its token. */
export function addressOf({ input, globals, io }: Call<typeof STATUS_FLAGS>): LooperAddress {
  const { config } = looperConfig({ dir: input.dir }, looperPlace({ globals, io }));
  const token_file = input.token_file === undefined ? undefined : absolute(globals.cwd, input.token_file);
  return looperAddress({ url: input.url, token_file }, io.env, config.dir);
}

/** A refusal of the service in our own form. */
export function refusedByLooper({ status, body }: { readonly status: number; readonly body: JsonObject }): LoopxError {
  return new LoopxError(status === 409 ? "conflict" : "invalid_value", textAt(body, "error") || `Looper answered ${status}`, {
    hint: "loopx-loop looper status",
    details: { status },
  });
}

function runLine(run: JsonObject): string {
  const [end, reason] = [textAt(run, "end"), textAt(run, "reason")];
  const how = end === "" ? textAt(run, "state") : reason === "" ? end : `${end}, ${reason}`;
  return `- ${textAt(run, "run_id")} ${textAt(run, "started_at")} ${textAt(run, "workspace")}: ${how}`;
}
