import { resolveRoots } from "@loopx/core";
import { fields, title, type Answer, type AnyCall, type Call } from "@loopx/cli/program";
import { serveLooper } from "../drivers/looper/assemble.ts";
import { checkLooper } from "../drivers/looper/check.ts";
import { looperConfig, type LooperPlace } from "../drivers/looper/place.ts";
import type { LooperConfig } from "../looper/config.ts";
import type { SERVE_FLAGS } from "../options/looper.ts";

/** Serves until it is told to end; the second signal ends at once. `--check` says what would be served (LPR-1, LPR-65). */
export async function run({ input, globals, io }: Call<typeof SERVE_FLAGS>): Promise<Answer> {
  const place = looperPlace({ globals, io });
  const { config, warnings } = looperConfig(input, place);
  if (input.check === true) {
    const { program, program_source, warnings: more } = await checkLooper(config, io);
    const found = { program, program_source };
    const payload = { checked: true, ...shown(config), ...found, warnings: [...warnings, ...more] };
    return {
      payload,
      lines: () => [
        title("Looper"),
        ...fields(shownFlat(config), Object.keys(shownFlat(config))),
        ...fields(found, ["program", "program_source"]),
        ...payload.warnings.map((each) => `- warning: ${each}`),
      ],
    };
  }
  const served = await serveLooper(config, place);
  const { host, port } = served.listening;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  for (const warning of [...warnings, ...served.warnings]) await io.write("stderr", `warning: ${warning}\n`);
  await io.write("stderr", `Looper listens at ${url}${served.token_path === null ? "" : `; its token stands in ${served.token_path}`}\n`);
  const signal = await new Promise<string>((resolve) => {
    // The second one ends at once, as it does everywhere.
    const giveBack = io.takeSignals((name) => {
      giveBack();
      resolve(name);
    });
  });
  await served.close(input.leave_running === true);
  const payload = { url, ended_by: signal, leave_running: input.leave_running === true };
  return { payload, lines: () => [title("Looper"), ...fields(payload, ["url", "ended_by", "leave_running"])] };
}

/** Where a line of Looper stands. */
export function looperPlace({ globals, io }: Pick<AnyCall, "globals" | "io">): LooperPlace {
  const { runtime_root } = resolveRoots({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    registry: globals.registry,
    runtime_root: globals.runtime_root,
  });
  return { io, cwd: globals.cwd, runtime_root };
}

/** The configuration without the token. */
function shown(config: LooperConfig): object {
  return { ...config, api_token: config.api_token === null ? null : "<set>", agent_command: config.agent_command };
}

function shownFlat({ auto, log, ...config }: LooperConfig): Record<string, string> {
  const texts = Object.entries({
    ...config,
    api_token: config.api_token === null ? null : "<set>",
    ...prefixed("auto", auto),
    ...prefixed("log", log),
  });
  return Object.fromEntries(texts.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
}

function prefixed(prefix: string, values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value as unknown]));
}
