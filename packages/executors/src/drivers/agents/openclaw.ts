/**
 * openclaw as a one-shot job of its gateway (AGT-60 to AGT-64). The client takes no message from standard input, so the message
 * only points to the prompt's private file. A slow answer never starts two jobs, and an answer that cannot be read is unknown,
 * never "not running".
 */
import { nodeCommands, systemClock, type Commands } from "@loopx/core";
import { formatInstant } from "@loopx/core/domain";
import { childEnvironment } from "../process/environment.ts";
import type { AgentEnd, AgentRequest, AgentResult } from "./agent.ts";
import { writeRecord, type AgentRecord } from "./record.ts";
import { readResult, resultFile } from "./result-file.ts";
import { pathsOf, prepareRun } from "./run-files.ts";
import { addedJob, jobsIn, runsInAnswer, type Job, type JobRun } from "./openclaw-answers.ts";
import { promptDigest, runVariables } from "./words.ts";
import type { AgentGround } from "./run.ts";

const CALL_MS = 60_000;
const GONE_MS = 30_000;
const LOOK_MS = 5_000;
const OUTPUT_LIMIT = 4 * 1024 * 1024;
/** The gateway may start a job late; our own limit begins after that. */
const START_SLACK_SECONDS = 150;

/** How this machine runs openclaw. */
export interface OpenclawSettings {
  /** The program and what stands before its own words: `[node, openclaw.mjs]` when `OPENCLAW_NODE` is set. */
  readonly program: readonly [string, ...string[]];
  readonly client_version: string | null;
  readonly env_allow: readonly string[];
  readonly commands?: Commands;
  readonly look_ms?: number;
}

/** `loopx-<what>-<8 hex>`: never a word by which a text of the client could be misread. */
export function jobName(what: string, run_id: string): string {
  const clean = what
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/running|idle/g, "job")
    .replaceAll(/^-+|-+$/g, "");
  return `loopx-${clean.slice(0, 44)}-${run_id.slice(4, 12)}`.replaceAll(/-+/g, "-");
}

/** Runs the request as a job and answers its end. */
export async function runOpenclaw(
  request: AgentRequest,
  settings: OpenclawSettings,
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const answer = (end: AgentEnd, reason: string, more: Partial<AgentResult> = {}): AgentResult =>
    resultOf(request.run_id, end, reason, more);
  if (request.prompt === "" || request.prompt.includes("\0")) return answer("spawn_failed", "bad_prompt");
  if (request.sandbox === "read-only") return answer("spawn_failed", "no_confinement");
  const environment = childEnvironment(ground.env, { names: settings.env_allow, values: runVariables(request) }, ground.secrets);
  if (environment.kind === "refused") return answer("spawn_failed", `variable ${environment.name} is ${environment.why}`);
  prepareRun(request.run_dir, request.prompt);
  const client = clientOf(settings, environment.env, request.run_dir);
  const name = jobName(request.goal_id ?? request.workspace.split("/").at(-1) ?? "task", request.run_id);
  const record = recordOf(request, settings, name, ground);
  await writeRecord(ground, record);
  const started = await startJob(client, request, name);
  if (started.kind === "failed") return close(record, ground, answer("spawn_failed", ground.secrets.redact(started.reason)));
  const running: AgentRecord = { ...record, state: "running", remote_id: started.id };
  await writeRecord(ground, running);
  return close(running, ground, await untilEnded(client, started.id, request, settings, ground, signal));
}

/** Goes on with a job that an executor before us asked for. One whose id was never written down is looked for by its key (AGT-62). */
export async function resumeOpenclaw(
  record: AgentRecord,
  settings: OpenclawSettings,
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const { run_id, goal_id, workspace, limits, result } = record;
  const run_dir = `${ground.runs_dir}/${run_id}`;
  const lost = (reason: string): Promise<AgentResult> => close(record, ground, resultOf(run_id, "lost", reason));
  const environment = childEnvironment(ground.env, { names: settings.env_allow, values: {} }, ground.secrets);
  if (environment.kind === "refused") return lost(`variable ${environment.name} is ${environment.why}`);
  const client = clientOf(settings, environment.env, run_dir);
  const id = record.remote_id ?? (await jobs(client))?.find((job) => job.declaration_key === run_id)?.id;
  if (id === undefined) return lost("the gateway knows no such job");
  const request: AgentRequest = {
    run_id,
    goal_id,
    workspace,
    limits,
    result,
    run_dir,
    prompt: "",
    model: null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
  };
  return close(record, ground, await untilEnded(client, id, request, settings, ground, signal));
}

interface Client {
  /** Standard output of a call that ended with 0; null for anything else. */
  call(args: readonly string[]): Promise<string | null>;
}

function clientOf(settings: OpenclawSettings, env: Readonly<Record<string, string>>, cwd: string): Client {
  const commands = settings.commands ?? nodeCommands(systemClock);
  const [program, ...before] = settings.program;
  return {
    call: async (args) => {
      const end = await commands.run([program, ...before, ...args], { cwd, env, timeout_ms: CALL_MS, max_output_bytes: OUTPUT_LIMIT });
      return end.kind === "exited" && end.exit_code === 0 && !end.truncated ? end.stdout : null;
    },
  };
}

type Started = { readonly kind: "started"; readonly id: string } | { readonly kind: "failed"; readonly reason: string };

