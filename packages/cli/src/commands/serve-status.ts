import { LoopxError } from "@loopx/core";
import type { ServeStatusPayload } from "@loopx/core/domain";
import type { Answer, Call } from "../call.ts";
import type { Io } from "../io.ts";
import type { SERVE_STATUS_FLAGS } from "../options/looking.ts";
import { renderServeStatus } from "../render/serve-status.ts";

const HOSTS: readonly string[] = ["127.0.0.1", "::1", "localhost"];
/** The server's own routes; `--path` may not take their place. */
const TAKEN =
  /^\/(?:healthz|goals\.json|loops\.json|events|review-material|places|command|(?:goals|assets|reward|gate|control-plane)\/.*)?$/;

/** Serves the operator's window until it is told to end (CMD-120 to CMD-132); the second signal ends at once. */
export async function run({ input, globals, io }: Call<typeof SERVE_STATUS_FLAGS>): Promise<Answer> {
  const host = checkedHost(input.host);
  const path = checkedPath(input.path);
  const writes = {
    reward: input.enable_reward_write_api === true,
    gate: input.enable_gate_write_api === true,
    control_plane: input.enable_control_plane_write_api === true,
  };
  const address = (port: number): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const ended = (port: number, ended_by: string | null): Answer => {
    const payload: ServeStatusPayload = {
      url: `${address(port)}/`,
      status_url: `${address(port)}${path}`,
      reward_write_enabled: writes.reward,
      gate_write_enabled: writes.gate,
      control_plane_write_enabled: writes.control_plane,
      token_required: input.require_token === true,
      ended_by,
    };
    return { payload, lines: () => renderServeStatus(payload) };
  };
  if (input.check === true) return ended(input.port, null);
  const { serveWindow } = await import("../window/serve.ts");
  const { registry, runtime_root, locale } = globals;
  const served = await serveWindow({
    host,
    port: input.port,
    path,
    limit: input.limit,
    scan_root: input.scan_root,
    scan_path: input.scan_path,
    writes,
    require_token: input.require_token === true,
    global_registry: input.global_registry === true,
    open: { cwd: globals.cwd, env: io.env, home: io.home, command: "loopx serve-status", registry, runtime_root, locale },
    onFault: (error) => void io.write("stderr", `error: ${error instanceof Error ? error.message : "internal"}\n`),
  });
  await io.write("stderr", `status: ${address(served.port)}${path}\nwindow: ${address(served.port)}/#token=${served.token}\n`);
  const ended_by = await untilSignal(io);
  await served.close();
  return ended(served.port, ended_by);
}

function checkedHost(host: string): string {
  if (HOSTS.includes(host)) return host === "localhost" ? "127.0.0.1" : host;
  throw new LoopxError("usage", `--host ${host} is not of this machine alone: a window is for who sits at it`, {
    hint: "loopx serve-status, and a tunnel from elsewhere",
  });
}

function checkedPath(path: string): string {
  if (/^\/[A-Za-z0-9._/-]{0,200}$/.test(path) && !TAKEN.test(path)) return path;
  throw new LoopxError("invalid_value", `--path ${path} is no path of its own`, { hint: "--path /status.json" });
}

function untilSignal(io: Io): Promise<string> {
  let signals = 0;
  return new Promise((resolve) => {
    const giveBack = io.takeSignals((name) => {
      signals += 1;
      if (signals > 1) giveBack();
      resolve(name);
    });
  });
}
