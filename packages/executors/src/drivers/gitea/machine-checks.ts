/** What `doctor` sees on this machine (DSP-85): git, gates, agents and their confinement, prompts, the state directory. */
import { nodeCommands, systemClock } from "@loopx/core";
import type { Check } from "../../doctor/check.ts";
import { runnersOf, type GiteaConfig, type Runner } from "../../gitea/config.ts";
import { findProgram } from "../agents/binary.ts";
import { agentChecks, gateCheck, gitCheck, missingAgent, stateCheck, WHO_READS } from "../doctor.ts";
import { programOf, standingOf } from "./clients.ts";
import type { GiteaPlace } from "./place.ts";

const DOCKER_MS = 10_000;

/** Each program once, whoever uses it. */
export async function machineChecks(place: GiteaPlace): Promise<readonly Check[]> {
  const { config } = place;
  const checks = [await gitCheck(place.call.io.env), stateCheck(place.state_dir), ...promptChecks(place)];
  for (const argv of gatesOf(config)) checks.push(...(await gateChecks(place, argv)));
  for (const runner of runnersOf(config)) checks.push(...(await runnerChecks(place, runner)));
  return [...checks, WHO_READS];
}

/** Their variables were checked when they were read. */
function promptChecks({ prompts }: GiteaPlace): readonly Check[] {
  return [prompts.header, prompts.workflow].map(({ file }) => ({ check: "prompt", level: "ok" as const, detail: file }));
}

function gatesOf(config: GiteaConfig): readonly (readonly string[])[] {
  const all = [config.gate, ...config.repos.flatMap(({ gate }) => (gate === undefined ? [] : [gate]))];
  return [...new Map(all.filter((argv) => argv.length > 0).map((argv) => [argv[0] ?? "", argv])).values()];
}

async function gateChecks({ call }: GiteaPlace, [name = ""]: readonly string[]): Promise<readonly Check[]> {
  const found = gateCheck(name, call.io.env);
  const program = findProgram(name, call.io.env);
  if (found === null) return [];
  if (name !== "docker" || program === null) return [found];
  const { PATH = "", HOME = "", DOCKER_HOST } = call.io.env;
  const end = await nodeCommands(systemClock).run([program, "version", "--format", "{{.Server.Version}}"], {
    cwd: "/",
    env: { PATH, HOME, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }) },
    timeout_ms: DOCKER_MS,
    max_output_bytes: 10_000,
  });
  const answers = end.kind === "exited" && end.exit_code === 0;
  return [
    answers
      ? { check: "gate", level: "ok", detail: "docker answers" }
      : { check: "gate", level: "fault", detail: "docker's daemon does not answer", fix: "start it, or let this user reach it" },
  ];
}

async function runnerChecks({ call, config }: GiteaPlace, runner: Runner): Promise<readonly Check[]> {
  const { env } = call.io;
  const { name, program } = programOf(config, runner, env);
  if (program === null) return [missingAgent(name, "install it, or set another runner")];
  return agentChecks({ client: runner, program, standing: await standingOf(runner, program, env), env });
}
