/**
 * One run of an agent from request to result: record, start, watch, end, clean up. When this answers, no process of the run
 * is alive, or its end is `stop_failed` and says which. A killed executor's runs are gone on with from their records.
 */
import { randomBytes } from "node:crypto";
import { formatInstant, instantMs, type Moment } from "@loopx/core/domain";
import { adopt, changedAt, findProcess } from "../process/adopt.ts";
import { launch, type LaunchGround } from "../process/launch.ts";
import type { Secrets } from "../process/secrets.ts";
import { membersOf } from "../process/members.ts";
import { stopRun, type StopReport } from "../process/stop.ts";
import { supervise, type RunLimits, type Supervised, type Watchable } from "../process/supervise.ts";
import type { AgentEnd, AgentRequest, AgentResult, ClientName, ClientSettings, Judgement, Plan, ProcessClient } from "./agent.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { command } from "./command.ts";
import { readResult, resultFile, type ReadResult } from "./result-file.ts";
import { readRecord, writeRecord, type AgentRecord, type RecordPlace } from "./record.ts";
import { eventsOf, pathsOf, prepareRun, runsIn, tailOf } from "./run-files.ts";
import { promptDigest } from "./words.ts";

const GONE = "it is gone, and nobody saw how it ended";

/** The clients that are one local process. */
export const PROCESS_CLIENTS: Readonly<Record<Exclude<ClientName, "openclaw">, ProcessClient>> = { codex, claude, command };

/** What runs stand on. */
export interface AgentGround extends RecordPlace {
  readonly launch: LaunchGround;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
  readonly now: () => Moment;
  /** Told once the process runs and its record says so. */
  readonly onRunning?: (record: AgentRecord) => void;
  /** Leaves runs to the next executor: nobody watches them any more, and they are never settled here. */
  readonly leave?: AbortSignal;
  /** Shorter in tests. */
  readonly term_grace_ms?: number;
  readonly remains_ms?: number;
}

/** A fresh id of a run (AGT-2). */
export function newRunId(): string {
  return `run_${randomBytes(8).toString("hex")}`;
}

/** The variable that every process of a run carries. */
export function markOf(run_id: string): { readonly name: string; readonly value: string } {
  return { name: "LOOPX_RUN_ID", value: run_id };
}

/** Runs the request to its end. A wish to stop comes by the signal, whose reason is recorded. */
export async function runAgent(
  client: ProcessClient,
  request: AgentRequest,
  settings: ClientSettings & { readonly client_version: string | null },
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const refused = (reason: string): AgentResult => resultOf(request.run_id, client.name, { end: "spawn_failed", reason });
  if (request.prompt === "" || request.prompt.includes("\0")) return refused("bad_prompt");
  const planned = client.plan(request, { settings, env: ground.env, secrets: ground.secrets });
  if (planned.kind === "refused") return refused(planned.reason);
  prepareRun(request.run_dir, request.prompt);
  const starting = recordFor(client.name, request, settings, planned.plan, ground);
  await writeRecord(ground, starting);
  const launched = await launch(orderFor(planned.plan, request, settings, ground), ground.launch);
  if (launched.kind === "not_started") return finish(starting, ground, null, { end: "spawn_failed", reason: launched.errno });
  const running: AgentRecord = { ...starting, state: "running", process: launched.process };
  await recordOrStop(running, ground);
  ground.onRunning?.(running);
  return watch(client, running, launched, request.limits, ground, signal);
}

/** A run that no record leads to would be nobody's: it is ended before this throws. */
async function recordOrStop(running: AgentRecord, ground: AgentGround): Promise<void> {
  try {
    await writeRecord(ground, running);
  } catch (error) {
    await stopAgent(running, ground);
    throw error;
  }
}

/** Runs of this executor that have no end yet (AGT-28). */
export async function openRuns(ground: RecordPlace): Promise<readonly AgentRecord[]> {
  return (await recordedRuns(ground)).filter(({ state }) => state !== "ended");
}

/** Every run of this executor whose record can be read. */
export async function recordedRuns(ground: RecordPlace): Promise<readonly AgentRecord[]> {
  const records = await Promise.all(runsIn(ground.runs_dir).map((run_id) => readRecord(ground, run_id)));
  return records.filter((record): record is AgentRecord => record !== null);
}

