/** Before a cycle the goal is asked; after it the history says what happened, and a promotion is paid for once (WTL-84 to WTL-86). */
import { refreshState, shouldRun, spendSlot, type ErrorCode } from "@loopx/core";
import { formatInstant, LoopxError, parseGoalId, type JsonObject } from "@loopx/core/domain";
import { forgetArtifacts } from "../drivers/artifacts.ts";
import { isJsonObject, textAt } from "../drivers/agents/json.ts";
import { readComponent, isUp, stopComponent } from "../drivers/component.ts";
import { readMemory, remember, type Memory } from "./memory.ts";
import type { Cycle, CycleEvent } from "./cycle.ts";
import { componentOf, startFor } from "./components.ts";
import { answerOf, closeQuestions, gateName } from "./question.ts";
import { memoryGround } from "./repair.ts";
import { componentGround, type Site } from "./site.ts";

const RUNS = 300;

/** Whether the goal may work now. Nothing is touched by asking. */
export async function admit(site: Site, cycle: Cycle): Promise<CycleEvent> {
  const { goal_id, agent_id } = site.config;
  if (goal_id === null) return { kind: "allowed" };
  // A person's no may stop the goal, too; what he said no to is closed all the same, and nothing is run for that.
  const isRefused = cycle.from_approve && (await answerOf(site, goal_id, gateName(cycle.candidate_sha))) === "rejected";
  if (isRefused) return { kind: "allowed" };
  const { verdict } = await shouldRun(site.host, { goal_id, ...(agent_id === null ? {} : { agent_id }), cwd: site.root.dir });
  // A new commit is the change that a quiet verdict waits for; everything else stops the cycle.
  const quiet = verdict.should_run && !verdict.execution_obligation.must_attempt_work;
  if (verdict.should_run && (verdict.execution_obligation.delivery_allowed || quiet)) return { kind: "allowed" };
  return { kind: "denied", rule: verdict.rule };
}

