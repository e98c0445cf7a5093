/** The two servers of a profile: what to start for a commit, from where, and what stands against it (WTL-74 to WTL-79). */
import { LoopxError } from "@loopx/core/domain";
import { completeArtifact } from "../drivers/artifacts.ts";
import {
  componentHealth,
  isUp,
  readComponent,
  startComponent,
  type ComponentOrder,
  type ComponentRecord,
  type ComponentStart,
} from "../drivers/component.ts";
import { readEnvFile } from "../drivers/env-files.ts";
import { changesOf, commitOf, placeOf } from "../drivers/git/checkout.ts";
import { below, personalFile, realFile } from "../drivers/loop-files.ts";
import { childEnvironment } from "../drivers/process/environment.ts";
import { secretsOf } from "../drivers/process/secrets.ts";
import type { ComponentConfig } from "./config.ts";
import { componentGround, type Site } from "./site.ts";
import { filled } from "./steps.ts";

export type ComponentName = "main" | "test";

/** The configured server of that name. */
export function componentOf(site: Site, name: ComponentName): ComponentConfig | null {
  return site.config.profile.components[name] ?? null;
}

/** Starts the server for a commit, from its artifact or from the folder that holds exactly that commit. */
export async function startFor(site: Site, name: ComponentName, sha: string, signal: AbortSignal): Promise<ComponentStart> {
  const config = componentOf(site, name);
  if (config === null) throw new LoopxError("internal", `there is no component ${name}`);
  const trouble = await wrongFolder(site, name, sha);
  if (trouble !== null) return { kind: "not_ready", reason: trouble };
  return startComponent(orderFor(site, name, config, sha), componentGround(site), signal);
}

/** What starts a server again as it was; null when what it ran from is gone (WTL-80). */
export async function orderToRevive(
  site: Site,
  name: ComponentName,
  config: ComponentConfig,
  { sha }: ComponentRecord,
): Promise<ComponentOrder | null> {
  return (await wrongFolder(site, name, sha)) === null ? orderFor(site, name, config, sha) : null;
}

/** The record while the server runs for that commit and is well; else null. */
export async function runningFor(site: Site, name: ComponentName, sha: string): Promise<ComponentRecord | null> {
  const config = componentOf(site, name);
  const record = await readComponent(componentGround(site), name);
  if (config === null || record === null || record.sha !== sha || !isUp(record, componentGround(site))) return null;
  return (await componentHealth(record, config, componentGround(site))).kind === "well" ? record : null;
}

/** Two servers that would take each other's port or answer twice are refused at the door (WTL-79). */
export function requireApart(site: Site): void {
  const { main, test } = site.config.profile.components;
  if (main === undefined || test === undefined) return;
  const fault = (what: string): LoopxError =>
    new LoopxError("config_invalid", `components main and test have the same ${what}`, { details: { file: site.config_path } });
  if (main.port !== undefined && main.port === test.port) throw fault(`port ${main.port}`);
  const files = [main, test].map((each) => {
    const path = configFile(site, each);
    return path === null ? null : realFile(path);
  });
  if (files[0] !== null && files[0] === files[1]) throw fault("config_file");
  const [ours, theirs] = [variablesOf(site, main), variablesOf(site, test)];
  for (const name of site.config.profile.identity_env)
    if (ours[name] !== undefined && ours[name] !== "" && ours[name] === theirs[name]) throw fault(`value of ${name}`);
}

function orderFor(site: Site, name: ComponentName, config: ComponentConfig, sha: string): ComponentOrder {
  const artifact_dir = completeArtifact(`${site.state_dir}/artifacts`, sha);
  const folder = name === "test" && site.config.profile.build === undefined ? site.worktree : site.root.dir;
  const places = {
    "{artifact_dir}": artifact_dir ?? folder,
    "{root}": site.root.dir,
    "{worktree}": site.worktree,
    "{port}": String(config.port ?? ""),
  };
  const own = variablesOf(site, config);
  const base = childEnvironment(site.env, {}, secretsOf([]));
  return {
    name,
    argv: filled(config.argv, places),
    cwd: below(folder, ...filled([config.cwd ?? "."], places)),
    // Its own settings are the person's: a bot gets its token, and nobody else does.
    env: {
      ...(base.kind === "environment" ? base.env : {}),
      ...placed(own, { ...places, "{config_file}": configFile(site, config) ?? "" }),
    },
    port: config.port ?? null,
    health: { path: config.health.path, identity: config.health.identity },
    patience: { ready_ms: config.health.ready_seconds * 1000, ...site.patience },
    sha,
    artifact_dir,
    log: `${site.root.dir}/logs/${name}.log`,
    redact: site.secrets.values,
  };
}

/** From its file, from our environment by name, and from the configuration, each above the one before. */
function variablesOf(site: Site, config: ComponentConfig): Record<string, string> {
  const file = config.env_file === undefined ? {} : readEnvFile(personalFile(site.root.dir, config.env_file, site.env));
  const ours = config.env_from.flatMap((name): [string, string][] => {
    const value = site.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...file, ...Object.fromEntries(ours), ...config.env };
}

/** The absolute path of its configuration file; null when it has none. */
function configFile(site: Site, { config_file }: ComponentConfig): string | null {
  return config_file === undefined ? null : personalFile(site.root.dir, config_file, site.env);
}

function placed(env: Readonly<Record<string, string>>, places: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, places[value] ?? value]));
}

/** Without a build the folder itself is what runs, so it has to be exactly the commit (WTL-74). */
async function wrongFolder(site: Site, name: ComponentName, sha: string): Promise<string | null> {
  if (site.config.profile.build !== undefined)
    return completeArtifact(`${site.state_dir}/artifacts`, sha) === null ? `there is no complete artifact of ${sha.slice(0, 12)}` : null;
  if (name === "test") return null;
  const place = placeOf(site.root);
  if ((await commitOf(site.git, place, "HEAD")) !== sha) return `${site.root.dir} is not at ${sha.slice(0, 12)}`;
  const touched = (await changesOf(site.git, place)).find(({ index }) => index !== "?");
  return touched === undefined ? null : `${site.root.dir} has local changes: ${touched.path}`;
}
