/** What a dispatcher runs by: configuration, tokens, prompts (DSP-5, DSP-6). A token never leaves here but to the client. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject } from "@loopx/core/domain";
import { readToken } from "@loopx/cli/http";
import type { AnyCall } from "@loopx/cli/program";
import type { GiteaConfig } from "../../gitea/config.ts";
import { absolute, configFile, configOf, configText, type ConfigText } from "./config-file.ts";
import { invalid } from "./invalid.ts";
import { promptsOf, type Prompts } from "./prompt-files.ts";
import { stateOf, type GiteaState, type PlaceInput } from "./state.ts";

export interface GiteaPlace extends GiteaState {
  readonly warnings: readonly string[];
  readonly token: string;
  readonly review_token: string | null;
  readonly prompts: Prompts;
  /** Reads the files again. What is broken leaves the last good one in force, and says what is wrong (DSP-6). */
  reread(): Reread;
}

/** What holds now. */
export interface Reread {
  readonly config: GiteaConfig;
  readonly prompts: Prompts;
  readonly fault: string | null;
}

const OLD_COOLDOWN_MS = 1_800_000;

/** The place of a command line; throws `config_invalid` with everything that is wrong. */
export function giteaPlace(call: Pick<AnyCall, "globals" | "io">, input: PlaceInput): GiteaPlace {
  const { io } = call;
  const file = configFile(input, call);
  const first = configText(file);
  const { config, warnings } = configOf(call, first);
  const token = tokenIn(io.env, "GITEA_TOKEN", call);
  if (token === null) throw invalid("GITEA_TOKEN or GITEA_TOKEN_FILE is required: the bot's token", "GITEA_TOKEN");
  const prompts = promptsOf(config, io.home);
  return {
    ...stateOf(call, input, config),
    warnings,
    token,
    review_token: tokenIn(io.env, "GITEA_REVIEW_TOKEN", call),
    prompts,
    reread: rereading(
      () => configText(file),
      (text) => configOf(call, text).config,
      io.home,
      { config, prompts, text: first },
    ),
  };
}

/** The configuration is parsed again only when its text is another one. */
function rereading(
  read: () => ConfigText | null,
  parse: (text: ConfigText | null) => GiteaConfig,
  home: string,
  first: { readonly config: GiteaConfig; readonly prompts: Prompts; readonly text: ConfigText | null },
): () => Reread {
  let { config, prompts } = first;
  let parsed = first.text?.text ?? null;
  /** What is wrong with the text that was parsed last. */
  let broken: string | null = null;
  const looked = (): string | null => {
    const now = read();
    const text = now?.text ?? null;
    if (text === parsed) return broken;
    parsed = text;
    broken = faultOf(() => {
      config = parse(now);
      return null;
    });
    return broken;
  };
  return () => {
    const faults = [
      faultOf(looked),
      faultOf(() => {
        prompts = promptsOf(config, home);
        return null;
      }),
    ].filter((fault) => fault !== null);
    return { config, prompts, fault: faults.length === 0 ? null : faults.join("\n") };
  };
}

function faultOf(act: () => string | null): string | null {
  try {
    return act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The variable's own value, or the first line of the file that `<name>_FILE` names. */
function tokenIn(env: AnyCall["io"]["env"], name: string, { globals, io }: Pick<AnyCall, "globals" | "io">): string | null {
  const own = env[name];
  const file = env[`${name}_FILE`];
  if (own !== undefined && own !== "") return own.trim();
  if (file === undefined || file === "") return null;
  const path = absolute(file, globals.cwd, io.home);
  const token = readToken(path);
  if (token === null || token === "") throw invalid(`${name}_FILE names no readable file with a token`, `${name}_FILE`);
  if ((statSync(path).mode & 0o077) !== 0) throw invalid(`${name}_FILE may be read by others: chmod 600 it`, `${name}_FILE`);
  return token;
}

/** What an older dispatcher had begun within its cooldown, as instants until which it cools (DSP-34). The file is left as it is. */
export function oldCooldowns({ dispatch_state_path }: GiteaConfig, now_ms: number): ReadonlyMap<string, number> {
  const cooling = new Map<string, number>();
  try {
    const value: unknown = dispatch_state_path === null ? null : JSON.parse(readFileSync(dispatch_state_path, "utf8"));
    for (const [key, seconds] of Object.entries(isJsonObject(value) ? value : {}))
      if (typeof seconds === "number" && now_ms - seconds * 1_000 < OLD_COOLDOWN_MS) cooling.set(key, seconds * 1_000 + OLD_COOLDOWN_MS);
  } catch {
    // It was written in place by a script: half a file says nothing (DSP-102).
  }
  return cooling;
}

/** The records of items that stand there. */
export function itemNames(state_dir: string): readonly string[] {
  try {
    return readdirSync(join(state_dir, "items"))
      .filter((name) => /^[a-z0-9][a-z0-9.-]*\.json$/.test(name))
      .sort();
  } catch {
    return [];
  }
}
