/** codex as a one-shot: never asks, prints JSON lines, keeps no session, and confines its own commands (AGT-40 to AGT-42). Pure. */
import type { JsonObject, JsonValue } from "@loopx/core/domain";
import { isJsonObject, textAt } from "./json.ts";
import type { Exit } from "../process/order.ts";
import type { AgentRequest, Judgement, PlanContext, Planned, ProcessClient } from "./agent.ts";
import { dirname, join } from "node:path";
import { resultFile } from "./result-file.ts";
import { planOf, runVariables } from "./words.ts";

export const codex: ProcessClient = { name: "codex", plan, judge };

function plan(request: AgentRequest, context: PlanContext): Planned {
  const { settings } = context;
  // Its sandbox was asked, and let a command write where it may not (AGT-43).
  if (settings.confinement === "none") return { kind: "refused", reason: "sandbox_unavailable" };
  const own = Object.entries(runVariables(request)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const config = (setting: string): readonly string[] => ["-c", setting];
  const relay = settings.relay;
  const argv = [
    "--ask-for-approval",
    "never",
    "exec",
    "--sandbox",
    request.sandbox,
    "-C",
    request.workspace,
    "--json",
    "--ephemeral",
    "-o",
    join(request.run_dir, "last.txt"),
    // Commands of the agent see no key, and are found by their run's id all the same.
    ...config("shell_environment_policy.inherit=core"),
    ...config(`shell_environment_policy.set={${own.join(",")}}`),
    // The system's temporary directory is writable by default.
    ...config("sandbox_workspace_write.exclude_slash_tmp=true"),
    ...config("sandbox_workspace_write.exclude_tmpdir_env_var=true"),
    ...config(`sandbox_workspace_write.network_access=${request.network}`),
    "--add-dir",
    dirname(resultFile(request.run_dir)),
    ...request.writable.flatMap((dir) => ["--add-dir", dir]),
    ...(settings.allow_no_git ? ["--skip-git-repo-check"] : []),
    ...(relay === null ? [] : relaySettings(relay.port).flatMap(config)),
    ...(request.model === null ? [] : ["-m", request.model]),
    ...settings.extra_args,
    "-",
  ];
  return planOf(request, context, {
    argv,
    names: ["CODEX_HOME"],
    ...(relay === null ? {} : { values: { LOOPX_MODEL_TOKEN: relay.token } }),
  });
}

/** A provider of its own, so that no configuration file is needed (AGT-82). */
function relaySettings(port: number): readonly string[] {
  return [
    "model_provider=loopx",
    "model_providers.loopx.name=loopx",
    `model_providers.loopx.base_url=http://127.0.0.1:${port}/v1`,
    "model_providers.loopx.wire_api=responses",
    "model_providers.loopx.env_key=LOOPX_MODEL_TOKEN",
  ];
}

/** Success is exit 0 and a completed turn. An item of type `error` is a warning; a stream that just ends is a failure. */
function judge({ exit_code, signal }: Exit, events: readonly JsonObject[]): Judgement {
  const failed = events.findLast((event) => event["type"] === "turn.failed");
  const completed = events.filter((event) => event["type"] === "turn.completed");
  const told = messageOf(failed) || messageOf(events.findLast((event) => event["type"] === "error"));
  const http_status = statusIn(told);
  if (failed !== undefined) return { kind: "failed", reason: told || "the turn failed", http_status };
  if (exit_code !== 0) return { kind: "failed", reason: told || `codex ended with ${exit_code ?? signal ?? "nothing"}`, http_status };
  if (completed.length === 0) return { kind: "failed", reason: "the stream ended before the turn was completed", http_status };
  return { kind: "success", usage: usageOf(completed) };
}

function messageOf(event: JsonObject | undefined): string {
  if (event === undefined) return "";
  const { error } = event;
  return isJsonObject(error) ? textAt(error, "message") : textAt(event, "message");
}

/** The status that codex puts into its message: `unexpected status 401 Unauthorized`. */
function statusIn(message: string): number | null {
  const found = /\bstatus(?: code)?:? (\d{3})\b/i.exec(message)?.[1] ?? /\b([45]\d\d) [A-Z][a-z]/.exec(message)?.[1];
  return found === undefined ? null : Number(found);
}

/** The numbers of all turns, added up. */
function usageOf(turns: readonly JsonObject[]): JsonObject | null {
  const sum = new Map<string, number>();
  for (const { usage } of turns)
    for (const [name, value] of Object.entries(isJsonObject(usage) ? usage : {}) as [string, JsonValue][])
      if (typeof value === "number") sum.set(name, (sum.get(name) ?? 0) + value);
  return sum.size === 0 ? null : Object.fromEntries(sum);
}
