/** Puts a real Looper together: files, processes, git, Zulip and the port. Everything outside it is named here and nowhere else. */
import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { basename, delimiter, isAbsolute, join, resolve } from "node:path";
import { execa } from "execa";
import { openHost, type FileHost, type Host } from "@loopx/core";
import { LoopxError, formatInstant, isJsonObject, type JsonObject, type Moment } from "@loopx/core/domain";
import type { Io } from "@loopx/cli/program";
import { isToken, readConfig, hostsOf, type LooperConfig, type LooperFlags } from "../../looper/config.ts";
import type { RunsGround } from "../../looper/agents.ts";
import { projectsOf } from "../../looper/goals.ts";
import { preparing, type FoundAgent } from "../../looper/prepare.ts";
import { foldRuns, type RunView } from "../../looper/records.ts";
import { looperServer } from "../../looper/server.ts";
import { openLooper, type Announced, type Looper } from "../../looper/service.ts";
import { findBinary, findProgram, versionOf } from "../agents/binary.ts";
import { newRunId, PROCESS_CLIENTS, type AgentGround } from "../agents/run.ts";
import { machineMoment } from "../clock.ts";
import { executorGit } from "../git/git.ts";
import { isSameToken, listen, readToken, writeToken, type Listening, type ServerLimits } from "@loopx/cli/http";
import { readZulip, sendZulip, type ZulipConfigured } from "../notify/zulip.ts";
import { hostProcesses } from "../process/identity.ts";
import { keeperFile } from "../process/keeper-file.ts";
import { secretsOf, secretValues } from "../process/secrets.ts";
import type { Timing } from "../../scenario/run.ts";
import { realTiming } from "../timing.ts";
import { newestRunLogMs } from "./run-logs.ts";
import { serverLog, type Log } from "./server-log.ts";
import { tailOf } from "../agents/run-files.ts";

const EXECUTOR = "looper";
const STATE = { kind: "executor_state", executor: EXECUTOR, name: "state.json" } as const;
const RUNS = { kind: "executor_log", executor: EXECUTOR, name: "runs" } as const;
/** LPR-14, REL-106, REL-107. */
export const LIMITS: ServerLimits = { headers_ms: 10_000, request_ms: 30_000, connections: 32, header_bytes: 8_192 };
const SCRIPT_MS = 30_000;
/** More lines of `runs.jsonl` than any page shows. */
const RUN_LINES = 2_000;

/** Where a line stands, and what it says about the runtime root. */
export interface LooperPlace {
  readonly io: Io;
  readonly cwd: string;
  readonly runtime_root: string;
  /** Another in tests, as are time and bounds. */
  readonly keeper?: string;
  readonly timing?: Timing;
  readonly limits?: Partial<ServerLimits>;
}

/** The configuration of this place; throws `config_invalid` with everything that is wrong. */
export function looperConfig(
  flags: LooperFlags,
  { io, cwd, runtime_root }: LooperPlace,
): { config: LooperConfig; warnings: readonly string[] } {
  const read = readConfig(flags, io.env, { cwd, runtime_root, resolve, path_separator: delimiter });
  if (read.kind === "config") return read;
  throw new LoopxError("config_invalid", read.faults.join("; "), {
    hint: "correct the variable, then start again",
    details: { faults: [...read.faults] },
  });
}

export interface ServedLooper {
  readonly looper: Looper;
  readonly listening: Listening;
  readonly token_path: string | null;
  readonly log: Log;
  readonly warnings: readonly string[];
  close(leave_running: boolean): Promise<void>;
}

