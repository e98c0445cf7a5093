/**
 * openclaw's client as calls of a program (AGT-61 to AGT-63): each takes seconds and talks to a gateway. An answer that cannot be
 * read is unknown, never "none", and a job is looked for by its key before anybody asks for it again.
 */
import { nodeCommands, systemClock, type Commands } from "@loopx/core";
import { childEnvironment } from "../process/environment.ts";
import { pause } from "../timing.ts";
import { jobsIn, runsInAnswer, type Job, type JobRun } from "./openclaw-answers.ts";
import type { AgentGround } from "./run.ts";

/** The longest that one call may take. */
export const CALL_MS = 60_000;
/** How long after the client gave up a gateway may still make the job. */
export const LATE_MS = 30_000;
/** Between two looks. */
export const LOOK_MS = 5_000;
/** Looks beyond the time while nobody answers: a gateway that starts again takes a minute. */
const PATIENCE = 24;
const OUTPUT_LIMIT = 4 * 1024 * 1024;
/** Nobody can tell. */
export const UNKNOWN = Symbol("unknown");

/** How this machine runs openclaw. */
export interface OpenclawSettings {
  /** The program and what stands before its own words: `[node, openclaw.mjs]` when `OPENCLAW_NODE` is set. */
  readonly program: readonly [string, ...string[]];
  readonly client_version: string | null;
  readonly env_allow: readonly string[];
  readonly commands?: Commands;
  readonly look_ms?: number;
}

export interface Client {
  /** Standard output of a call that ended with 0; null for anything else. */
  call(args: readonly string[]): Promise<string | null>;
  /** The same, and whether the client itself said no: then nothing was sent that a gateway could still act on. */
  ask(args: readonly string[]): Promise<{ readonly printed: string | null; readonly refused: boolean }>;
}

/** `leave`: a call that is under way is given up. */
export function clientOf(
  settings: OpenclawSettings,
  env: Readonly<Record<string, string>>,
  cwd: string,
  leave: AbortSignal | undefined,
): Client {
  const commands = settings.commands ?? nodeCommands(systemClock);
  const [program, ...before] = settings.program;
  const options = { timeout_ms: CALL_MS, max_output_bytes: OUTPUT_LIMIT, ...(leave === undefined ? {} : { signal: leave }) };
  const ask: Client["ask"] = async (args) => {
    const end = await commands.run([program, ...before, ...args], { ...options, cwd, env });
    const succeeded = end.kind === "exited" && end.exit_code === 0;
    return { printed: succeeded && !end.truncated ? end.stdout : null, refused: end.kind === "exited" && end.exit_code !== 0 };
  };
  return { ask, call: async (args) => (await ask(args)).printed };
}

/** The jobs of the gateway; null when it does not tell, which is never "none" (AGT-63). */
export async function openclawJobs(
  settings: OpenclawSettings,
  ground: Pick<AgentGround, "env" | "secrets" | "leave">,
): Promise<readonly Job[] | null> {
  const environment = childEnvironment(ground.env, { names: settings.env_allow, values: {} }, ground.secrets);
  return environment.kind === "refused" ? null : jobs(clientOf(settings, environment.env, "/", ground.leave));
}

export async function jobs(client: Client): Promise<readonly Job[] | null> {
  const printed = await client.call(["cron", "list", "--json"]);
  return printed === null ? null : jobsIn(printed);
}

export async function lastRun(client: Client, id: string): Promise<JobRun | null> {
  const printed = await client.call(["cron", "runs", "--id", id, "--limit", "1", "--json"]);
  return printed === null ? null : (runsInAnswer(printed)?.[0] ?? null);
}

/**
 * The id of the run's job, sought for so long; null when the last look saw none. `patient`: looks on until somebody answers.
 * At least one look is taken.
 */
export async function findJob(
  client: Client,
  run_id: string,
  within_ms: number,
  { look_ms = LOOK_MS }: Pick<OpenclawSettings, "look_ms">,
  patient: boolean,
): Promise<string | null | typeof UNKNOWN> {
  const looks = Math.max(1, Math.ceil(within_ms / LOOK_MS));
  let known: readonly Job[] | null = null;
  for (let look = 0; look < (patient && known === null ? looks + PATIENCE : looks); look += 1) {
    if (look > 0) await pause(look_ms, new AbortController().signal);
    known = await jobs(client);
    const found = known?.find((job) => job.declaration_key === run_id);
    if (found !== undefined) return found.id;
  }
  return known === null ? UNKNOWN : null;
}
