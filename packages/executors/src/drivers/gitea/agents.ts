/**
 * The agents of one dispatcher (DSP-45, DSP-47): started through the drivers, known by the id of their run, and found again by
 * a process that comes after. A run that no item knows is stopped before anything is claimed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentRequest, AgentResult } from "../agents/agent.ts";
import { resumeOpenclaw, runOpenclaw } from "../agents/openclaw.ts";
import { openclawJobs } from "../agents/openclaw-client.ts";
import { readRecord, type AgentRecord } from "../agents/record.ts";
import { readResult, resultFile } from "../agents/result-file.ts";
import { markOf, PROCESS_CLIENTS, recordedRuns, resumeAgent, runAgent, type AgentGround } from "../agents/run.ts";
import type { RecordedProcess } from "../process/identity.ts";
import { membersOf } from "../process/members.ts";
import { runnersOf, type GiteaConfig } from "../../gitea/config.ts";
import type { AgentRuns, RunOrder } from "../../gitea/ground.ts";
import { clientFinder } from "./clients.ts";

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

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

export function giteaAgents({ agents, config, onEnded }: AgentsGround): GiteaAgents {
  const live = new Map<string, Live>();
  const results = new Map<string, AgentResult>();
  const stuck = new Map<string, RecordedProcess | null>();
  const clientOf = clientFinder({ config, env: agents.env, now_ms: () => agents.now().ms });
  const runDir = (run_id: string): string => join(agents.runs_dir, run_id);

  const watch = (run_id: string, since: string, stop: AbortController, work: Promise<AgentResult>): void => {
    const ended = work
      .then(async (result) => {
        if (result.end === "stop_failed") await remember(run_id);
        results.set(run_id, result);
      })
      .catch((error: unknown) => void results.set(run_id, failed(run_id, error)))
      .finally(() => {
        live.delete(run_id);
        onEnded();
      });
    live.set(run_id, { since, stop, ended });
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

  /** Jobs of ours that a gateway runs, whoever asked for them (DSP-36). */
  const runningJobs = async (): Promise<readonly string[] | null> => {
    if (!runnersOf(config()).has("openclaw")) return [];
    const client = await clientOf("openclaw", "worker");
    const jobs = client.kind === "openclaw" ? await openclawJobs(client.settings, agents) : null;
    return jobs?.flatMap(({ running, declaration_key }) => (running && isRunOfOurs(declaration_key) ? [declaration_key] : [])) ?? null;
  };
  const isRunOfOurs = (id: string): boolean => /^run_[0-9a-f]{16}$/.test(id) && existsSync(runDir(id));

  /** What could not be stopped goes on counting until it is gone (DSP-47). */
  const stuckRuns = (): readonly string[] => {
    for (const [run_id, process] of stuck) if (membersOf(process, markOf(run_id), agents.launch.table).length === 0) stuck.delete(run_id);
    return [...stuck.keys()];
  };
  const remember = async (run_id: string): Promise<void> => {
    const record = await readRecord(agents, run_id);
    if (record?.end === "stop_failed" && record.driver !== "openclaw") stuck.set(run_id, record.process);
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
    live: async () => {
      const jobs = await runningJobs();
      return jobs === null ? null : [...new Set([...live.keys(), ...jobs, ...stuckRuns()])];
    },
    obstacle: async (runner) => {
      const client = await clientOf(runner, "worker");
      return client.kind === "missing" ? client.why : null;
    },
    adopt: async (known) => {
      const orphans: Promise<void>[] = [];
      for (const record of await recordedRuns(agents)) {
        if (record.end === "stop_failed") await remember(record.run_id);
        if (record.state === "ended") continue;
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
