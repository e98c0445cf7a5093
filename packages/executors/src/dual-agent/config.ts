/**
 * What the loop of two bots asks of its configuration beside what every loop does: two bots with a file each, no secret in a
 * file that git keeps, and the second bot as the one that speaks (000: "Config", "Env Vars"). Pure but for one question.
 */
import { LoopxError } from "@loopx/core/domain";
import { exists } from "../drivers/loop-files.ts";
import { secretValues } from "../drivers/process/secrets.ts";
import type { ComponentConfig, LoopConfig } from "../worktree/config.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The two bots as the scripts call them, and as the configuration does. */
const BOTS = [
  ["primary", "main"],
  ["secondary", "test"],
] as const;

/** Refuses a configuration that has no two bots, or one that cannot start, or one that would publish a secret. */
export function requireTwoBots({ profile }: LoopConfig, file: string, placeOf: (path: string) => string): void {
  for (const [bot, name] of BOTS) {
    const component = profile.components[name];
    if (component === undefined)
      throw wrong(file, `the ${bot} bot is missing: there is no lark.components.${name}`, `add ${name}: {argv: […]} to lark.components`);
    requireFiles(bot, component, file, placeOf);
    const [value] = secretValues(component.env);
    const [variable] = Object.entries(component.env).find(([, each]) => each === value && value !== "") ?? [];
    if (variable !== undefined)
      throw wrong(
        file,
        `lark.components.${name}.env holds ${variable}, and git keeps this file`,
        `name it in env_from: [${variable}], or put it into an env_file that git ignores`,
      );
  }
}

function requireFiles(bot: string, { config_file, env_file }: ComponentConfig, file: string, placeOf: (path: string) => string): void {
  for (const path of [config_file, env_file])
    if (path !== undefined && !exists(placeOf(path)))
      throw wrong(file, `the ${bot} bot's file ${path} is missing`, `write ${placeOf(path)}`);
}

/** The variables by which this loop tells people: the second bot speaks where it has an app of its own, whatever the first one has. */
export function noticeVariables(env: Variables): Variables {
  const { SECONDARY_LARK_APP_ID: app_id, SECONDARY_LARK_APP_SECRET: app_secret } = env;
  if (!app_id?.trim() || !app_secret?.trim()) return env;
  return { ...env, LARK_APP_ID: app_id, LARK_APP_SECRET: app_secret };
}

function wrong(file: string, message: string, hint: string): LoopxError {
  return new LoopxError("config_invalid", `${file}: ${message}`, { hint, details: { file } });
}
