/**
 * The agents of one dispatcher (DSP-45, DSP-47): started through the drivers, known by the id of their run, and found again by
 * a process that comes after. A run that no item knows is stopped before anything is claimed.
 */
import { join } from "node:path";
import type { AgentRequest, AgentResult, ClientSettings } from "../agents/agent.ts";
import { findBinary, findProgram, versionOf } from "../agents/binary.ts";
import { resumeOpenclaw, runOpenclaw, type OpenclawSettings } from "../agents/openclaw.ts";
import { readRecord, type AgentRecord } from "../agents/record.ts";
import { readResult, resultFile } from "../agents/result-file.ts";
import { openRuns, PROCESS_CLIENTS, resumeAgent, runAgent, type AgentGround } from "../agents/run.ts";
import type { GiteaConfig, Runner } from "../../gitea/config.ts";
import type { AgentRuns, RunOrder } from "../../gitea/ground.ts";

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const REVIEWER_TOOLS = ["Bash", "Read", "Glob", "Grep", "Write"];

export interface AgentsGround {
  readonly agents: AgentGround;
  readonly config: () => GiteaConfig;
  readonly onEnded: () => void;
}

export interface GiteaAgents extends AgentRuns {
  /** Watches what an earlier process left; runs that are not among these ids are told to end, and waited for. */
  adopt(known: ReadonlySet<string>): Promise<void>;
  /** Answers when no run lives. */
  idle(): Promise<void>;
}

