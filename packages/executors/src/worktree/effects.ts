/** Carries a cycle's effects out, one at a time, and answers one event each. A notice never fails. */
import { lastLines } from "../drivers/agents/run-files.ts";
import { logLine, logText } from "../drivers/loop-files.ts";
import { formatInstant, shellLine } from "@loopx/core/domain";
import type { CarryOut } from "../machine.ts";
import { admit, isSameAsLast, record } from "./account.ts";
import { componentOf, startFor } from "./components.ts";
import type { Notice } from "../notify/notice.ts";
import type { Cycle, CycleEffect, CycleEvent, NoticeName, Phase } from "./cycle.ts";
import { runGate } from "./gates.ts";
import { approvalCommand, promotionQuestion } from "./question.ts";
import { approve, deploy, promote, rollBack } from "./release.ts";
import { commit, fix } from "./repair.ts";
import { END_LINE, noticeLine } from "./sentences.ts";
import type { Site } from "./site.ts";
import { progressCard } from "./progress-card.ts";
import { build, clear, ensure, prepare, reset, stopTest } from "./stages.ts";

const FAIL_LINES = 200;

/** Takes the lock of the cycle; what it answers is the lock phase's event. */
export type TakeLock = () => Promise<CycleEvent>;

/** What the machine's driver calls for each effect. */
export function cycleEffects(site: Site, takeLock: TakeLock): CarryOut<Cycle, CycleEvent, CycleEffect> {
  return async (effect, { state, signal }) => {
    if (effect.kind === "phase") return carryOut(site, state, effect.phase, takeLock, signal);
    await tell(site, state, effect);
    return null;
  };
}

async function carryOut(site: Site, cycle: Cycle, phase: Phase, takeLock: TakeLock, signal: AbortSignal): Promise<CycleEvent | null> {
  switch (phase) {
    case "admit":
      return admit(site, cycle);
    case "lock":
      return takeLock();
    case "clear":
      return clear(site, cycle);
    case "ensure":
      return ensure(site, cycle);
    case "stop_test":
      return stopTest(site);
    case "reset":
      return reset(site, cycle);
    case "prepare":
      return prepare(site, cycle, signal);
    case "build":
      return build(site, cycle, signal);
    case "start_test":
      return startTest(site, cycle, signal);
    case "fast_gate":
      return runGate(site, cycle, "fast", signal);
    case "slow_gate":
      return runGate(site, cycle, "slow", signal);
    case "fix":
      return fix(site, cycle, signal);
    case "commit":
      return commit(site, cycle);
    case "approve":
      return approve(site, cycle);
    case "promote":
      return promote(site, cycle);
    case "deploy_test":
      return deploy(site, cycle, "test", never);
    case "deploy_main":
      return deploy(site, cycle, "main", never);
    case "roll_back":
      return rollBack(site, cycle, never);
    case "record":
      return record(site, cycle, signal);
    case "done":
      return null;
  }
}

/** What has begun to be deployed is finished, told to end or not (WTL-3). */
const never = new AbortController().signal;

/** The candidate's own server, up while its gates run. */
async function startTest(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  if (componentOf(site, "test") === null) return { kind: "ready" };
  const started = await startFor(site, "test", cycle.candidate_sha, signal);
  return started.kind === "ready" ? { kind: "ready" } : { kind: started.kind, reason: started.reason };
}

async function tell(site: Site, cycle: Cycle, { notice, attempt, repairing }: Extract<CycleEffect, { kind: "notice" }>): Promise<void> {
  if (cycle.from_approve && notice === "ended" && (await isSameAsLast(site, cycle))) return;
  const { max_cycles } = cycle.limits;
  const line =
    notice === "ended"
      ? END_LINE[site.locale]({
          result: cycle.result ?? "infra_error",
          sha: cycle.base_sha.slice(0, 12),
          reason: cycle.reason,
          max_cycles,
          next: nextCommand(site, cycle),
        })
      : noticeLine(notice, { attempt, max_cycles, repairing }, site.locale);
  const safe = site.secrets.redact(line);
  logLine(`${site.root.dir}/logs/lark-loop.log`, `${formatInstant(site.now(), "seconds")} ${safe}`);
  if (notice.endsWith("failed") && cycle.failure !== null) {
    const text = cycle.failure.log === null ? `${cycle.failure.reason}\n` : lastLines(cycle.failure.log, FAIL_LINES);
    logText(`${site.root.dir}/logs/lark-loop.fail.txt`, site.secrets.redact(text));
  }
  const { goal_id, name } = site.config;
  const about = `${goal_id ?? name}|${cycle.cycle_id}`;
  const told = { key: `${about}|${notice}|${attempt}`, level: levelOf(cycle, notice, repairing) };
  if (notice === "ended" && cycle.result === "awaiting_gate" && site.gate_cards !== null) {
    const question = await promotionQuestion(site, cycle);
    if (question !== null) return site.gate_cards.ask({ ...question, line: safe, key: told.key });
  }
  const card = site.config.profile.notify.style === "card" ? progressCard(cycle, goal_id, site.now(), site.locale) : null;
  await site.notify(safe, card === null ? told : { ...told, progress: { about, card } });
}

/** A cycle that goes on by itself only informs; one that has ended badly waits for somebody. */
function levelOf(cycle: Cycle, notice: NoticeName, repairing: boolean): Notice["level"] {
  if (notice === "ended") return cycle.result === "base_moved" || cycle.result === "aborted" ? "info" : "needs_person";
  return notice.endsWith("failed") && !repairing ? "needs_person" : "info";
}

/** The one command that goes on from here. */
export function nextCommand(site: Site, cycle: Pick<Cycle, "result" | "candidate_sha">): string {
  const { result } = cycle;
  if (result === "awaiting_gate" && site.config.goal_id !== null) return approvalCommand(site.config.goal_id, cycle.candidate_sha);
  if (result === "main_dirty" || result === "wrong_branch") return shellLine(["git", "-C", site.root.dir, "status"]);
  return result === "infra_error" || result === "aborted" ? "loopx-loop worktree run --retry" : "loopx-loop worktree status";
}
