/**
 * What a run leaves, done once whoever saw its end: commit, progress, the goal's history, the log's trailer, the record
 * (LPR-37, LPR-38, LPR-42, LPR-61). What has to be known for that stands in the run's folder, so that a service which was
 * restarted in between does it too.
 */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";
import type { AgentResult } from "../drivers/agents/agent.ts";
import { commitAfter, lookBefore, type Before } from "../drivers/looper/commit.ts";
import { endRunLog } from "../drivers/looper/run-logs.ts";
import { workDigest } from "../drivers/looper/workspace.ts";
import type { RunsGround } from "./agents.ts";
import { recordRun, type RunGoal } from "./goals.ts";

/** How a run ended, as the service tells it. */
export interface RunEnd {
  readonly run_id: string;
  readonly result: AgentResult;
  readonly progress: "progress" | "no_progress" | null;
}

/** A run, as its lines in `runs.jsonl` begin. */
export interface RunLine extends JsonObject {
  readonly run_id: string;
  readonly workspace: string;
  readonly goal_id: string | null;
  readonly log_path: string;
}

/** The workspace before the run. */
export interface Outset {
  readonly before: Before;
  readonly digest: string;
}

/** Looked at right before the start, and written down. */
export async function lookAtOutset(ground: RunsGround, line: RunLine, state_path: string | null): Promise<Outset> {
  const before = await lookBefore(ground.git, line.workspace);
  const digest = await workDigest(ground.git, line.workspace, state_path);
  const told = before.kind === "checkout" ? { clean: before.clean, config: before.config } : null;
  await tried(ground, "outset", () => ground.keepOutset(line.run_id, { checkout: told, digest }));
  return { before, digest };
}

/** As an earlier service wrote it down; null when it cannot be read, or the checkout is no longer one. */
export async function outsetOf(ground: RunsGround, { run_id, workspace }: RunLine): Promise<Outset | null> {
  const told = await ground.readOutset(run_id);
  if (told === null || typeof told["digest"] !== "string") return null;
  const { checkout, digest } = told;
  if (checkout === null) return { before: { kind: "not_a_repository" }, digest };
  const now = await lookBefore(ground.git, workspace);
  if (now.kind !== "checkout" || !isJsonObject(checkout)) return null;
  const { clean, config } = checkout;
  // Where the checkout lies is looked at again: a file that an agent may have reached decides no path.
  return typeof clean === "boolean" && typeof config === "string" ? { before: { ...now, clean, config }, digest } : null;
}

/** Everything after the end; without an outset nothing is committed, and no progress is told. */
export async function finish(
  ground: RunsGround,
  of: { readonly line: RunLine; readonly goal: RunGoal | null; readonly outset: Outset | null; readonly state_path: string | null },
  result: AgentResult,
): Promise<RunEnd> {
  const { line, goal, outset, state_path } = of;
  const { workspace, goal_id } = line;
  const commit =
    ground.config.commit && outset !== null
      ? await tried(ground, "commit", () => commitAfter(ground.git, outset.before, result, goal_id))
      : null;
  const after = outset === null ? null : await tried(ground, "digest", () => workDigest(ground.git, workspace, state_path));
  const progress = after === null ? null : after === outset?.digest ? "no_progress" : "progress";
  const note = goal === null ? null : await tried(ground, "goal", () => recordRun(goal, workspace, result, commit));
  await close(ground, line, result, {
    ...(commit === null ? {} : { commit }),
    ...(progress === null ? {} : { progress }),
    ...(note === null ? {} : { goal_note: note }),
  });
  return { run_id: line.run_id, result, progress };
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

async function close(ground: RunsGround, line: RunLine, result: AgentResult, more: JsonObject): Promise<void> {
  const { end, reason, exit_code, signal } = result;
  endRunLog(line.log_path, end, reason, exit_code ?? signalCode(signal) ?? "unknown");
  await ground.note({ ...line, state: "ended", end, reason, exit_code, ...(signal === null ? {} : { signal }), ...more });
  ground.log("INFO", "run.end", { run_id: result.run_id, end, reason, ...more });
  ground.live.delete(result.run_id);
  ground.prune();
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** As a shell counts them, negative: -15, -9. */
export function signalCode(signal: string | null): number | null {
  const number = signal === null ? undefined : SIGNAL_NUMBERS[signal];
  return number === undefined ? null : -number;
}
