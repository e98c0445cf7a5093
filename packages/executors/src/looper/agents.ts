/**
 * The runs of one service: started through the agent drivers, watched to their end, adopted after a crash (LPR-33, LPR-64).
 */
import type { FileHost } from "@loopx/core";
import type { JsonObject, Moment } from "@loopx/core/domain";
import type { AgentRequest, AgentResult, ClientSettings, ProcessClient } from "../drivers/agents/agent.ts";
import type { AgentRecord } from "../drivers/agents/record.ts";
import { openRuns, resumeAgent, runAgent, type AgentGround } from "../drivers/agents/run.ts";
import type { Git } from "../drivers/git/git.ts";
import { beginRunLog, runLogName } from "../drivers/looper/run-logs.ts";
import type { Log } from "../drivers/looper/server-log.ts";
import { finish, lookAtOutset, outsetOf, type RunEnd, type RunLine } from "./after-run.ts";
import type { LooperConfig } from "./config.ts";
import type { RunGoal } from "./goals.ts";

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
  /** The goal of an adopted run, as its registry has it now. */
  readonly goalOf: (workspace: string, goal_id: string) => Promise<RunGoal | null>;
  /** How the workspace stood before a run, in the run's folder. */
  readonly keepOutset: (run_id: string, outset: JsonObject) => Promise<void>;
  readonly readOutset: (run_id: string) => Promise<JsonObject | null>;
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
  const { run_id, request_id, trigger, workspace, goal } = run;
  const state_path = statePath(ground, goal, workspace);
  const log_path = ground.joined(ground.config.log.run_dir, runLogName(ground.now(), request_id));
  const line: RunLine = { run_id, request_id, trigger, workspace, goal_id: goal?.goal_id ?? null, log_path };
  const outset = await lookAtOutset(ground, line, state_path);
  const request = requestOf(ground, run, state_path, log_path);
  beginRunLog(log_path, [
    ["request_id", request_id],
    ["run_id", run_id],
    ["workspace", workspace],
    ["command", shownCommand(ground, run, request)],
    ["started_at", new Date(ground.now().ms).toISOString()],
  ]);
  ground.live.set(run_id, log_path);
  await ground.note({ ...line, state: "starting" });
  const unmirror = ground.mirror(run_id, log_path);
  const finished = (result: AgentResult): Promise<RunEnd> => {
    unmirror();
    return finish(ground, { line, goal, outset, state_path }, result);
  };

  const stop = new AbortController();
  const running = deferred<AgentRecord>();
  const done = runAgent(run.client, request, run.settings, { ...ground.agents, onRunning: running.resolve }, stop.signal);
  const first = await Promise.race([running.promise.then((record) => ({ record })), done.then((result) => ({ result }))]);
  if ("result" in first) {
    await finished(first.result);
    return first.result;
  }
  const { record } = first;
  await ground.note({ ...line, ...runningLine(record) });
  const ended = done.catch((error: unknown) => unwatched(ground, record, error)).then(finished);
  return { run_id, record, log_path, stop: (reason) => stop.abort(reason), ended };
}

function runningLine({ process, shown_command, prompt_sha256 }: AgentRecord): JsonObject {
  return {
    state: "running",
    pid: process?.pid ?? null,
    pgid: process?.pgid ?? null,
    start_ticks: process?.start_ticks ?? null,
    boot_id: process?.boot_id ?? null,
    command: shown_command,
    prompt_sha256,
  };
}

function requestOf(ground: RunsGround, run: PlannedRun, state_path: string | null, log_path: string): AgentRequest {
  const { config, agents } = ground;
  return {
    run_id: run.run_id,
    goal_id: run.goal?.goal_id ?? null,
    workspace: run.workspace,
    prompt: run.prompt,
    model: null,
    sandbox: "workspace-write",
    writable: state_path === null ? [] : [ground.joined(state_path, "..")],
    network: false,
    limits: { max_seconds: config.max_run_seconds, silence_seconds: config.stall_seconds, max_output_bytes: MAX_OUTPUT_BYTES },
    run_dir: ground.joined(agents.runs_dir, run.run_id),
    log_path,
    result: "optional",
  };
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
  return Promise.all(records.map((record) => adoptRun(ground, clientOf(record), record)));
}

async function adoptRun(ground: RunsGround, client: ProcessClient, record: AgentRecord): Promise<ActiveRun> {
  const { run_id, workspace, goal_id } = record;
  const log_path = typeof record.log_path === "string" ? record.log_path : "";
  const line: RunLine = { run_id, workspace, goal_id, log_path };
  const goal = goal_id === null ? null : await ground.goalOf(workspace, goal_id);
  const outset = await outsetOf(ground, line);
  ground.live.set(run_id, log_path);
  const unmirror = ground.mirror(run_id, log_path);
  const stop = new AbortController();
  const ended = resumeAgent(client, record, ground.agents, stop.signal)
    .catch((error: unknown) => unwatched(ground, record, error))
    .then((result) => {
      unmirror();
      return finish(ground, { line, goal, outset, state_path: statePath(ground, goal, workspace) }, result);
    });
  return { run_id, record, log_path, stop: (reason) => stop.abort(reason), ended };
}

/** The goal's state file; an agent may write beside it. */
function statePath({ joined }: RunsGround, goal: RunGoal | null, workspace: string): string | null {
  const file = goal?.state_file ?? null;
  return file === null ? null : joined(goal?.repo ?? workspace, file);
}

function shownCommand({ agents }: RunsGround, { client, settings }: PlannedRun, request: AgentRequest): string {
  const planned = client.plan(request, { settings, env: agents.env, secrets: agents.secrets });
  return planned.kind === "plan" ? planned.plan.shown_command : planned.reason;
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
