import type { Answer, Call } from "@loopx/cli/program";
import { openHost } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";
import type { Check } from "../doctor/check.ts";
import { judged } from "../doctor/lines.ts";
import type { ClientName } from "../drivers/agents/agent.ts";
import { findBinary, versionOf } from "../drivers/agents/binary.ts";
import { confinementOf } from "../drivers/agents/confinement.ts";
import { agentChecks, gateCheck, gitCheck, keyChecks, missingAgent, stateCheck, WHO_READS } from "../drivers/doctor.ts";
import { below, findConfigText, folderWithConfig, readConfigText } from "../drivers/loop-files.ts";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { profilesIn, type ProfileName } from "../worktree/config.ts";
import { unfinishedCycle } from "../worktree/run-cycle.ts";
import type { Site } from "../worktree/site.ts";
import { boundsWarnings, placeWarnings } from "../worktree/status-warnings.ts";
import { siteOf } from "./loop-site.ts";

/** What would stop a loop here, or leave its agents unconfined (AGT-7, AGT-43, AGT-52, AGT-84). Nothing is written. */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const { env, home } = call.io;
  const { cwd, runtime_root, registry } = call.globals;
  const checks: Check[] = [await gitCheck(env)];
  const noted = async <Value>(act: () => Promise<Value>, otherwise: Value): Promise<Value> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof LoopxError)) throw error;
      checks.push({ check: "configuration", level: "fault", detail: error.message, fix: error.hint });
      return otherwise;
    }
  };
  const places = {
    cwd,
    env,
    home,
    ...(runtime_root === undefined ? {} : { runtime_root }),
    ...(registry === undefined ? {} : { registry }),
  };
  await noted(async () => void checks.push(stateCheck(below(openHost(places).places.runtime_root, "executors"))), undefined);
  const profiles = await noted(async () => profilesOf(call), null);
  if (profiles?.length === 0) checks.push({ check: "configuration", level: "ok", detail: "there is no loopx-loop.yaml here" });
  const sites: Site[] = [];
  for (const profile of profiles ?? []) sites.push(...(await noted(async () => [await siteOf(call, profile)], [])));
  for (const site of sites) checks.push(...(await siteChecks(site)));
  for (const client of ["codex", "claude", "openclaw"] as const) checks.push(...(await clientChecks(client, sites, env)));
  return judged("Loop Doctor", [...checks, ...keyChecks(env), WHO_READS]);
}

/** The sections of the configuration; none without one. */
function profilesOf({ globals: { cwd }, input, io }: Call<typeof SITE_FLAGS>): readonly ProfileName[] {
  const { config = io.env["LOOPX_LOOP_CONFIG"] ?? "", root } = input;
  const folder = root === undefined ? folderWithConfig(cwd) : below(cwd, root);
  const text = config === "" ? findConfigText(null, folder, cwd) : readConfigText(config, folder, cwd);
  return text === null ? [] : profilesIn(text.path, text.text);
}

async function siteChecks(site: Site): Promise<readonly Check[]> {
  const { prepare, build, fast_gate, slow_gate, fix } = site.config.profile;
  const warnings = [...(await placeWarnings(site, (await unfinishedCycle(site)) === "damaged")), ...boundsWarnings(site)];
  const programs = [...prepare, ...(build === undefined ? [] : [build]), ...fast_gate, ...slow_gate].map(({ argv }) => argv[0] ?? "");
  const gates = [...new Set(programs)].flatMap((name) => gateCheck(name, site.env) ?? []);
  const command = fix.enabled && fix.driver === "command" ? await fixerChecks(fix.argv?.[0] ?? "", site) : [];
  return [
    { check: "configuration", level: "ok", detail: `${site.config.name}: ${site.config_path}` },
    ...warnings.map((detail): Check => ({ check: site.config.name, level: "warning", detail })),
    ...gates,
    ...command,
  ];
}

async function fixerChecks(name: string, { env }: Site): Promise<readonly Check[]> {
  const program = findBinary("command", name, env);
  if (program === null) return [missingAgent(name, "install it, or set fix.argv")];
  return agentChecks({ client: "command", program, standing: { client_version: null, confinement: "none" }, env });
}

/** A client that no loop here uses may be missing, and stops nothing. */
async function clientChecks(client: Exclude<ClientName, "command">, sites: readonly Site[], env: Site["env"]): Promise<readonly Check[]> {
  const users = sites.map(({ config }) => config.profile.fix).filter((fix) => fix.enabled && fix.driver === client);
  const program = findBinary(client, users[0]?.argv?.[0] ?? null, env);
  if (program === null)
    return users.length === 0
      ? [{ check: "agent", level: "ok", detail: `${client} is not on this machine, and nothing here asks for it` }]
      : [missingAgent(client, "install it, or set another fix.driver")];
  const [client_version, confinement] = await Promise.all([versionOf(program, env), confinementOf(client, program, env)]);
  const checks = agentChecks({ client, program, standing: { client_version, confinement }, env });
  return users.length > 0 ? checks : checks.map((each) => (each.level === "fault" ? { ...each, level: "warning" } : each));
}