/** Runs whose processes could not be ended and still are there: nothing new is started beside them (AGT-25). */
export async function stuckRuns(ground: AgentGround): Promise<readonly string[]> {
  const failed = (await recordedRuns(ground)).filter(({ end, driver }) => end === "stop_failed" && driver !== "openclaw");
  return failed
    .filter(({ process, run_id }) => membersOf(process, markOf(run_id), ground.launch.table).length > 0)
    .map(({ run_id }) => run_id);
}

/** Goes on with a run that an executor before us started; one that is gone is closed as lost. Its limits count from its start. */
export async function resumeAgent(
  client: ProcessClient,
  record: AgentRecord,
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const { table } = ground.launch;
  const run_dir = runDir(ground, record.run_id);
  const found = findProcess(record.process, markOf(record.run_id), table);
  const paths = pathsOf(run_dir);
  const log = record.log_path ?? paths.log;
  const known = found ?? record.process;
  if (known === null) return finish(record, ground, null, { end: "lost", reason: "it was never seen to start" });
  const adopted = adopt(known, { log, exit_file: paths.exit }, table);
  const running: AgentRecord = { ...record, state: "running", process: known };
  const elapsed = (ground.now().ms - (instantMs(record.started_at) ?? 0)) / 1000;
  const limits = { ...record.limits, max_seconds: Math.max(0, record.limits.max_seconds - elapsed) };
  return watch(client, running, adopted, limits, ground, signal);
}

/**
 * Ends the run of an executor that was killed, and closes its record: `stopped` when it was still alive, `lost` when it was gone
 * (AGT-28). One that cannot be ended stays open.
 */
export async function giveUpAgent(record: AgentRecord, ground: AgentGround, reason: string): Promise<StopReport> {
  const lived = findProcess(record.process, markOf(record.run_id), ground.launch.table) !== null;
  const report = await stopAgent(record, ground);
  if (report.still_alive.length > 0) return report;
  await finish(record, ground, null, lived ? { end: "stopped", reason } : { end: "lost", reason: GONE });
  return report;
}

/** Ends every process of a recorded run. */
export function stopAgent(record: AgentRecord, ground: AgentGround): Promise<StopReport> {
  return stopRun(record.process, markOf(record.run_id), { table: ground.launch.table, ...graces(ground) });
}

async function watch(
  client: ProcessClient,
  record: AgentRecord,
  run: Watchable,
  limits: AgentRecord["limits"],
  ground: AgentGround,
  signal: AbortSignal,
): Promise<AgentResult> {
  const run_dir = runDir(ground, record.run_id);
  const bounds: RunLimits = { max_ms: limits.max_seconds * 1000, silence_ms: limits.silence_seconds * 1000 };
  const supervised = await supervise(run, {
    mark: markOf(record.run_id),
    limits: bounds,
    table: ground.launch.table,
    signal,
    sign: () => changedAt(resultFile(run_dir)) ?? 0,
    ...(ground.leave === undefined ? {} : { leave: ground.leave }),
    ...graces(ground),
  });
  const judgement = supervised.end.kind === "exited" ? client.judge(supervised.end.exit, eventsOf(run_dir)) : null;
  return finish(record, ground, supervised, endOf(supervised, judgement, readResult(run_dir), record.result));
}

interface Ended {
  readonly end: AgentEnd;
  readonly reason: string;
  readonly http_status?: number | null;
  readonly judgement?: Judgement | null;
  readonly result?: ReadResult;
}

/** The one end of the closed list (AGT-30). */
function endOf({ end, still_alive }: Supervised, judgement: Judgement | null, result: ReadResult, wanted: "required" | "optional"): Ended {
  const common = { judgement, result };
  if (still_alive.length > 0) return { ...common, end: "stop_failed", reason: `still alive: ${still_alive.join(", ")}` };
  switch (end.kind) {
    case "timeout":
      return { ...common, end: "timeout", reason: "its time was over" };
    case "stalled":
      return { ...common, end: "stalled", reason: "it said nothing for too long" };
    case "lost":
      return { ...common, end: "lost", reason: GONE };
    case "stopped":
      return { ...common, end: "stopped", reason: end.reason };
    case "exited":
      return { ...common, ...judged(judgement, result, wanted) };
  }
}

