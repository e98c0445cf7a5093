/**
 * openclaw as a one-shot job of its gateway (AGT-60 to AGT-64). The client takes no message from standard input, so the message
 * only points to the prompt's private file. A slow answer never starts two jobs, and an answer that cannot be read is unknown,
 * never "not running".
 */
import { formatInstant, instantMs } from "@loopx/core/domain";
import { childEnvironment } from "../process/environment.ts";
import { pause } from "../timing.ts";
import type { AgentEnd, AgentRequest, AgentResult } from "./agent.ts";
import { writeRecord, type AgentRecord } from "./record.ts";
import { readResult, resultFile } from "./result-file.ts";
import { pathsOf, prepareRun } from "./run-files.ts";
import { addedJob, type JobRun } from "./openclaw-answers.ts";
import {
  CALL_MS,
  clientOf,
  findJob,
  jobs,
  lastRun,
  LATE_MS,
  LOOK_MS,
  UNKNOWN,
  type Client,
  type OpenclawSettings,
} from "./openclaw-client.ts";
import { promptDigest, runVariables } from "./words.ts";
import type { AgentGround } from "./run.ts";

const GONE_MS = 30_000;
/** The gateway may start a job late; our own limit begins after that. */
const START_SLACK_SECONDS = 150;

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
  const client = clientOf(settings, environment.env, request.run_dir, ground.leave);
  const name = jobName(request.goal_id ?? request.workspace.split("/").at(-1) ?? "task", request.run_id);
  const record = recordOf(request, settings, name, ground);
  await writeRecord(ground, record);
  const started = await startJob(client, request, name, settings);
  if (started.kind === "unknown") return close(record, ground, answer("stop_failed", "the gateway does not tell whether it has the job"));
  if (started.kind === "failed") return close(record, ground, answer("spawn_failed", ground.secrets.redact(started.reason)));
  const running: AgentRecord = { ...record, state: "running", remote_id: started.id };
  await writeRecord(ground, running);
  return close(running, ground, await untilEnded(client, started.id, request, settings, ground, signal));
}

/**
 * Goes on with a job that an executor before us asked for. One whose id was never written down is looked for by its key, for
 * as long as the client of the killed executor may still be asking for it (AGT-62).
 */
export async function resumeOpenclaw(
  record: AgentRecord,
  settings: OpenclawSettings,
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const { run_id, goal_id, workspace, limits, result } = record;
  const run_dir = `${ground.runs_dir}/${run_id}`;
  const end = (how: AgentEnd, reason: string): Promise<AgentResult> => close(record, ground, resultOf(run_id, how, reason));
  const environment = childEnvironment(ground.env, { names: settings.env_allow, values: {} }, ground.secrets);
  if (environment.kind === "refused") return end("lost", `variable ${environment.name} is ${environment.why}`);
  const client = clientOf(settings, environment.env, run_dir, ground.leave);
  const elapsed_ms = Math.max(0, ground.now().ms - (instantMs(record.started_at) ?? 0));
  const sought = record.remote_id ?? (await findJob(client, run_id, CALL_MS + LATE_MS - elapsed_ms, settings, true));
  if (sought === UNKNOWN) return end("stop_failed", "the gateway does not tell whether it has the job");
  if (sought === null) return end("lost", "the gateway knows no such job");
  const max_seconds = Math.max(-START_SLACK_SECONDS, limits.max_seconds - elapsed_ms / 1_000);
  const request: AgentRequest = {
    run_id,
    goal_id,
    workspace,
    limits: { ...limits, max_seconds },
    result,
    run_dir,
    prompt: "",
    model: null,
    sandbox: "workspace-write",
    writable: [],
    network: false,
  };
  const running: AgentRecord = { ...record, state: "running", remote_id: sought };
  if (record.remote_id === undefined) await writeRecord(ground, running);
  return close(running, ground, await untilEnded(client, sought, request, settings, ground, signal));
}

type Started =
  | { readonly kind: "started"; readonly id: string }
  | { readonly kind: "failed"; readonly reason: string }
  /** Nobody can tell whether there is a job: a person has to look. */
  | { readonly kind: "unknown" };

async function startJob(client: Client, request: AgentRequest, name: string, settings: OpenclawSettings): Promise<Started> {
  const pointer = `Read the file ${pathsOf(request.run_dir).prompt} and do exactly what it says. Write your result to ${resultFile(request.run_dir)}.`;
  const { printed, refused } = await client.ask([
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
  // It may exist all the same, or come to exist: look before anybody tries again (AGT-62).
  const found = await findJob(client, request.run_id, refused ? 0 : LATE_MS, settings, false);
  if (found === UNKNOWN) return refused ? { kind: "failed", reason: "the gateway does not answer" } : { kind: "unknown" };
  return found === null ? { kind: "failed", reason: "the gateway took no job" } : { kind: "started", id: found };
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
    if (ground.leave?.aborted === true) return new Promise(() => undefined);
    if (signal.aborted) return stopJob(client, id, request, settings, ground, "stopped", String(signal.reason ?? "stopped"));
    if (performance.now() >= until) return stopJob(client, id, request, settings, ground, "timeout", "its time was over");
    const known = await jobs(client);
    if (known !== null && !known.some((job) => job.id === id) && run === null) return afterGone(client, id, request, ground);
    await pause(settings.look_ms ?? LOOK_MS, ground.leave === undefined ? signal : AbortSignal.any([signal, ground.leave]));
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

/** Asks again as long as it is there: an answer that was lost is none. */
async function stopJob(
  client: Client,
  id: string,
  request: AgentRequest,
  { look_ms = 1_000 }: Pick<OpenclawSettings, "look_ms">,
  { leave }: Pick<AgentGround, "leave">,
  end: AgentEnd,
  reason: string,
): Promise<AgentResult> {
  const until = performance.now() + GONE_MS;
  for (;;) {
    if (leave?.aborted === true) return new Promise(() => undefined);
    await client.call(["cron", "rm", id]);
    const known = await jobs(client);
    if (known !== null && !known.some((job) => job.id === id)) return resultOf(request.run_id, end, reason);
    if (performance.now() >= until) return resultOf(request.run_id, "stop_failed", `job ${id} is still there`);
    await pause(look_ms, new AbortController().signal);
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
