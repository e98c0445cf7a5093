/** Where a dispatcher keeps itself (DSP-31), for those who look at it or steer it too: they need no token and no sound configuration. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { openHost, resolveRoots, type FileHost } from "@loopx/core";
import type { AnyCall } from "@loopx/cli/program";
import type { GiteaConfig } from "../../gitea/config.ts";
import { configFile, configOrUsual } from "./config-file.ts";

/** What every command of the room takes. */
export interface PlaceInput {
  readonly config?: string | undefined;
  readonly state_dir?: string | undefined;
}

export interface GiteaState {
  readonly call: Pick<AnyCall, "globals" | "io">;
  readonly config: GiteaConfig;
  /** `gitea/<16 hex>`. */
  readonly executor: string;
  readonly state_dir: string;
  readonly host: FileHost;
}

/** The state directory of a command line; a configuration that is broken is told beside it (DSP-6). */
export function giteaState(call: GiteaState["call"], input: PlaceInput): GiteaState & { readonly fault: string | null } {
  const { config, fault } = configOrUsual(call, configFile(input, call));
  return { ...stateOf(call, input, config), fault };
}

/** One directory for each bot on each server. */
export function stateOf(call: GiteaState["call"], input: PlaceInput, config: GiteaConfig): GiteaState {
  const { globals, io } = call;
  const { runtime_root } = resolveRoots({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    registry: globals.registry,
    runtime_root: globals.runtime_root,
  });
  const digest = createHash("sha256").update(`${config.url}\n${config.bot_user}`).digest("hex").slice(0, 16);
  const executor = `gitea/${digest}`;
  const state_dir =
    input.state_dir === undefined ? join(runtime_root, "executors", "gitea", digest) : resolve(globals.cwd, input.state_dir);
  const host = openHost({
    cwd: globals.cwd,
    env: io.env,
    home: io.home,
    command: "loopx-loop gitea",
    registry: globals.registry,
    runtime_root: globals.runtime_root,
    locale: globals.locale,
    lock_wait_ms: 5_000,
    executor_dirs: { [executor]: state_dir },
    ...(io.clock === undefined ? {} : { clock: io.clock }),
    ...(io.ids === undefined ? {} : { ids: io.ids }),
  });
  return { call, config, executor, state_dir, host };
}
