import { resolveRoots } from "@loopx/core";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { serveSettings } from "../drivers/lark/serve-settings.ts";
import { serveLark } from "../drivers/lark/serve.ts";
import type { LARK_SERVE_FLAGS } from "../options/lark.ts";

/** Serves until it is told to end. `--check` says what would be served, without a secret (LRK-90, LRK-96). */
export async function run({ input, globals, io }: Call<typeof LARK_SERVE_FLAGS>): Promise<Answer> {
  const settings = serveSettings(io.env, io.home);
  const { host, port, chats, operators } = settings;
  const shown = { host, port, driver: settings.notify.driver, events: settings.events.kind, chats, operator_count: operators.length };
  if (input.check === true) {
    const payload = { checked: true, ...shown };
    return {
      payload,
      lines: () => [title("Lark"), ...fields(payload, ["host", "port", "driver", "events", "chats", "operator_count"])],
    };
  }
  const { cwd, registry, runtime_root: given } = globals;
  const { runtime_root } = resolveRoots({ cwd, env: io.env, home: io.home, registry, runtime_root: given });
  const served = await serveLark(settings, { io, cwd, runtime_root });
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${served.listening.port}/`;
  await io.write(
    "stderr",
    `lark serve listens at ${url}${served.token_path === null ? "" : `; its token stands in ${served.token_path}`}\n`,
  );
  const signal = await new Promise<string>((resolve) => {
    const giveBack = io.takeSignals((name) => {
      giveBack();
      resolve(name);
    });
  });
  await served.close();
  const payload = { url, ended_by: signal };
  return { payload, lines: () => [title("Lark"), ...fields(payload, ["url", "ended_by"])] };
}
