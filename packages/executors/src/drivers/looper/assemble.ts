/** Puts a real Looper together: files, processes, git, Zulip and the port. Everything outside it is named here and nowhere else. */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { isSameToken, listen, type Listening, type ServerLimits } from "@loopx/cli/http";
import { LoopxError, parseGoalId, type Moment } from "@loopx/core/domain";
import type { DocumentKey, FileHost, HeldLock } from "@loopx/core";
import { hostsOf, type LooperConfig } from "../../looper/config.ts";
import type { RunsGround } from "../../looper/agents.ts";
import { findGoal, projectsOf } from "../../looper/goals.ts";
import { canPoll, idleWarnings, keyWarnings } from "../../looper/idle.ts";
import { preparing } from "../../looper/prepare.ts";
import { looperServer } from "../../looper/server.ts";
import { openLooper, type Looper } from "../../looper/service.ts";
import { workspaceLocks } from "../../looper/workspace-locks.ts";
import { newRunId, PROCESS_CLIENTS, type AgentGround } from "../agents/run.ts";
import { tailOf } from "../agents/run-files.ts";
import { machineMoment } from "../clock.ts";
import { executorGit } from "../git/git.ts";
import { readZulip, type ZulipConfigured } from "../notify/zulip.ts";
import { hostProcesses } from "../process/identity.ts";
import { keeperFile } from "../process/keeper-file.ts";
import { secretsOf, secretValues, type Secrets } from "../process/secrets.ts";
import { realTiming } from "../timing.ts";
import { agentFinder } from "./agent-program.ts";
import { safeNotice } from "../../notify/safe-notice.ts";
import { undeliveredBook, undeliveredOf } from "../../notify/undelivered.ts";
import { announcing, isAllowedScript } from "./announce.ts";
import { mirrorOutput } from "./mirror.ts";
import { EXECUTOR, globalHost, hostOf, readObject, STATE, tokenOf, type LooperPlace } from "./place.ts";
import { newestRunLogMs, pruneRuns } from "./run-logs.ts";
import { runRecords, type RunRecords } from "./run-records.ts";
import { serverLog, type Log } from "./server-log.ts";

/** LPR-14, REL-106, REL-107. */
export const LIMITS: ServerLimits = { headers_ms: 10_000, request_ms: 30_000, connections: 32, header_bytes: 8_192 };
const OPEN_REQUESTS_MS = 2_000;

export interface ServedLooper {
  readonly looper: Looper;
  readonly listening: Listening;
  readonly token_path: string | null;
  readonly log: Log;
  readonly warnings: readonly string[];
  close(leave_running: boolean): Promise<void>;
}

/** What one service has in hand while it serves. */
interface Ground {
  readonly config: LooperConfig;
  readonly place: LooperPlace;
  readonly host: FileHost;
  readonly zulip: ZulipConfigured;
  readonly token: string;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly now: () => Moment;
  readonly records: RunRecords;
  /** Aborted when runs are left to the next service. */
  readonly leave: AbortController;
}

/** Adopts what an earlier service left, opens the port and, when it is configured, looks for idleness. */
export async function serveLooper(config: LooperConfig, place: LooperPlace): Promise<ServedLooper> {
  const { io } = place;
  const host = hostOf(config, place, config.workspace ?? place.cwd);
  const held = await host.lock.acquire(join(config.dir, "lock", "service"), { wait_ms: 0, command: "loopx-loop looper serve" });
  if (held.kind === "busy") throw alreadyServed(config, held.owner?.pid ?? null);
  const { token, path: token_path } = tokenOf(config);
  const zulip = readZulip(io.env, io.home);
  if (zulip.kind === "faulty") throw new LoopxError("config_invalid", zulip.fault, { hint: "correct the Zulip variables, or unset them" });
  const secrets = secretsOf([token, ...secretValues(io.env), ...(zulip.kind === "configured" ? [zulip.settings.key] : [])]);
  const now = (): Moment => machineMoment(io.clock);
  const log = logOf(config, secrets, now);
  const ground: Ground = {
    config,
    place,
    host,
    zulip,
    token,
    secrets,
    now,
    log,
    records: runRecords(host, now, log),
    leave: new AbortController(),
  };
  const looper = await looperOf(ground);
  await looper.recover();
  const listening = await opened(ground, looper, held);
  const stopPolling = poll(config, looper, ground.log);
  ground.log("INFO", "service.start", { host: config.host, port: listening.port, version: io.version });
  return {
    looper,
    listening,
    token_path,
    log: ground.log,
    warnings: [...(zulip.kind === "configured" ? zulip.warnings : []), ...idleWarnings(config), ...keyWarnings(config, io.env)],
    close: async (leave_running) => {
      stopPolling();
      const open = listening.close(OPEN_REQUESTS_MS);
      await looper.close(leave_running);
      if (leave_running) ground.leave.abort();
      await open;
      await held.release();
      ground.log("INFO", "service.stop", { leave_running });
    },
  };
}