/** Adopts what an earlier service left, opens the port and, when it is configured, looks for idleness. */
export async function serveLooper(config: LooperConfig, place: LooperPlace): Promise<ServedLooper> {
  const { io, timing = realTiming } = place;
  const host = hostOf(config, place, config.workspace ?? place.cwd);
  const held = await host.lock.acquire(join(config.dir, "lock", "service"), { wait_ms: 0, command: "loopx-loop looper serve" });
  if (held.kind === "busy") throw alreadyServed(config, held.owner?.pid ?? null);
  const { token, path: token_path } = tokenOf(config);
  const zulip = readZulip(io.env, io.home);
  if (zulip.kind === "faulty") throw new LoopxError("config_invalid", zulip.fault, { hint: "correct the Zulip variables, or unset them" });
  const secrets = secretsOf([token, ...secretValues(io.env), ...(zulip.kind === "configured" ? [zulip.settings.key] : [])]);
  const now = (): Moment => machineMoment(io.clock);
  const log = serverLog({
    path: config.log.server_path,
    level: config.log.level,
    format: config.log.format,
    secrets,
    now: () => new Date(now().ms).toISOString(),
  });
  const agents: AgentGround = {
    launch: { keeper: place.keeper ?? keeperFile(), table: hostProcesses() },
    documents: host.documents,
    executor: EXECUTOR,
    runs_dir: join(config.dir, "agent-runs"),
    env: io.env,
    secrets,
    now,
  };
  const runs: RunsGround = {
    config,
    host,
    agents,
    git: executorGit(io.env),
    log,
    now,
    joined: (...parts) => join(...parts),
    note: async (line) => {
      await host.logs.append(RUNS, { ...line, at: formatInstant(now(), "milliseconds") });
    },
  };
  const roots = async (): Promise<readonly string[]> =>
    config.workspace_roots ?? [...(config.workspace === null ? [] : [config.workspace]), ...(await projectsOf(globalHost(config, place)))];
  // Asked once per start and program (AGT-7).
  const versions = new Map<string, string | null>();
  const looper = openLooper({
    runs,
    timing,
    log,
    now,
    prepare: preparing({
      config,
      hostAt: (workspace) => hostOf(config, place, workspace),
      roots,
      findAgent: (asked) => findAgent(config, io.env, asked, versions),
      isAllowedScript: (path) => isBuiltIn(config, path) || (isAbsolute(path) && config.zulip_scripts.includes(path)),
      newRunId,
      clientOf: (record) => PROCESS_CLIENTS[record.driver === "openclaw" ? "command" : record.driver],
    }),
    announce: (message, script) => announce(config, zulip, io.env, message, script),
    announcement_required: config.zulip_required ?? zulip.kind === "configured",
    remember: async (state) => {
      await host.documents.update(STATE, () => ({ write: `${JSON.stringify(state, null, 2)}\n`, value: null }), { set_aside: true });
    },
    recalled: await recalled(host),
    newestLogMs: () => newestRunLogMs(config.log.run_dir),
    requestId: hexId,
  });
  await looper.recover();
  const allRuns = async (): Promise<readonly RunView[]> => runsOf(host);
  let listening: Listening | null = null;
  const app = looperServer({
    looper,
    runs: allRuns,
    tail: ({ log_path }) => (typeof log_path === "string" ? secrets.redact(tailOf(log_path)) : ""),
    status: async () => ({ live: [...looper.live()], runs: (await allRuns()).slice(0, 10), autopoll: looper.autopoll() }),
    hosts: () => hostsOf(config, listening?.port ?? config.port),
    isToken: (given) => isSameToken(given, token),
    digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    requestId: hexId,
    timing,
    log,
  });
  try {
    listening = await listen(
      (request, env) => app.fetch(request, env),
      { host: config.host, port: config.port },
      { ...LIMITS, ...place.limits },
    );
  } catch (error) {
    await held.release();
    throw error;
  }
  const stopPolling = poll(config, looper, log);
  log("INFO", "service.start", { host: config.host, port: listening.port, version: io.version });
  return {
    looper,
    listening,
    token_path,
    log,
    warnings: [...(zulip.kind === "configured" ? zulip.warnings : []), ...autopollWarning(config)],
    close: async (leave_running) => {
      stopPolling();
      const open = listening?.close(2_000);
      await looper.close(leave_running);
      await open;
      await held.release();
      log("INFO", "service.stop", { leave_running });
    },
  };
}

function alreadyServed(config: LooperConfig, pid: number | null): LoopxError {
  return new LoopxError("lock_timeout", `another Looper${pid === null ? "" : `, process ${pid},`} serves ${config.dir}`, {
    hint: "stop it first, or give this one its own --dir",
    details: { dir: config.dir, pid },
  });
}

function hostOf(config: LooperConfig, { io, runtime_root }: LooperPlace, cwd: string): FileHost {
  return openHost({
    cwd,
    env: io.env,
    home: io.home,
    runtime_root,
    command: "loopx-loop looper",
    lock_wait_ms: 5_000,
    executor_dirs: { [EXECUTOR]: config.dir },
    ...(io.clock === undefined ? {} : { clock: io.clock }),
  });
}

function globalHost(config: LooperConfig, place: LooperPlace): Host {
  const host = hostOf(config, place, "/");
  return host.at(host.places.global_registry, { missing: true });
}

/** The operator's token, the file's first line, else one that is made once and kept in the service's folder (LPR-13). */
function tokenOf(config: LooperConfig): { readonly token: string; readonly path: string | null } {
  if (config.api_token !== null) return { token: config.api_token, path: null };
  const path = config.api_token_file ?? join(config.dir, "token");
  const found = readToken(path);
  if (found !== null && isToken(found)) return { token: found, path };
  if (config.api_token_file === null && found === null) return { token: writeToken(path), path };
  throw new LoopxError("config_invalid", `the first line of ${path} is no token: at least 16 characters without white space`, {
    hint: "loopx-loop looper token --rotate writes a new one",
  });
}