/** Writes the cycle down everywhere it has to be known; done again after a crash it changes nothing. */
export async function record(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  const trouble: string[] = [];
  const attempt = async (what: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      trouble.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await attempt("the test component", () => restoreTest(site, cycle, signal));
  // Tried again from the promotion with the same answer: that is no second record.
  const repeated = cycle.from_approve && (await isSameAsLast(site, cycle));
  if (!repeated) await attempt("the history", () => account(site, cycle));
  await remember(memoryGround(site), (memory) => remembered(site, memory, cycle));
  const { last_validated_sha, tested } = await readMemory(memoryGround(site));
  const running = await Promise.all((["main", "test"] as const).map((name) => readComponent(componentGround(site), name)));
  await attempt("old artifacts", async () => {
    forgetArtifacts(
      `${site.state_dir}/artifacts`,
      [last_validated_sha, tested?.candidate_sha, ...running.map((each) => each?.sha)].filter(
        (sha): sha is string => typeof sha === "string",
      ),
    );
  });
  return trouble.length === 0 ? { kind: "recorded" } : { kind: "fault", reason: trouble.join("; ") };
}

/** True when the last cycle of this commit ended the same way. */
export async function isSameAsLast(site: Site, cycle: Cycle): Promise<boolean> {
  const { last } = await readMemory(memoryGround(site));
  return last !== null && last.cycle_id !== cycle.cycle_id && last.sha === cycle.base_sha && last.result === cycle.result;
}

/**
 * After a cycle that changed nothing for people the test server is as it was before: what was last validated, or down
 * (WTL-30, WTL-138). A candidate that failed answers nobody.
 */
async function restoreTest(site: Site, cycle: Cycle, signal: AbortSignal): Promise<void> {
  if (componentOf(site, "test") === null || signal.aborted || isGood(cycle)) return;
  const ground = componentGround(site);
  const component = await readComponent(ground, "test");
  if (component === null || component.wanted !== "up") return;
  const running = isUp(component, ground);
  if (!cycle.test_was_running) {
    // It was started for the gates of this cycle only.
    if (cycle.starts_test && running) await stopComponent("test", ground, "down");
    return;
  }
  const { last_validated_sha } = await readMemory(memoryGround(site));
  const sha = last_validated_sha ?? component.sha;
  if (running && component.sha === sha) return;
  const started = await startFor(site, "test", sha, signal);
  if (started.kind !== "ready") await site.notify(`test: ${started.reason}`);
}

function isGood({ result }: Pick<Cycle, "result">): boolean {
  return result === "validated" || result === "promoted";
}

async function account(site: Site, cycle: Cycle): Promise<void> {
  const { goal_id, agent_id } = site.config;
  if (goal_id === null) return;
  await closeQuestions(site, goal_id, cycle);
  const promoted = cycle.result === "promoted";
  const stored = await storedRun(site, goal_id, cycle.cycle_id);
  const run_id = stored?.run_id ?? (await recordRun(site, cycle, goal_id, agent_id));
  if (!promoted || run_id === null || stored?.spent === true) return;
  const spend = await spendSlot(site.host, {
    goal_id,
    slots: 1,
    source: "adapter",
    run_id,
    ...(agent_id === null ? {} : { agent_id }),
    cwd: site.root.dir,
  });
  if (!spend.appended)
    await site.notify(`the promotion of ${cycle.candidate_sha.slice(0, 12)} was not paid for: ${JSON.stringify(spend.error ?? null)}`);
}

async function recordRun(site: Site, cycle: Cycle, goal_id: string, agent_id: string | null): Promise<string | null> {
  const promoted = cycle.result === "promoted";
  const gates = cycle.gates.map(({ tier, passed, flaky, failed_step }) => ({ tier, passed, flaky, failed_step }));
  const input = {
    goal_id,
    classification: `loop_cycle_${cycle.result ?? "infra_error"}`,
    recommended_action: nextAction(cycle),
    ...(agent_id === null ? {} : { agent_id }),
    ...(promoted
      ? {
          progress_scope: "goal" as const,
          delivery_outcome: "outcome_progress" as const,
          delivery_batch_scale: site.config.profile.history.delivery_batch_scale,
          artifact: [cycle.candidate_sha],
          validation: site.config.profile.fast_gate
            .concat(site.config.profile.slow_gate)
            .map(({ id }) => id)
            .join(", "),
        }
      : { progress_scope: "agent_lane" as const, agent_lane: `${cycle.profile}-loop` }),
    loop_cycle: {
      cycle_id: cycle.cycle_id,
      profile: cycle.profile,
      base_sha: cycle.base_sha,
      candidate_sha: cycle.candidate_sha,
      result: cycle.result,
      attempts: cycle.attempt,
      agent_runs: cycle.agent_runs,
      gates,
      stale_recovered: cycle.stale_recovered,
      loop_version: site.version,
      config_sha256: site.config_sha256,
      log: `logs/${cycle.cycle_id}`,
    } satisfies JsonObject,
  };
  return (await refreshState(site.host, input)).run_id;
}

/** The record of this cycle, when an earlier try wrote it. */
async function storedRun(
  site: Site,
  goal: string,
  cycle_id: string,
): Promise<{ readonly run_id: string | null; readonly spent: boolean } | null> {
  const goal_id = parseGoalId(goal);
  if (goal_id === null) throw new LoopxError("goal_id_invalid" satisfies ErrorCode, `${goal} is no goal id`);
  const page = await site.host.logs.tail({ kind: "runs", goal_id }, { limit: RUNS });
  const records = page.kind === "page" ? page.entries.flatMap((entry) => (entry.kind === "record" ? [entry.record] : [])) : [];
  const own = records.find((each) => isJsonObject(each["loop_cycle"]) && textAt(each["loop_cycle"], "cycle_id") === cycle_id);
  if (own === undefined) return null;
  const run_id = textAt(own, "run_id") || null;
  const spent = records.some((each) => isJsonObject(each["quota_event"]) && JSON.stringify(each["quota_event"]).includes(run_id ?? "\0"));
  return { run_id, spent };
}

/** Exactly one thing to do next. */
function nextAction(cycle: Cycle): string {
  const short = cycle.candidate_sha.slice(0, 12);
  switch (cycle.result) {
    case "promoted":
    case "validated":
      return `Go on from ${short}; both gates passed.`;
    case "gate_failed":
    case "fix_exhausted":
      return `Fix the failing step "${cycle.failure?.step ?? "unknown"}" of ${short}.`;
    case "awaiting_gate":
      return `Answer the gate promote_${cycle.candidate_sha}.`;
    case "deploy_failed":
      return `Look why ${short} does not start; the last validated state runs again.`;
    case "main_dirty":
    case "wrong_branch":
      return `Tidy the main worktree, so that ${short} can be promoted.`;
    case "base_moved":
      return "Let the loop test the new commit of the main branch.";
    case "rejected":
      return `Decide what becomes of the refused repair ${short}.`;
    case "infra_error":
    case "aborted":
    case "busy":
    case "skipped_quota":
    case null:
      return `Run the cycle of ${cycle.base_sha.slice(0, 12)} again.`;
  }
}

function remembered(site: Site, memory: Memory, cycle: Cycle): Memory {
  if (memory.last?.cycle_id === cycle.cycle_id) return memory;
  const result = cycle.result ?? "infra_error";
  const done = {
    sha: cycle.base_sha,
    result,
    reason: site.secrets.redact(cycle.reason),
    at: formatInstant(site.now(), "milliseconds"),
    cycle_id: cycle.cycle_id,
  };
  const good = result === "validated" || result === "promoted";
  const again = memory.last?.sha === cycle.base_sha ? memory.faults_in_row : 0;
  return {
    ...memory,
    last: { ...done, failed_step: good ? null : (cycle.failure?.step ?? null), log: good ? null : (cycle.failure?.log ?? null) },
    ended: [...memory.ended, done],
    last_validated_sha: good ? cycle.candidate_sha : memory.last_validated_sha,
    tested: ["promoted", "validated", "rejected", "base_moved"].includes(result) ? null : memory.tested,
    faults_in_row: result === "infra_error" || result === "aborted" ? again + 1 : 0,
    base_moved_in_row: result === "base_moved" ? memory.base_moved_in_row + 1 : 0,
  };
}
