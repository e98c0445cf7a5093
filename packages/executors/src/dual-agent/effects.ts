/** Carries a launch's effects out, one at a time, and answers one event each. A repair is a cycle of the loop, with all its bounds. */
import { formatInstant } from "@loopx/core/domain";
import { lastLines } from "../drivers/agents/run-files.ts";
import { readComponent } from "../drivers/component.ts";
import { logLine, logText } from "../drivers/loop-files.ts";
import type { CarryOut } from "../machine.ts";
import type { Notice } from "../notify/notice.ts";
import { buildAlone } from "../worktree/alone.ts";
import { componentOf, runningFor, startFor } from "../worktree/components.ts";
import { runCycle } from "../worktree/run-cycle.ts";
import { commitToServe } from "../worktree/serve.ts";
import { componentGround, type Site } from "../worktree/site.ts";
import type { Launch, LaunchEffect, LaunchEvent, LaunchNotice, LaunchPhase } from "./launch.ts";
import { launchLine } from "./sentences.ts";

const FAIL_LINES = 200;

/** What the machine's driver calls for each effect. */
export function launchEffects(site: Site): CarryOut<Launch, LaunchEvent, LaunchEffect> {
  return async (effect, { state, signal }) => {
    if (effect.kind === "phase") return carryOut(site, effect.phase, signal);
    await tell(site, state, effect);
    return null;
  };
}

async function carryOut(site: Site, phase: LaunchPhase, signal: AbortSignal): Promise<LaunchEvent | null> {
  switch (phase) {
    case "look":
      return look(site);
    case "build":
      return build(site, signal);
    case "start":
      return start(site, signal);
    case "repair":
      return repair(site, signal);
    case "done":
      return null;
  }
}

async function look(site: Site): Promise<LaunchEvent> {
  const record = await readComponent(componentGround(site), "main");
  return { kind: record !== null && (await runningFor(site, "main", record.sha)) !== null ? "running" : "down" };
}

async function build(site: Site, signal: AbortSignal): Promise<LaunchEvent> {
  const { kind, reason, log } = await buildAlone(site, await commitToServe(site), signal);
  if (kind === "built" || kind === "unneeded") return { kind: "built" };
  if (signal.aborted) return { kind: "aborted", reason: "the command was told to end" };
  if (kind === "busy") return { kind: "cycle", result: "busy", reason: `${reason}; it restarts the bot when it passes` };
  if (kind === "fault") return { kind: "fault", reason };
  if (log !== null) logText(`${site.root.dir}/logs/lark-loop.fail.txt`, site.secrets.redact(lastLines(log, FAIL_LINES)));
  return { kind: "failed", reason };
}

async function start(site: Site, signal: AbortSignal): Promise<LaunchEvent> {
  const started = await startFor(site, "main", await commitToServe(site), signal);
  if (started.kind === "ready") return { kind: "ready" };
  if (signal.aborted) return { kind: "aborted", reason: "the command was told to end" };
  return { kind: started.kind, reason: started.reason };
}

/** The goal is asked, the run is recorded, the agent is bounded: all of that is the cycle's. */
async function repair(site: Site, signal: AbortSignal): Promise<LaunchEvent> {
  const { result, reason } = await runCycle(site, { base_sha: null, go_on: false }, signal);
  return { kind: "cycle", result: result ?? "infra_error", reason };
}

async function tell(site: Site, launch: Launch, { notice, repairs, repairing }: Extract<LaunchEffect, { kind: "notice" }>): Promise<void> {
  const port = componentOf(site, "main")?.port ?? null;
  const { max_retries } = launch.limits;
  const { result, reason } = launch;
  const line = site.secrets.redact(launchLine(notice, { port, repairs, max_retries, repairing, result, reason }, site.locale));
  logLine(`${site.root.dir}/logs/lark-loop.log`, `${formatInstant(site.now(), "seconds")} ${line}`);
  const { goal_id, name } = site.config;
  await site.notify(line, { key: `${goal_id ?? name}|${launch.launch_id}|${notice}|${repairs}`, level: levelOf(notice, repairing) });
}

/** What ends badly waits for somebody. */
function levelOf(notice: LaunchNotice, repairing: boolean): Notice["level"] {
  return notice === "exhausted" || notice === "ended" || (notice.endsWith("failed") && !repairing) ? "needs_person" : "info";
}
