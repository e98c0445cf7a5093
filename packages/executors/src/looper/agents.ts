/**
 * The runs of one service: started through the agent drivers, watched to their end, adopted after a crash (LPR-33, LPR-64).
 * What a run leaves (commit, goal history, log trailer, record) is done here once, whoever ended it.
 */
import type { FileHost } from "@loopx/core";
import type { JsonObject, Moment } from "@loopx/core/domain";
import type { AgentRequest, AgentResult, ClientSettings, ProcessClient } from "../drivers/agents/agent.ts";
import type { AgentRecord } from "../drivers/agents/record.ts";
import { openRuns, resumeAgent, runAgent, type AgentGround } from "../drivers/agents/run.ts";
import type { Git } from "../drivers/git/git.ts";
import { commitAfter, lookBefore, type Before } from "../drivers/looper/commit.ts";
import { beginRunLog, endRunLog, runLogName } from "../drivers/looper/run-logs.ts";
import type { Log } from "../drivers/looper/server-log.ts";
import { workDigest } from "../drivers/looper/workspace.ts";
import type { LooperConfig } from "./config.ts";
import { recordRun, type RunGoal } from "./goals.ts";

/** Everything that a run needs and the machine does not know. */
export interface PlannedRun {
  readonly request_id: string;
  readonly run_id: string;
  readonly trigger: "http" | "auto";
  readonly workspace: string;
  readonly prompt: string;
  readonly goal: RunGoal | null;
  readonly client: ProcessClient;
  readonly settings: ClientSettings & { readonly client_version: string | null };
  readonly binary_source: string;
}

/** How a run ended, as the service tells it. */
export interface RunEnd {
  readonly run_id: string;
  readonly result: AgentResult;
  readonly progress: "progress" | "no_progress" | null;
}

/** A run that lives, or is just ending. */
export interface ActiveRun {
  readonly run_id: string;
  readonly record: AgentRecord;
  readonly log_path: string;
  /** Asks it to end; the reason stands in its record. */
  stop(reason: string): void;
  /** Everything after it is done too. */
  readonly ended: Promise<RunEnd>;
}