function judged(judgement: Judgement | null, result: ReadResult, wanted: "required" | "optional"): Omit<Ended, "result" | "judgement"> {
  if (judgement === null) return { end: "lost", reason: "nobody saw how it ended" };
  if (judgement.kind === "failed") return { end: "agent_failed", reason: judgement.reason, http_status: judgement.http_status };
  if (result.kind === "declared") return { end: "ok", reason: "" };
  if (judgement.kind === "denied") return { end: "denied", reason: judgement.reason };
  if (result.kind === "invalid") return { end: "no_result", reason: result.reason };
  return wanted === "optional" ? { end: "ok", reason: "" } : { end: "no_result", reason: "there is no result.json" };
}

async function finish(record: AgentRecord, ground: AgentGround, supervised: Supervised | null, ended: Ended): Promise<AgentResult> {
  const result = resultOf(record.run_id, record.driver, {
    ...ended,
    reason: ground.secrets.redact(ended.reason),
    supervised,
    output_tail: ended.end === "ok" ? "" : ground.secrets.redact(tailOf(record.log_path ?? pathsOf(runDir(ground, record.run_id)).log)),
  });
  const { end, reason, exit_code, signal, usage } = result;
  const closed = { ...record, state: "ended" as const, ended_at: instant(ground), end, exit_code, signal };
  await writeRecord(ground, {
    ...closed,
    ...(reason === "" ? {} : { reason }),
    ...(usage === null ? {} : { usage }),
  });
  return result;
}

function resultOf(run_id: string, client: ClientName, of: Ended & { supervised?: Supervised | null; output_tail?: string }): AgentResult {
  const exit = of.supervised?.exit ?? null;
  return {
    run_id,
    client,
    end: of.end,
    reason: of.reason,
    http_status: of.http_status ?? null,
    declared: of.result?.kind === "declared" ? of.result.result : null,
    exit_code: exit?.exit_code ?? null,
    signal: exit?.signal ?? null,
    usage: of.judgement?.kind === "success" ? of.judgement.usage : null,
    output_tail: of.output_tail ?? "",
    log_truncated: of.supervised?.log_truncated ?? null,
    still_alive: of.supervised?.still_alive ?? [],
  };
}

function recordFor(
  driver: ClientName,
  request: AgentRequest,
  settings: ClientSettings & { readonly client_version: string | null },
  plan: Plan,
  ground: AgentGround,
): AgentRecord {
  return {
    schema_version: "loopx_agent_run_v1",
    run_id: request.run_id,
    driver,
    goal_id: request.goal_id,
    workspace: request.workspace,
    shown_command: plan.shown_command,
    prompt_sha256: promptDigest(request.prompt),
    prompt_bytes: Buffer.byteLength(request.prompt),
    state: "starting",
    process: null,
    client_version: settings.client_version,
    confinement: settings.confinement,
    started_at: instant(ground),
    result: request.result,
    limits: request.limits,
    ...(request.log_path === undefined ? {} : { log_path: request.log_path }),
  };
}

function orderFor(plan: Plan, request: AgentRequest, settings: ClientSettings, ground: AgentGround) {
  const paths = pathsOf(request.run_dir);
  const limit = request.limits.max_output_bytes;
  return {
    program: plan.program,
    argv: plan.argv,
    env: plan.env,
    cwd: plan.cwd,
    stdin: plan.stdin === "prompt" ? paths.prompt : null,
    log: { path: request.log_path ?? paths.log, limit, policy: "cut" as const },
    stdout_copy: { path: paths.events, limit, policy: "cut" as const },
    exit_file: paths.exit,
    redact: [...ground.secrets.values, ...(settings.relay === null ? [] : [settings.relay.token])],
  };
}

function runDir({ runs_dir }: Pick<AgentGround, "runs_dir">, run_id: string): string {
  return `${runs_dir}/${run_id}`;
}

function graces({ term_grace_ms, remains_ms }: AgentGround): { term_grace_ms?: number; remains_ms?: number } {
  return { ...(term_grace_ms === undefined ? {} : { term_grace_ms }), ...(remains_ms === undefined ? {} : { remains_ms }) };
}

function instant({ now }: Pick<AgentGround, "now">): string {
  return formatInstant(now(), "milliseconds");
}