/** Runs that were adopted are let go again when the port is somebody else's. */
async function opened(ground: Ground, looper: Looper, held: HeldLock): Promise<Listening> {
  const { config, place, token, secrets, log, records } = ground;
  let listening: Listening | null = null;
  const app = looperServer({
    looper,
    runs: () => records.list(),
    tail: ({ log_path }) => (typeof log_path === "string" ? secrets.redact(tailOf(log_path)) : ""),
    status: async () => ({
      live: [...looper.live()],
      runs: (await records.list()).slice(0, 10),
      autopoll: looper.autopoll(),
      undelivered: await undeliveredOf({ documents: ground.host.documents, executor: EXECUTOR }),
    }),
    hosts: () => hostsOf(config, listening?.port ?? config.port),
    isToken: (given) => isSameToken(given, token),
    digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    requestId: hexId,
    timing: place.timing ?? realTiming,
    log,
  });
  try {
    listening = await listen(
      (request, env) => app.fetch(request, env),
      { host: config.host, port: config.port },
      { ...LIMITS, ...place.limits },
    );
    return listening;
  } catch (error) {
    await looper.close(true);
    ground.leave.abort();
    await held.release();
    throw error;
  }
}

/** What did not arrive stands in the status, without secrets and private texts. */
function lostIn({ host, now, secrets }: Ground): (message: string, why: string) => Promise<void> {
  const book = undeliveredBook({ documents: host.documents, executor: EXECUTOR }, now);
  return (message, why) => {
    const notice = safeNotice({ key: hexId(), level: "info", text: message }, secrets.redact);
    return book.ended(notice, { ok: false, code: "not_announced", retryable: false, detail: secrets.redact(why) });
  };
}

async function looperOf(ground: Ground): Promise<Looper> {
  const { config, place, host, zulip, log, now, records } = ground;
  const { io } = place;
  const lockDir = join(place.runtime_root, "executors", EXECUTOR, "lock");
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
  return openLooper({
    runs: runsGround(ground),
    timing: place.timing ?? realTiming,
    log,
    now,
    locks: workspaceLocks(host.lock, (workspace) => join(lockDir, digest(workspace))),
    prepare: preparing({
      config,
      hostAt: (workspace) => hostOf(config, place, workspace),
      roots: async () => config.workspace_roots ?? [...ownRoot(config), ...(await projectsOf(globalHost(config, place)))],
      findAgent: agentFinder(config, io.env),
      isAllowedScript: (path) => isAllowedScript(config, path),
      newRunId,
      clientOf: (record) => PROCESS_CLIENTS[record.driver === "openclaw" ? "command" : record.driver],
    }),
    announce: announcing(config, zulip, io.env, log, lostIn(ground)),
    announcement_required: config.zulip_required ?? zulip.kind === "configured",
    remember: async (state) => {
      await host.documents.update(STATE, () => ({ write: `${JSON.stringify(state, null, 2)}\n`, value: null }), { set_aside: true });
    },
    recalled: await readObject(host, STATE),
    records: () => records.list(),
    newestLogMs: () => newestRunLogMs(config.log.run_dir),
    requestId: hexId,
  });
}

function runsGround({ config, place, host, secrets, log, now, records, leave }: Ground): RunsGround {
  const { io } = place;
  const runs_dir = join(config.dir, "runs");
  const agents: AgentGround = {
    launch: { keeper: place.keeper ?? keeperFile(), table: hostProcesses() },
    documents: host.documents,
    executor: EXECUTOR,
    runs_dir,
    env: io.env,
    secrets,
    now,
    leave: leave.signal,
  };
  const live = new Map<string, string>();
  return {
    config,
    host,
    agents,
    git: executorGit(io.env),
    log,
    now,
    joined: (...parts) => join(...parts),
    live,
    goalOf: async (workspace, goal_id) => {
      const found = await findGoal(hostOf(config, place, workspace), workspace, parseGoalId(goal_id));
      return found.kind === "goal" ? found.goal : null;
    },
    keepOutset: async (run_id, outset) => {
      await host.documents.update(outsetKey(run_id), () => ({ write: `${JSON.stringify(outset)}\n`, value: null }));
    },
    readOutset: (run_id) => readObject(host, outsetKey(run_id)),
    note: (line) => records.note(line),
    prune: () => {
      const kept = { keep: config.log.keep, keep_days: config.log.keep_days, live: new Set([...live.keys(), ...live.values()]) };
      pruneRuns({ log_dir: config.log.run_dir, runs_dir }, kept, now().ms);
    },
    mirror: (run_id, path) => (config.log.mirror ? mirrorOutput(run_id, path, log) : () => undefined),
  };
}

function outsetKey(run_id: string): DocumentKey {
  return { kind: "executor_state", executor: EXECUTOR, name: `runs/${run_id}/outset.json` };
}

function logOf({ log: { server_path, level, format } }: LooperConfig, secrets: Secrets, now: () => Moment): Log {
  return serverLog({ path: server_path, level, format, secrets, now: () => new Date(now().ms).toISOString() });
}

function ownRoot({ workspace }: LooperConfig): readonly string[] {
  return workspace === null ? [] : [workspace];
}

function alreadyServed(config: LooperConfig, pid: number | null): LoopxError {
  return new LoopxError("lock_timeout", `another Looper${pid === null ? "" : `, process ${pid},`} serves ${config.dir}`, {
    hint: "stop it first, or give this one its own --dir",
    details: { dir: config.dir, pid },
  });
}

/** The first look is one interval away (LPR-50). */
function poll(config: LooperConfig, looper: Looper, log: Log): () => void {
  if (!canPoll(config)) return () => undefined;
  const timer = setInterval(() => {
    looper
      .tick()
      .catch((error: unknown) =>
        log("ERROR", "codex.exec.autopoll.fail", { error: error instanceof Error ? error.message : String(error) }),
      );
  }, config.auto.poll_seconds * 1_000);
  return () => clearInterval(timer);
}

function hexId(): string {
  return randomBytes(4).toString("hex");
}
