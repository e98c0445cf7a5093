/** Agents in memory: what each declares is what the test says, and a run outlives the dispatcher that started it. */
import type { AgentResult } from "../../../src/drivers/agents/agent.ts";
import type { DeclaredResult } from "../../../src/drivers/agents/declared-result.ts";
import type { AgentRuns, RunOrder } from "../../../src/gitea/ground.ts";

export type Says = Omit<Partial<DeclaredResult>, "outcome"> & { readonly outcome: DeclaredResult["outcome"] };

export interface MemoryRun {
  readonly order: RunOrder;
  result: AgentResult | null;
}

export interface MemoryRuns extends AgentRuns {
  readonly started: RunOrder[];
  /** Two live runs of one item at one time: there must never be any. */
  readonly doubles: string[];
  /** What an agent declares; null leaves it running. */
  answers: (order: RunOrder) => Says | null;
  end(run_id: string, result: Partial<AgentResult>): void;
}

export function memoryRuns(): MemoryRuns {
  const known = new Map<string, MemoryRun>();
  const alive = (): MemoryRun[] => [...known.values()].filter(({ result }) => result === null);
  const runs: MemoryRuns = {
    started: [],
    doubles: [],
    answers: () => null,
    resultFile: (run_id) => `/runs/${run_id}/result/result.json`,
    start: async (order) => {
      if (known.has(order.run_id)) return { kind: "started" };
      if (alive().some((run) => run.order.item === order.item)) runs.doubles.push(order.item);
      known.set(order.run_id, { order, result: null });
      runs.started.push(order);
      const says = runs.answers(order);
      if (says !== null) runs.end(order.run_id, { end: "ok", reason: "", declared: declaredOf(says, order) });
      return { kind: "started" };
    },
    look: async (run_id) => {
      const run = known.get(run_id);
      if (run === undefined) return { kind: "absent" };
      return run.result === null ? { kind: "alive", since: "" } : { kind: "ended", result: run.result };
    },
    stop: (run_id, reason) => runs.end(run_id, { end: "stopped", reason }),
    live: async () => alive().map(({ order }) => order.run_id),
    obstacle: async () => null,
    end: (run_id, result) => {
      const run = known.get(run_id);
      if (run !== undefined && run.result === null) run.result = { ...EMPTY, run_id, ...result };
    },
  };
  return runs;
}

const EMPTY: AgentResult = {
  run_id: "",
  client: "command",
  end: "ok",
  reason: "",
  http_status: null,
  declared: null,
  exit_code: 0,
  signal: null,
  usage: null,
  output_tail: "",
  log_truncated: null,
  still_alive: [],
};

/** The reviewer names the commit that its prompt named. */
function declaredOf(says: Says, { role, prompt }: RunOrder): DeclaredResult {
  const sha = /commit ([0-9a-f]{40})/.exec(prompt)?.[1];
  return {
    schema_version: "loopx_agent_result_v1",
    summary: `${role} says ${says.outcome}`,
    ...(role === "reviewer" && sha !== undefined ? { reviewed_sha: sha } : {}),
    ...(says.outcome === "fail" ? { findings: [{ severity: "major", path: "src/a.txt", line: 1, message: "a case is missing" }] } : {}),
    ...says,
  };
}
