/** Whether a service of that configuration could serve, without serving (LPR-1). It starts the agent's program for its version only. */
import type { Io } from "@loopx/cli/program";
import { LoopxError } from "@loopx/core/domain";
import type { LooperConfig } from "../../looper/config.ts";
import { idleWarnings, keyWarnings } from "../../looper/idle.ts";
import { readZulip } from "../notify/zulip.ts";
import { agentFinder } from "./agent-program.ts";

/** The program that a request without wishes of its own would get; throws `config_invalid` when there is none, or Zulip is half configured. */
export async function checkLooper(
  config: LooperConfig,
  { env, home }: Io,
): Promise<{ readonly program: string; readonly program_source: string; readonly warnings: readonly string[] }> {
  const zulip = readZulip(env, home);
  if (zulip.kind === "faulty") throw new LoopxError("config_invalid", zulip.fault, { hint: "correct the Zulip variables, or unset them" });
  const found = await agentFinder(config, env)(null);
  if (found.kind === "unconfined")
    throw new LoopxError("config_invalid", `sandbox_unavailable: ${found.name} does not confine its commands on this machine`, {
      hint: "let its sandbox work here (user namespaces), or run another agent with LOOPER_AGENT",
    });
  if (found.kind !== "agent")
    throw new LoopxError("config_invalid", `required tool is missing from PATH: ${found.kind === "missing" ? found.name : config.agent}`, {
      hint: "install it, or name it with CODEX_EXEC_BINARY",
    });
  const warnings = [...(zulip.kind === "configured" ? zulip.warnings : []), ...idleWarnings(config), ...keyWarnings(config, env)];
  return { program: found.settings.program, program_source: found.source, warnings };
}
