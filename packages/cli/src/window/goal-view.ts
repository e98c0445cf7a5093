/** Everything the window shows of one goal: the verdict, the trace behind it, runs, todos, leases and what was spent. Each part by itself: one that cannot be read says why. */
import {
  goalSettings,
  history,
  listLeases,
  listReviewMaterial,
  listTodos,
  reviewPacket,
  shouldRun,
  why,
  windowStatus,
  type Host,
} from "@loopx/core";
import {
  LoopxError,
  outcomeOf,
  parseGoalId,
  readGoalProfile,
  scaleOf,
  type GoalDetail,
  type GoalOverview,
  type GoalPart,
  type MaterialRef,
  type RunPoint,
  type ShownRun,
  type SpendPoint,
} from "@loopx/core/domain";

/** So many runs the plots reach back. */
const RUNS = 200;
const TODOS = 500;

/** The goal; `goal_not_found` where there is none. */
export async function goalView(host: Host, goal_id: string, cwd: string): Promise<GoalDetail> {
  const agent_id = (await overviewOf(host, goal_id, cwd))?.agent_id ?? undefined;
  const { error, ...explained } = await why(host, { goal_id, agent_id, cwd });
  if (error !== null) throw new LoopxError(error.code, error.message, { hint: error.hint });
  const verdict = await part(async () => (await shouldRun(host, { goal_id, agent_id, cwd, detail: true })).verdict);
  const profile = verdict.ok ? readGoalProfile(verdict.value.execution_profile_object) : null;
  return {
    goal_id,
    verdict,
    why: explained,
    runs: await part(async () => {
      const { runs } = await history(host, { goal_id, limit: RUNS });
      // What was paid is shown by itself; it is no delivery.
      return runs
        .filter((run) => run["quota_event"] === undefined)
        .map((run): RunPoint => {
          const graded = { classification: run.classification, record: run };
          const outcome = profile === null ? "unknown" : outcomeOf(graded, profile);
          return { ...run, outcome, scale: scaleOf(graded), ...materialOf(run) };
        });
    }),
    todos: await part(async () => (await listTodos(host, { goal_id, cwd, limit: TODOS })).todos),
    leases: await part(async () => (await listLeases(host, { goal_id })).leases),
    spends: await part(async () => spendsOf(host, goal_id)),
    packet: await part(async () => reviewPacket(host, { goal_id, agent_id, cwd })),
    material: await part(async () => listReviewMaterial(host, { goal_id })),
    settings: await part(async () => goalSettings(host, { goal_id })),
  };
}

/** The run's own Markdown lies beside its record; a record may name any path, and only the last part of it is believed. */
function materialOf({ markdown_exists, markdown_path }: ShownRun): { material?: MaterialRef } {
  const name = typeof markdown_path === "string" && markdown_exists === true ? markdown_path.split("/").at(-1) : undefined;
  return name === undefined ? {} : { material: { below: "runtime", path: `runs/${name}` } };
}

/** The goal as the list has it; null where there is none. */
export async function overviewOf(host: Host, goal_id: string, cwd: string): Promise<GoalOverview | null> {
  return (await windowStatus(host, { goal_id, cwd })).goals[0] ?? null;
}

async function part<Value>(read: () => Promise<Value>): Promise<GoalPart<Value>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if (error instanceof LoopxError) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/** Spends that count, oldest first. */
async function spendsOf(host: Host, goal_id: string): Promise<readonly SpendPoint[]> {
  const id = parseGoalId(goal_id);
  const read = id === null ? null : await host.histories.read(id, { spends_since_ms: 0, keep: 1 });
  if (read === null || read.kind !== "history") return [];
  const voided = new Set(read.history.voids.map((each) => each.voided_run_id));
  return read.history.spends
    .filter((spend) => !voided.has(spend.run_id))
    .map(({ run_id, generated_at, slots, agent_id }): SpendPoint => ({ run_id, generated_at, slots: slots ?? 1, agent_id }))
    .toReversed();
}
