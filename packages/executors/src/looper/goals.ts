/** Which goal a run belongs to, whether it may run, and what its history learns of it (LPR-40 to LPR-42). */
import { inspectRegistry, promptForHeartbeat, refreshState, shouldRun, spendSlot, type Host } from "@loopx/core";
import { LoopxError, type GoalId, type JsonObject } from "@loopx/core/domain";
import type { AgentResult } from "../drivers/agents/agent.ts";
import type { CommitOutcome } from "../drivers/looper/commit.ts";
import type { Refusal } from "./request.ts";

/** The goal of a run, over the registry it stands in. */
export interface RunGoal {
  readonly goal_id: string;
  readonly host: Host;
  readonly state_file: string | null;
  readonly repo: string | null;
}

/** `none`: nobody named one and the workspace has none; the run goes on without gates. */
export type FoundGoal =
  | { readonly kind: "goal"; readonly goal: RunGoal }
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The named goal, else the only one whose project is the workspace or holds it. */
export async function findGoal(host: Host, workspace: string, named: GoalId | null): Promise<FoundGoal> {
  const entries = await entriesOf(host);
  if (named !== null) {
    const entry = entries.find(({ goal_id }) => goal_id === named);
    return { kind: "goal", goal: { goal_id: named, host, state_file: entry?.state_file ?? null, repo: entry?.repo ?? null } };
  }
  const own = entries.filter(({ repo }) => repo !== null && (workspace === repo || workspace.startsWith(`${repo}/`)));
  const [only, ...more] = own;
  if (only === undefined || only.goal_id === null) return { kind: "none" };
  if (more.length > 0) {
    const error = "workspace has more than one goal: name one with 'goal_id'";
    return { kind: "refused", refusal: { status: 400, error, code: "ambiguous_goal", more: { goals: own.map(({ goal_id }) => goal_id) } } };
  }
  return { kind: "goal", goal: { goal_id: only.goal_id, host, state_file: only.state_file, repo: only.repo } };
}

/** The projects of all goals of that registry; none when there is no registry that can be read. */
export async function projectsOf(host: Host): Promise<readonly string[]> {
  return (await entriesOf(host)).flatMap(({ repo }) => repo ?? []);
}

async function entriesOf(host: Host): Promise<readonly { goal_id: string | null; repo: string | null; state_file: string | null }[]> {
  try {
    return (await inspectRegistry(host)).goals;
  } catch (error) {
    if (error instanceof LoopxError) return [];
    throw error;
  }
}

/** Why the goal may not run now; null when it may. A goal that cannot be judged may not (REL-8). */
export async function goalRefusal({ goal_id, host }: RunGoal, workspace: string): Promise<Refusal | null> {
  const refused = (reason: string, more: JsonObject): Refusal => ({
    status: 409,
    error: `goal may not run: ${reason}`,
    code: "goal_not_runnable",
    more,
  });
  try {
    const { verdict } = await shouldRun(host, { goal_id, cwd: workspace });
    return verdict.should_run ? null : refused(verdict.reason, { decision: verdict.decision, waiting_on: verdict.waiting_on });
  } catch (error) {
    if (error instanceof LoopxError) return refused(error.message, { decision: "skip", waiting_on: null });
    throw error;
  }
}

/** The prompt of a goal for whom nobody wrote one (LPR-21). */
export async function heartbeatPrompt({ goal_id, host }: RunGoal, workspace: string): Promise<string> {
  const { quiet } = await promptForHeartbeat(host, { goal_id, thin: true, cwd: workspace });
  return quiet;
}

/** What the goal's history says afterwards; a failure of it is a text and never changes the run's end. */
export async function recordRun(
  goal: RunGoal,
  workspace: string,
  result: AgentResult,
  commit: CommitOutcome | null,
): Promise<string | null> {
  const { goal_id, host } = goal;
  const { declared } = result;
  const isCommit = commit !== null && /^[0-9a-f]{40,64}$/.test(commit);
  const validation = (declared?.validation ?? []).map(({ command, exit_code }) => `${command}: exit ${exit_code}`).join("; ");
  try {
    const refreshed = await refreshState(host, {
      goal_id,
      classification: "looper_run",
      ...(declared?.delivery === undefined
        ? {}
        : { delivery_batch_scale: declared.delivery.batch_scale, delivery_outcome: declared.delivery.outcome }),
      ...(isCommit ? { artifact: [`commit ${commit}`] } : {}),
      ...(validation === "" ? {} : { validation }),
    });
    // What a spend needs is declared work, its validation and its writeback (design D10); without them there is nothing to pay.
    const paid = declared?.delivery !== undefined && isCommit && validation !== "" && result.end === "ok";
    if (paid && refreshed.run_id !== null) await spendSlot(host, { goal_id, source: "adapter", run_id: refreshed.run_id, cwd: workspace });
    return null;
  } catch (error) {
    if (error instanceof LoopxError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