async function startJob(client: Client, request: AgentRequest, name: string): Promise<Started> {
  const pointer = `Read the file ${pathsOf(request.run_dir).prompt} and do exactly what it says. Write your result to ${resultFile(request.run_dir)}.`;
  const printed = await client.call([
    "cron",
    "add",
    "--name",
    name,
    "--declaration-key",
    request.run_id,
    "--at",
    "20s",
    "--message",
    pointer,
    "--delete-after-run",
    "--session",
    "isolated",
    "--no-deliver",
    "--thinking",
    "low",
    "--timeout-seconds",
    String(Math.ceil(request.limits.max_seconds)),
    "--json",
  ]);
  const id = printed === null ? null : addedJob(printed);
  if (id !== null) return { kind: "started", id };
  // It may exist all the same: look before anybody tries again (AGT-62).
  const found = (await jobs(client))?.find((job) => job.declaration_key === request.run_id || job.name === name);
  return found === undefined ? { kind: "failed", reason: "the gateway took no job" } : { kind: "started", id: found.id };
}

async function jobs(client: Client): Promise<readonly Job[] | null> {
  const printed = await client.call(["cron", "list", "--json"]);
  return printed === null ? null : jobsIn(printed);
}

async function lastRun(client: Client, id: string): Promise<JobRun | null> {
  const printed = await client.call(["cron", "runs", "--id", id, "--limit", "1", "--json"]);
  return printed === null ? null : (runsInAnswer(printed)?.[0] ?? null);
}

async function untilEnded(
  client: Client,
  id: string,
  request: AgentRequest,
  settings: OpenclawSettings,
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const until = performance.now() + (request.limits.max_seconds + START_SLACK_SECONDS) * 1000;
  for (;;) {
    const run = await lastRun(client, id);
    if (run !== null && run.status !== "" && run.status !== "running") return ended(run, request, ground);
    if (signal.aborted) return stopJob(client, id, request, "stopped", String(signal.reason ?? "stopped"));
    if (performance.now() >= until) return stopJob(client, id, request, "timeout", "its time was over");
    const known = await jobs(client);
    if (known !== null && !known.some((job) => job.id === id) && run === null) return afterGone(client, id, request, ground);
    await pause(settings.look_ms ?? LOOK_MS, signal);
  }
}

/** A job that succeeded is deleted: its run may be told a moment later. */
async function afterGone(client: Client, id: string, request: AgentRequest, ground: AgentGround): Promise<AgentResult> {
  const run = await lastRun(client, id);
  return run === null ? resultOf(request.run_id, "lost", "the job is gone, and nobody saw how it ended") : ended(run, request, ground);
}

function ended(run: JobRun, request: AgentRequest, ground: AgentGround): AgentResult {
  const result = readResult(request.run_dir);
  const declared = result.kind === "declared" ? result.result : null;
  if (run.status !== "ok")
    return resultOf(request.run_id, "agent_failed", ground.secrets.redact(run.error || `the job ended with ${run.status}`), { declared });
  if (declared !== null || (result.kind === "absent" && request.result === "optional"))
    return resultOf(request.run_id, "ok", "", { declared, usage: run.usage });
  return resultOf(request.run_id, "no_result", result.kind === "invalid" ? result.reason : "there is no result.json");
}

async function stopJob(client: Client, id: string, request: AgentRequest, end: AgentEnd, reason: string): Promise<AgentResult> {
  await client.call(["cron", "rm", id]);
  const until = performance.now() + GONE_MS;
  for (;;) {
    const known = await jobs(client);
    if (known !== null && !known.some((job) => job.id === id)) return resultOf(request.run_id, end, reason);
    if (performance.now() >= until) return resultOf(request.run_id, "stop_failed", `job ${id} is still there`);
    await pause(1_000, new AbortController().signal);
  }
}

async function close(record: AgentRecord, ground: AgentGround, result: AgentResult): Promise<AgentResult> {
  const at = formatInstant(ground.now(), "milliseconds");
  const reason = result.reason === "" ? {} : { reason: result.reason };
  await writeRecord(ground, { ...record, state: "ended", ended_at: at, end: result.end, ...reason });
  return result;
}

function recordOf(request: AgentRequest, settings: OpenclawSettings, name: string, ground: AgentGround): AgentRecord {
  return {
    schema_version: "loopx_agent_run_v1",
    run_id: request.run_id,
    driver: "openclaw",
    goal_id: request.goal_id,
    workspace: request.workspace,
    shown_command: `openclaw cron add --name ${name} < <prompt sha256=${promptDigest(request.prompt)} bytes=${Buffer.byteLength(request.prompt)}>`,
    prompt_sha256: promptDigest(request.prompt),
    prompt_bytes: Buffer.byteLength(request.prompt),
    state: "starting",
    process: null,
    client_version: settings.client_version,
    // Environment and confinement are the gateway's.
    confinement: "none",
    started_at: formatInstant(ground.now(), "milliseconds"),
    result: request.result,
    limits: request.limits,
  };
}

function resultOf(run_id: string, end: AgentEnd, reason: string, more: Partial<AgentResult> = {}): AgentResult {
  return {
    run_id,
    client: "openclaw",
    end,
    reason,
    http_status: null,
    declared: null,
    exit_code: null,
    signal: null,
    usage: null,
    output_tail: "",
    log_truncated: null,
    still_alive: [],
    ...more,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
