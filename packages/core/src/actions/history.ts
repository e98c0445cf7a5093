/** Past runs, newest first, with every human judgement, and the lines that could not be read (CMD-61). */
import type { GoalId } from "../domain/ids.ts";
import { parseGoalId } from "../domain/ids.ts";
import type { GoalHistory, HistoryResult, ShownRun } from "../domain/payload/history.ts";
import type { BadLine, History, Run } from "../domain/run/history.ts";
import type { Host } from "../ports/host.ts";
import { artifactExists } from "./gather.ts";
import { requireGoals, unknownGoal } from "./goals.ts";
import { observed } from "./observed.ts";

/** Which goal's runs, and how many; all goals and 10 by default. */
export interface HistoryInput {
  readonly goal_id?: string | undefined;
  readonly limit?: number | undefined;
}

export type { HistoryResult, ShownRun } from "../domain/payload/history.ts";

const DEFAULT_LIMIT = 10;

/** The newest runs of one goal, or of all goals of the registry. An unknown goal is `goal_not_found`; nothing is created. */
export const history = observed("history", async (host, input: HistoryInput): Promise<HistoryResult> => {
  const registry = await requireGoals(host);
  const registered = registry.items.flatMap((item) => (item.id === null ? [] : [item.id]));
  if (input.goal_id !== undefined && !registered.includes(input.goal_id)) throw unknownGoal(host, registry, input.goal_id);
  const limit = input.limit ?? DEFAULT_LIMIT;
  const read = await readHistories(
    host,
    input.goal_id === undefined ? withRuntimeOnly(host, registered) : [input.goal_id],
    registered,
    limit,
  );
  const newest = read
    .flatMap(({ goal_id, history: found }) => (found === null ? [] : found.newest.map((run) => ({ goal_id, run }))))
    .sort((a, b) => compareNewestFirst(a.run, b.run))
    .slice(0, limit);
  return {
    runtime_root: host.places.runtime_root,
    goal_filter: input.goal_id ?? null,
    goal_count: read.length,
    run_count: read.reduce((sum, goal) => sum + (goal.history?.run_count ?? 0), 0),
    goals: read.map(summaryOf),
    runs: await Promise.all(newest.map(({ goal_id, run }) => shownRun(host, goal_id, run))),
    bad_lines: read.flatMap(({ goal_id, history: found }) => (found?.bad_lines ?? []).map((line) => badLine(goal_id, line))),
    torn_lines: read.flatMap(({ goal_id, history: found }) =>
      (found?.torn_lines ?? []).map(({ line, offset }) => ({ goal_id, line, offset })),
    ),
  };
});

interface ReadHistory {
  readonly goal_id: GoalId;
  readonly registered: boolean;
  readonly history: History | null;
}

async function readHistories(
  host: Host,
  ids: readonly string[],
  registered: readonly string[],
  keep: number,
): Promise<readonly ReadHistory[]> {
  const read: ReadHistory[] = [];
  for (const id of ids) {
    const goalId = parseGoalId(id);
    if (goalId === null) continue;
    const found = await host.histories.read(goalId, { spends_since_ms: Number.MAX_SAFE_INTEGER, keep });
    read.push({ goal_id: goalId, registered: registered.includes(id), history: found.kind === "history" ? found.history : null });
  }
  return read;
}

function withRuntimeOnly(host: Host, registered: readonly string[]): readonly string[] {
  return [...registered, ...host.histories.goalDirectories().filter((name) => !registered.includes(name))];
}

function summaryOf({ goal_id, registered, history: found }: ReadHistory): GoalHistory {
  const latest = found?.newest[0];
  return {
    goal_id,
    registered,
    run_count: found?.run_count ?? 0,
    record_count: found?.record_count ?? 0,
    latest_generated_at: latest?.generated_at ?? null,
    latest_classification: latest?.classification ?? null,
    finding: found === null ? "history_unreadable" : registered ? null : "unregistered_runtime_goal",
  };
}

function badLine(goalId: string, { line, offset, reason }: BadLine): HistoryResult["bad_lines"][number] {
  return { goal_id: goalId, line, offset, reason };
}

function compareNewestFirst(a: Run, b: Run): number {
  return (b.at_ms ?? Number.NEGATIVE_INFINITY) - (a.at_ms ?? Number.NEGATIVE_INFINITY) || b.ordinal - a.ordinal;
}

/** The run as `history` and `status` print it. */
export async function shownRun(host: Host, goalId: GoalId, run: Run): Promise<ShownRun> {
  const last = run.human_rewards.at(-1);
  return {
    ...run.record,
    generated_at: run.generated_at,
    goal_id: goalId,
    classification: run.classification,
    run_id: run.run_id,
    json_exists: run.json_path === null ? null : await artifactExists(host, goalId, run.json_path),
    markdown_exists: run.markdown_path === null ? null : await artifactExists(host, goalId, run.markdown_path),
    ...(last === undefined ? {} : { human_reward: last, human_rewards: run.human_rewards }),
  };
}