interface Live {
  readonly since: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** What a client needs on this machine, or what is missing. */
type Client =
  | { readonly kind: "process"; readonly settings: ClientSettings & { readonly client_version: string | null } }
  | { readonly kind: "openclaw"; readonly settings: OpenclawSettings }
  | { readonly kind: "missing"; readonly why: string };

export function giteaAgents({ agents, config, onEnded }: AgentsGround): GiteaAgents {
  const live = new Map<string, Live>();
  const results = new Map<string, AgentResult>();
  const versions = new Map<string, string | null>();
  const runDir = (run_id: string): string => join(agents.runs_dir, run_id);

  const watch = (run_id: string, since: string, stop: AbortController, work: Promise<AgentResult>): void => {
    const ended = work
      .then((result) => void results.set(run_id, result))
      .catch((error: unknown) => void results.set(run_id, failed(run_id, error)))
      .finally(() => {
        live.delete(run_id);
        onEnded();
      });
    live.set(run_id, { since, stop, ended });
  };

  const clientOf = async (runner: Runner, role: RunOrder["role"]): Promise<Client> => {
    const { command = [], extra_args, env_allow, openclaw_bin } = config();
    const { env } = agents;
    if (runner === "openclaw") {
      const node = env["OPENCLAW_NODE"];
      const binary = findProgram(openclaw_bin, env) ?? findBinary("openclaw", null, env);
      if (binary === null) return { kind: "missing", why: "openclaw is not on this machine" };
      return {
        kind: "openclaw",
        settings: { program: node === undefined || node === "" ? [binary] : [node, binary], client_version: null, env_allow },
      };
    }
    const [name = "", ...argv] = command;
    const program = runner === "command" ? findProgram(name, env) : findBinary(runner, null, env);
    if (program === null) return { kind: "missing", why: `${runner === "command" ? name : runner} is not on this machine` };
    const client_version = runner === "command" ? null : (versions.get(program) ?? (await versionOf(program, env)));
    versions.set(program, client_version);
    const sandboxed = runner === "codex" || (runner === "claude" && ["bwrap", "socat"].every((tool) => findProgram(tool, env) !== null));
    return {
      kind: "process",
      settings: {
        program,
        extra_args,
        allow_no_git: false,
        confinement: sandboxed ? "client" : "none",
        relay: null,
        env_allow,
        argv: runner === "command" ? argv : [],
        allowed_tools: role === "reviewer" ? REVIEWER_TOOLS : null,
        client_version,
      },
    };
  };

  const request = ({ run_id, role, goal_id, workspace, prompt }: RunOrder): AgentRequest => {
    const { limits } = config();
    const max_seconds = role === "reviewer" ? limits.reviewer : limits.worker;
    return {
      run_id,
      goal_id,
      workspace,
      prompt,
      model: null,
      sandbox: "workspace-write",
      writable: [],
      network: false,
      limits: { max_seconds, silence_seconds: limits.silence, max_output_bytes: MAX_OUTPUT_BYTES },
      run_dir: runDir(run_id),
      result: "required",
    };
  };

  const resume = (record: AgentRecord, stop: AbortController): Promise<AgentResult> => {
    if (record.driver !== "openclaw") return resumeAgent(PROCESS_CLIENTS[record.driver], record, agents, stop.signal);
    return clientOf("openclaw", "worker").then((client) => {
      if (client.kind !== "openclaw") throw new Error("openclaw is not on this machine any more");
      return resumeOpenclaw(record, client.settings, agents, stop.signal);
    });
  };

  return {
    resultFile: (run_id) => resultFile(runDir(run_id)),
    start: async (order) => {
      const client = await clientOf(order.runner, order.role);
      if (client.kind === "missing") return { kind: "refused", reason: client.why };
      const stop = new AbortController();
      let running: (record: null) => void = () => undefined;
      const began = new Promise<null>((resolve) => (running = resolve));
      const ground: AgentGround = { ...agents, onRunning: () => running(null) };
      const work =
        client.kind === "openclaw"
          ? runOpenclaw(request(order), client.settings, ground, stop.signal)
          : runAgent(
              PROCESS_CLIENTS[order.runner === "openclaw" ? "command" : order.runner],
              request(order),
              client.settings,
              ground,
              stop.signal,
            );
      watch(order.run_id, new Date(agents.now().ms).toISOString(), stop, work);
      // A refusal is an end that comes before anything runs; a job of a gateway is begun when it is asked for.
      const first = client.kind === "openclaw" ? null : await Promise.race([began, work]);
      if (first?.end === "spawn_failed") return { kind: "refused", reason: first.reason };
      return { kind: "started" };
    },
    look: async (run_id) => {
      const running = live.get(run_id);
      if (running !== undefined) return { kind: "alive", since: running.since };
      const ended = results.get(run_id);
      if (ended !== undefined) return { kind: "ended", result: ended };
      const record = await readRecord(agents, run_id);
      if (record === null) return { kind: "absent" };
      // It has no end, and nobody of us watches it: adoption is not over yet.
      return record.state === "ended" ? { kind: "ended", result: resultFrom(record, runDir(run_id)) } : { kind: "unknown" };
    },
    stop: (run_id, reason) => live.get(run_id)?.stop.abort(reason),
    live: async () => live.size,
    obstacle: async (runner) => {
      const client = await clientOf(runner, "worker");
      return client.kind === "missing" ? client.why : null;
    },
    adopt: async (known) => {
      const orphans: Promise<void>[] = [];
      for (const record of await openRuns(agents)) {
        const stop = new AbortController();
        watch(record.run_id, record.started_at, stop, resume(record, stop));
        if (known.has(record.run_id)) continue;
        stop.abort("orphan");
        const { ended } = live.get(record.run_id) ?? {};
        if (ended !== undefined) orphans.push(ended);
      }
      await Promise.all(orphans);
    },
    idle: async () => {
      await Promise.all([...live.values()].map(({ ended }) => ended));
    },
  };
}

/** A run that ended before us, from what it left. */
function resultFrom(record: AgentRecord, run_dir: string): AgentResult {
  const read = readResult(run_dir);
  return {
    ...NOTHING,
    run_id: record.run_id,
    client: record.driver,
    end: (record.end ?? "lost") as AgentResult["end"],
    reason: record.reason ?? "",
    declared: read.kind === "declared" ? read.result : null,
    exit_code: record.exit_code ?? null,
    signal: record.signal ?? null,
  };
}

function failed(run_id: string, error: unknown): AgentResult {
  return { ...NOTHING, run_id, client: "command", end: "lost", reason: error instanceof Error ? error.message : String(error) };
}

const NOTHING = {
  http_status: null,
  declared: null,
  exit_code: null,
  signal: null,
  usage: null,
  output_tail: "",
  log_truncated: null,
  still_alive: [],
} as const;
