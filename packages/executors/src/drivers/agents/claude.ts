/** claude as a one-shot: prints JSON lines, keeps no session, reads no settings of the project (AGT-50 to AGT-53). Pure. */
import { dirname } from "node:path";
import type { JsonObject } from "@loopx/core/domain";
import type { Exit } from "../process/order.ts";
import type { AgentRequest, Judgement, PlanContext, Planned, ProcessClient } from "./agent.ts";
import { isJsonObject, textAt } from "./json.ts";
import { resultFile } from "./result-file.ts";
import { planOf } from "./words.ts";

const TOOLS = ["Bash", "Edit", "Write", "Read", "Glob", "Grep"] as const;
const READING_TOOLS = ["Bash", "Read", "Glob", "Grep", "Write"] as const;
const SANDBOX = JSON.stringify({ sandbox: { enabled: true, autoAllowBashIfSandboxed: true, allowUnsandboxedCommands: false } });

export const claude: ProcessClient = { name: "claude", plan, judge };

function plan(request: AgentRequest, context: PlanContext): Planned {
  const { settings } = context;
  if (request.sandbox === "read-only" && settings.confinement === "none") return { kind: "refused", reason: "no_confinement" };
  const relay = settings.relay;
  const argv = [
    "-p",
    ...(request.model === null ? [] : ["--model", request.model]),
    "--output-format",
    "stream-json",
    "--verbose",
    "--no-session-persistence",
    "--setting-sources",
    "",
    "--strict-mcp-config",
    ...(settings.confinement === "client" ? ["--settings", SANDBOX] : []),
    ...[dirname(resultFile(request.run_dir)), ...request.writable].flatMap((dir) => ["--add-dir", dir]),
    ...settings.extra_args,
    // It takes every word behind it, so it stands last.
    "--allowedTools",
    ...(settings.allowed_tools ?? (request.sandbox === "read-only" ? READING_TOOLS : TOOLS)),
  ];
  const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1" };
  const through: Record<string, string> =
    relay === null ? {} : { ANTHROPIC_BASE_URL: `http://127.0.0.1:${relay.port}`, ANTHROPIC_API_KEY: relay.token };
  return planOf(request, context, { argv, names: ["CLAUDE_CONFIG_DIR"], values: { ...quiet, ...through } });
}

/** Only `is_error` counts: `subtype` says "success" for an API error too. A denied tool is no success. */
function judge({ exit_code, signal }: Exit, events: readonly JsonObject[]): Judgement {
  const result = events.findLast((event) => event["type"] === "result");
  const status = result?.["api_error_status"];
  const http_status = typeof status === "number" ? status : null;
  if (result !== undefined && result["is_error"] === true)
    return {
      kind: "failed",
      reason: textAt(result, "result").slice(0, 500) || textAt(result, "terminal_reason") || "the client reports an error",
      http_status,
    };
  if (exit_code !== 0) return { kind: "failed", reason: `claude ended with ${exit_code ?? signal ?? "nothing"}`, http_status };
  if (result === undefined || result["is_error"] !== false)
    return { kind: "failed", reason: "the stream ended without a result", http_status };
  const denied = Array.isArray(result["permission_denials"]) ? result["permission_denials"] : [];
  if (denied.length > 0) {
    const tools = denied.flatMap((each) => (isJsonObject(each) ? [textAt(each, "tool_name")] : []));
    return { kind: "denied", reason: `denied: ${[...new Set(tools)].join(", ")}` };
  }
  return { kind: "success", usage: isJsonObject(result["usage"]) ? result["usage"] : null };
}
