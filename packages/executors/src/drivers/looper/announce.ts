/** How a run is announced: by Zulip, by an operator's own script, or not at all (LPR-25, LPR-31). */
import { basename, isAbsolute, join, resolve } from "node:path";
import { execa } from "execa";
import type { LooperConfig } from "../../looper/config.ts";
import type { Announced } from "../../looper/effects.ts";
import { sendZulip, type ZulipConfigured } from "../notify/zulip.ts";
import type { Log } from "./server-log.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const SCRIPT_MS = 30_000;
const BUILT_IN = "send-zulip-dm.js";

/** Sends messages of this service; `lost` hears of those that did not arrive. */
export function announcing(
  config: LooperConfig,
  zulip: ZulipConfigured,
  env: Environment,
  log: Log,
  lost: (message: string, why: string) => Promise<void>,
): (message: string, script: string | null, signal: AbortSignal) => Promise<Announced> {
  return async (message, script, signal) => {
    const said = await announce(message, script, signal);
    if (said.kind === "failed") await lost(message, said.text);
    return said;
  };

  async function announce(message: string, script: string | null, signal: AbortSignal): Promise<Announced> {
    if (script !== null && !isBuiltIn(config, script)) return runScript(script, env, message, signal, log);
    if (zulip.kind !== "configured") return { kind: "skipped", output: "skipped: zulip is not configured" };
    const sent = await sendZulip(zulip.settings, message, signal);
    return sent.kind === "failed" ? sent : { kind: "sent", output: `sent id=${sent.id ?? "unknown"}` };
  }
}

/** True for the sender that is part of Looper, and for scripts that the operator has listed. */
export function isAllowedScript(config: LooperConfig, path: string): boolean {
  return isBuiltIn(config, path) || (isAbsolute(path) && config.zulip_scripts.includes(path));
}

function isBuiltIn({ dir }: LooperConfig, path: string): boolean {
  return path === BUILT_IN || resolve(dir, path) === join(dir, BUILT_IN);
}

/** The message by standard input, the Zulip variables and nothing else of ours. */
async function runScript(script: string, env: Environment, message: string, signal: AbortSignal, log: Log): Promise<Announced> {
  const known = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("ZULIP") || name === "PATH" || name === "HOME"));
  log("DEBUG", "cmd.start", { program: script });
  const result = await execa(process.execPath, [script], {
    env: known as Record<string, string>,
    extendEnv: false,
    input: message,
    reject: false,
    timeout: SCRIPT_MS,
    maxBuffer: 65_536,
    cancelSignal: signal,
  });
  const end = result.exitCode ?? result.signal ?? "no exit code";
  log(result.exitCode === 0 ? "DEBUG" : "WARNING", result.exitCode === 0 ? "cmd.done" : "cmd.fail", { program: script, end });
  if (result.exitCode === 0) return { kind: "sent", output: `sent by ${basename(script)}` };
  return { kind: "failed", text: `${basename(script)} ended with ${end}` };
}
