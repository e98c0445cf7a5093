import { LoopxError, isJsonObject, type JsonObject, type JsonValue } from "@loopx/core/domain";
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
  const undelivered = isJsonObject(payload["undelivered"]) ? payload["undelivered"]["newest"] : [];
  const lost = Array.isArray(undelivered) ? undelivered.filter(isJsonObject) : [];
  const autopoll = isJsonObject(payload["autopoll"]) ? payload["autopoll"] : {};
  const idle = { ...autopoll, last_look: lookLine(autopoll["last_tick"]) };
  return {
    payload,
    lines: () => [
      title("Looper Status"),
      ...fields({ live: payload["live"] as string[] }, ["live"]),
      ...fields(idle as Record<string, string>, ["failures", "breaker_open", "last_look"]),
      ...section("Last runs", runs.map(runLine)),
      ...section("Undelivered", lost.map(lostLine)),
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
    hint: refusalHint(status),
    details: { status },
  });
}

/** What helps against it. */
export function refusalHint(status: number): string {
  if (status === 401) return "the service was started with another token: name its file with --token-file, or set LOOPER_API_TOKEN";
  if (status === 400) return "loopx-loop looper run --help";
  return "loopx-loop looper status";
}

/** What the idle timer decided last, and why. */
function lookLine(tick: JsonValue | undefined): string | null {
  if (!isJsonObject(tick)) return null;
  const [reason, detail, at] = [textAt(tick, "reason"), textAt(tick, "detail"), tick["at_ms"]];
  const when = typeof at === "number" ? new Date(at).toISOString() : "";
  return `${reason}${detail === "" ? "" : `: ${detail}`} (${when})`;
}

function lostLine(notice: JsonObject): string {
  return `- ${textAt(notice, "at")} ${textAt(notice, "detail")}: ${textAt(notice, "text").split("\n", 1)[0] ?? ""}`;
}

function runLine(run: JsonObject): string {
  const [end, reason] = [textAt(run, "end"), textAt(run, "reason")];
  const how = end === "" ? textAt(run, "state") : reason === "" ? end : `${end}, ${reason}`;
  return `- ${textAt(run, "run_id")} ${textAt(run, "started_at")} ${textAt(run, "workspace")}: ${how}`;
}