/** LPR-24: the request's own, the variable's, the local builds', PATH's; a request may only name what an operator allowed. */
async function findAgent(
  config: LooperConfig,
  env: Io["env"],
  asked: string | null,
  versions: Map<string, string | null>,
): Promise<FoundAgent> {
  const { agent } = config;
  const [name = agent, ...argv] = config.agent_command ?? [];
  const local = ["codex/codex", "codex/codex-rs/target/release/codex", "codex/codex-rs/target/debug/codex"];
  const usual: readonly (readonly ["env" | "local" | "path", string | null])[] =
    agent === "codex"
      ? [
          ["env", config.codex_binary === null ? null : findProgram(config.codex_binary, env)],
          ...local.map((path) => ["local", findProgram(join(config.dir, path), env)] as const),
          ["path", findProgram("codex", env)],
        ]
      : [["path", agent === "command" ? findProgram(name, env) : findBinary(agent, null, env)]];
  const found = usual.find(([, path]) => path !== null);
  const named = asked === null ? null : findProgram(asked.includes("/") ? resolve(config.dir, asked) : asked, env);
  const allowed = [found?.[1], ...config.codex_binaries.map((each) => findProgram(each, env))];
  if (asked !== null && (named === null || !allowed.includes(named))) return { kind: "forbidden" };
  const program = named ?? found?.[1] ?? null;
  if (program === null) return { kind: "missing", name: agent === "command" ? name : agent };
  const client_version = agent === "command" ? null : (versions.get(program) ?? (await versionOf(program, env)));
  versions.set(program, client_version);
  const sandboxed = agent === "codex" || ["bwrap", "socat"].every((tool) => findProgram(tool, env) !== null);
  return {
    kind: "agent",
    client: PROCESS_CLIENTS[agent],
    source: named === null ? (found?.[0] ?? "path") : "request",
    settings: {
      program,
      extra_args: [],
      allow_no_git: true,
      confinement: agent === "command" || !sandboxed ? "none" : "client",
      relay: null,
      env_allow: [],
      argv,
      allowed_tools: null,
      client_version,
    },
  };
}

function isBuiltIn({ dir }: LooperConfig, path: string): boolean {
  return path === "send-zulip-dm.js" || resolve(dir, path) === join(dir, "send-zulip-dm.js");
}

async function announce(
  config: LooperConfig,
  zulip: ZulipConfigured,
  env: Io["env"],
  message: string,
  script: string | null,
): Promise<Announced> {
  if (script !== null && !isBuiltIn(config, script)) return runScript(script, env, message);
  if (zulip.kind !== "configured") return { kind: "skipped", output: "skipped: zulip is not configured" };
  const sent = await sendZulip(zulip.settings, message, new AbortController().signal);
  return sent.kind === "failed" ? sent : { kind: "sent", output: `sent id=${sent.id ?? "unknown"}` };
}

/** An operator's own sender: the message by standard input, the Zulip variables and nothing else of ours (LPR-25). */
async function runScript(script: string, env: Io["env"], message: string): Promise<Announced> {
  const known = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("ZULIP") || name === "PATH" || name === "HOME"));
  const result = await execa(process.execPath, [script], {
    env: known as Record<string, string>,
    extendEnv: false,
    input: message,
    reject: false,
    timeout: SCRIPT_MS,
    maxBuffer: 65_536,
  });
  if (result.exitCode === 0) return { kind: "sent", output: `sent by ${basename(script)}` };
  return { kind: "failed", text: `${basename(script)} ended with ${result.exitCode ?? result.signal ?? "no exit code"}` };
}

async function recalled(host: FileHost): Promise<JsonObject | null> {
  const found = await host.documents.read(STATE);
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The runs of that service, newest first. */
export async function runsOf(host: FileHost): Promise<readonly RunView[]> {
  const page = await host.logs.tail(RUNS, { limit: RUN_LINES });
  if (page.kind !== "page") return [];
  return foldRuns(page.entries.toReversed().flatMap((entry) => (entry.kind === "record" ? [entry.record] : [])));
}

/** On only with a workspace and something to ask for; the first look is one interval away (LPR-50). */
function canPoll({ auto, workspace, default_prompt, default_prompt_file, goal_id }: LooperConfig): boolean {
  return auto.wanted && workspace !== null && (default_prompt !== null || default_prompt_file !== null || goal_id !== null);
}

function autopollWarning(config: LooperConfig): readonly string[] {
  if (!config.auto.wanted || canPoll(config)) return [];
  const missing =
    config.workspace === null
      ? "a default workspace (LOOPER_WORKSPACE)"
      : "a default prompt or goal (LOOPER_DEFAULT_PROMPT, LOOPER_GOAL_ID)";
  return [`idle starts are off: ${missing} is missing`];
}

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

/** True while that file is there: a token that nobody has written yet is none. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
