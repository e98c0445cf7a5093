/** What `doctor` sees on this machine (DSP-85): git, gates, agents and their confinement, prompts, the state directory. */
import { lstatSync } from "node:fs";
import { nodeCommands, systemClock } from "@loopx/core";
import type { Check } from "../../gitea/doctor.ts";
import { runnersOf, type GiteaConfig, type Runner } from "../../gitea/config.ts";
import { findProgram, versionOf } from "../agents/binary.ts";
import { missingForClaude } from "../agents/confinement.ts";
import { programOf, standingOf } from "./clients.ts";
import type { GiteaPlace } from "./place.ts";

const DOCKER_MS = 10_000;

/** Each program once, whoever uses it. */
export async function machineChecks(place: GiteaPlace): Promise<readonly Check[]> {
  const { config } = place;
  const checks = [await gitCheck(place), stateCheck(place), ...promptChecks(place)];
  for (const argv of gatesOf(config)) checks.push(...(await gateChecks(place, argv)));
  for (const runner of runnersOf(config)) checks.push(...(await agentChecks(place, runner)));
  return checks;
}

async function gitCheck({ call }: GiteaPlace): Promise<Check> {
  const program = findProgram("git", call.io.env);
  const version = program === null ? null : await versionOf(program, call.io.env);
  return version === null
    ? { check: "git", level: "fault", detail: "it is not on this machine", fix: "install git 2.31 or newer" }
    : { check: "git", level: "ok", detail: version };
}

function stateCheck({ state_dir }: GiteaPlace): Check {
  const stat = lstatSync(state_dir, { throwIfNoEntry: false });
  if (stat === undefined) return { check: "state", level: "ok", detail: "it will be made" };
  if (!stat.isDirectory()) return { check: "state", level: "fault", detail: `${state_dir} is no directory`, fix: "move it away" };
  const isOpen = (stat.mode & 0o077) !== 0;
  return isOpen
    ? { check: "state", level: "fault", detail: "others may read the state directory", fix: `chmod 700 ${state_dir}` }
    : { check: "state", level: "ok", detail: "only its owner may read it" };
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
  // It lies in the repository, and is looked for there.
  if (name.includes("/") && !name.startsWith("/")) return [];
  const program = findProgram(name, call.io.env);
  if (program === null)
    return [{ check: "gate", level: "fault", detail: `${name} is not on this machine`, fix: `install ${name}, or set gate` }];
  if (name !== "docker") return [{ check: "gate", level: "ok", detail: name }];
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

/** A client that confines itself, or one that may do whatever this user may (AGT-43, AGT-52). */
async function agentChecks({ call, config }: GiteaPlace, runner: Runner): Promise<readonly Check[]> {
  const { env } = call.io;
  const { name, program } = programOf(config, runner, env);
  if (program === null)
    return [{ check: "agent", level: "fault", detail: `${name} is not on this machine`, fix: `install it, or set another runner` }];
  const { client_version, confinement } = await standingOf(runner, program, env);
  const found: Check = {
    check: "agent",
    level: "ok",
    detail: `${runner}: ${program}${client_version === null ? "" : ` (${client_version})`}`,
  };
  if (confinement === "client") return [found];
  if (runner === "codex")
    return [
      found,
      {
        check: "confinement",
        level: "fault",
        detail: "sandbox_unavailable: codex let a command write where it may not, and no run of it is started",
        fix: "let this user make user namespaces, or install bubblewrap",
      },
    ];
  const lacking = runner === "claude" ? missingForClaude(env) : [];
  const detail = `${runner} is not confined: it may read and write whatever this user may`;
  return [
    found,
    { check: "confinement", level: "warning", detail, ...(lacking.length === 0 ? {} : { fix: `install ${lacking.join(" and ")}` }) },
  ];
}
