/** The run that a judgement is about, with the head of the log that the answer belongs to (CMD-113, REL-46). It writes nothing. */
import { LoopxError } from "../domain/errors.ts";
import type { GoalId } from "../domain/ids.ts";
import { createTargetReader, targetAmong, type RunChoice, type RunSelect } from "../domain/reward/target.ts";
import type { Run } from "../domain/run/history.ts";
import type { Host } from "../ports/host.ts";
import type { LogPosition } from "../ports/logs.ts";
import { unreadableError } from "../store/outcome.ts";

export interface Target {
  readonly head: LogPosition;
  /** Non-blank lines of the log. */
  readonly record_count: number;
  readonly run: Run;
}

/**
 * The head is read first: a line that arrives while the log is read makes the append a conflict. A recent run is found in the
 * folded history, whatever the log's length (PRF-22); any other by one pass over the log.
 */
export async function readTarget(host: Host, goalId: GoalId, select: RunSelect): Promise<Target> {
  const page = await host.logs.tail({ kind: "runs", goal_id: goalId }, { limit: 1 });
  if (page.kind === "unreadable") throw unreadableError(page, { goal_id: goalId, unreadable: "history_unreadable" });
  const { record_count, choice } = (await recentTarget(host, goalId, select, page.head)) ?? (await scannedTarget(host, goalId, select));
  if (choice.kind === "run") return { head: page.head, record_count, run: choice.run };
  throw noTarget(goalId, select, choice);
}

interface Found {
  readonly record_count: number;
  readonly choice: RunChoice;
}

const RECENT_RUNS = 50;

/** Null when the newest runs cannot tell, or when they are of another moment than the head. */
async function recentTarget(host: Host, goalId: GoalId, select: RunSelect, head: LogPosition): Promise<Found | null> {
  const read = await host.histories.read(goalId, { spends_since_ms: Number.MAX_SAFE_INTEGER, keep: RECENT_RUNS });
  if (read.kind !== "history" || read.history.head !== head) return null;
  const choice = targetAmong(read.history, select);
  return choice === null ? null : { record_count: read.history.record_count, choice };
}

async function scannedTarget(host: Host, goalId: GoalId, select: RunSelect): Promise<Found> {
  const reader = createTargetReader({ goal_id: goalId, select, digest: host.digest });
  for await (const entry of host.logs.scan({ kind: "runs", goal_id: goalId })) reader.add(entry);
  return reader.finish();
}

function noTarget(goalId: GoalId, select: RunSelect, choice: Exclude<RunChoice, { kind: "run" }>): LoopxError {
  const hint = `loopx history --goal-id ${goalId}`;
  if (choice.kind === "several") {
    return new LoopxError("ambiguous_target", `${choice.runs.length} runs of ${goalId} have that time; name one by --run-id`, {
      hint,
      details: { goal_id: goalId, run_ids: choice.runs.map((run) => run.run_id) },
    });
  }
  const asked = select.by === "newest" ? null : select.by === "run_id" ? select.run_id : select.generated_at;
  return new LoopxError("run_not_found", asked === null ? `${goalId} has no run to judge` : `${goalId} has no run ${asked}`, {
    hint,
    details: { goal_id: goalId, asked },
  });
}