export interface RunsGround {
  readonly config: LooperConfig;
  readonly host: FileHost;
  readonly agents: AgentGround;
  readonly git: Git;
  readonly log: Log;
  readonly now: () => Moment;
  /** A line of `runs.jsonl`; one that cannot be written is told to the log and stops nobody (LPR-76). */
  readonly note: (line: JsonObject) => Promise<void>;
  /** Runs that live, with their logs: nothing of theirs is removed. */
  readonly live: Map<string, string>;
  /** Copies what is printed into the service's log where that is wanted; the answer ends it. */
  readonly mirror: (run_id: string, log_path: string) => () => void;
  /** Removes logs and folders of runs that are too old or too many. */
  readonly prune: () => void;
  readonly joined: (...parts: string[]) => string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Starts the run; a refusal to start is an end like any other, seen before `started` is. */
export async function startRun(ground: RunsGround, run: PlannedRun): Promise<ActiveRun | AgentResult> {
  const { config, git } = ground;
  const state_file = run.goal?.state_file ?? null;
  const statePath = state_file === null ? null : ground.joined(run.goal?.repo ?? run.workspace, state_file);
  const before = await lookBefore(git, run.workspace);
  const digest = await workDigest(git, run.workspace, statePath);
  const log_path = ground.joined(config.log.run_dir, runLogName(ground.now(), run.request_id));
  const request = requestOf(ground, run, statePath, log_path);
  beginRunLog(log_path, [
    ["request_id", run.request_id],
    ["run_id", run.run_id],
    ["workspace", run.workspace],
    ["command", shownCommand(ground, run, request)],
    ["started_at", new Date(ground.now().ms).toISOString()],
  ]);
  const base = {
    run_id: run.run_id,
    request_id: run.request_id,
    trigger: run.trigger,
    workspace: run.workspace,
    goal_id: run.goal?.goal_id ?? null,
    log_path,
  };
  ground.live.set(run.run_id, log_path);
  await ground.note({ ...base, state: "starting" });
  const unmirror = ground.mirror(run.run_id, log_path);

  const stop = new AbortController();
  const running = deferred<AgentRecord>();
  const done = runAgent(run.client, request, run.settings, { ...ground.agents, onRunning: running.resolve }, stop.signal);
  const first = await Promise.race([running.promise.then((record) => ({ record })), done.then((result) => ({ result }))]);
  if ("result" in first) {
    await finish(ground, { run, before, digest, statePath, log_path, base, unmirror }, first.result);
    return first.result;
  }
  const { record } = first;
  const { process } = record;
  await ground.note({
    ...base,
    state: "running",
    pid: process?.pid ?? null,
    pgid: process?.pgid ?? null,
    start_ticks: process?.start_ticks ?? null,
    boot_id: process?.boot_id ?? null,
    command: record.shown_command,
    prompt_sha256: record.prompt_sha256,
  });
  const ended = done
    .catch((error: unknown) => unwatched(ground, record, error))
    .then((result) => finish(ground, { run, before, digest, statePath, log_path, base, unmirror }, result));
  return { run_id: run.run_id, record, log_path, stop: (reason) => stop.abort(reason), ended };
}

function requestOf(ground: RunsGround, run: PlannedRun, statePath: string | null, log_path: string): AgentRequest {
  const { config, agents } = ground;
  return {
    run_id: run.run_id,
    goal_id: run.goal?.goal_id ?? null,
    workspace: run.workspace,
    prompt: run.prompt,
    model: null,
    sandbox: "workspace-write",
    writable: statePath === null ? [] : [ground.joined(statePath, "..")],
    network: false,
    limits: { max_seconds: config.max_run_seconds, silence_seconds: config.stall_seconds, max_output_bytes: MAX_OUTPUT_BYTES },
    run_dir: ground.joined(agents.runs_dir, run.run_id),
    log_path,
    result: "optional",
  };
}

interface Finishing {
  readonly run: PlannedRun;
  readonly before: Before;
  readonly digest: string;
  readonly statePath: string | null;
  readonly log_path: string;
  readonly base: JsonObject;
  readonly unmirror: () => void;
}

/** Commit, progress, goal history, trailer, record: in this order, each once. */
async function finish(ground: RunsGround, of: Finishing, result: AgentResult): Promise<RunEnd> {
  const { run, log_path, base } = of;
  of.unmirror();
  const commit = ground.config.commit
    ? await tried(ground, "commit", () => commitAfter(ground.git, of.before, result, run.goal?.goal_id ?? null))
    : null;
  const after = await tried(ground, "digest", () => workDigest(ground.git, run.workspace, of.statePath));
  const progress = after === null ? null : after === of.digest ? "no_progress" : "progress";
  const { goal } = run;
  const note = goal === null ? null : await tried(ground, "goal", () => recordRun(goal, run.workspace, result, commit));
  await close(ground, base, log_path, result, {
    ...(commit === null ? {} : { commit }),
    ...(progress === null ? {} : { progress }),
    ...(note === null ? {} : { goal_note: note }),
  });
  return { run_id: run.run_id, result, progress };
}

/** A step after a run that fails is a line of the log, and never the run's end. */
async function tried<Value>(ground: RunsGround, step: string, act: () => Promise<Value>): Promise<Value | null> {
  try {
    return await act();
  } catch (error) {
    ground.log("ERROR", "run.fail", { step, error: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

async function close(ground: RunsGround, base: JsonObject, log_path: string, result: AgentResult, more: JsonObject): Promise<void> {
  const { end, reason, exit_code, signal } = result;
  endRunLog(log_path, end, reason, exit_code ?? signalCode(signal) ?? "unknown");
  await ground.note({ ...base, state: "ended", end, reason, exit_code, ...(signal === null ? {} : { signal }), ...more });
  ground.log("INFO", "run.end", { run_id: result.run_id, end, reason, ...more });
  ground.live.delete(result.run_id);
  ground.prune();
}

/** A run whose end could not be recorded, on a full disk for one, is over for this service; its files say the rest. */
function unwatched({ log }: RunsGround, { run_id, driver }: AgentRecord, error: unknown): AgentResult {
  const reason = error instanceof Error ? error.message : String(error);
  log("ERROR", "run.fail", { run_id, step: "record", error: reason });
  const nothing = { http_status: null, declared: null, exit_code: null, signal: null, usage: null, log_truncated: null };
  return { run_id, client: driver, end: "lost", reason, output_tail: "", still_alive: [], ...nothing };
}

/** Runs of a service before this one: watched again when they live, closed as lost when not (LPR-64). */
export async function adoptRuns(ground: RunsGround, clientOf: (record: AgentRecord) => ProcessClient): Promise<readonly ActiveRun[]> {
  const records = await openRuns(ground.agents);
  return records.map((record) => {
    const stop = new AbortController();
    const log_path = typeof record.log_path === "string" ? record.log_path : "";
    const base = { run_id: record.run_id, workspace: record.workspace, goal_id: record.goal_id, log_path };
    ground.live.set(record.run_id, log_path);
    const unmirror = ground.mirror(record.run_id, log_path);
    const watched = resumeAgent(clientOf(record), record, ground.agents, stop.signal);
    const ended = watched
      .catch((error: unknown) => unwatched(ground, record, error))
      .then(async (result) => {
        unmirror();
        await close(ground, base, log_path, result, {});
        return { run_id: record.run_id, result, progress: null };
      });
    return { run_id: record.run_id, record, log_path, stop: (reason: string) => stop.abort(reason), ended };
  });
}

function shownCommand({ agents }: RunsGround, { client, settings }: PlannedRun, request: AgentRequest): string {
  const planned = client.plan(request, { settings, env: agents.env, secrets: agents.secrets });
  return planned.kind === "plan" ? planned.plan.shown_command : planned.reason;
}

/** As a shell counts them, negative: -15, -9. */
export function signalCode(signal: string | null): number | null {
  const numbers: Readonly<Record<string, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  const number = signal === null ? undefined : numbers[signal];
  return number === undefined ? null : -number;
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
