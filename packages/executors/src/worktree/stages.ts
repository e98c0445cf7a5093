/** The stages before the gates: the worktree found and emptied, what it needs, and what is built from it (WTL-21 to WTL-27, WTL-74). */
import { completeArtifact, completeWith, freshArtifact } from "../drivers/artifacts.ts";
import { stopComponent } from "../drivers/component.ts";
import { copyEnvFiles } from "../drivers/env-files.ts";
import { commitOf, ignoredOf, placeOf, trackedOf } from "../drivers/git/checkout.ts";
import { ensureWorktree, resetWorktree } from "../drivers/git/linked-worktree.ts";
import { rescue } from "../drivers/git/rescue.ts";
import { stopRemains } from "../drivers/process/stop.ts";
import { giveUpAgent, openRuns, stuckRuns } from "../drivers/agents/run.ts";
import type { Cycle, CycleEvent } from "./cycle.ts";
import { agentGround, componentGround, cycleLogs, type Site } from "./site.ts";
import { failedStep, filled, markOfCycle, runProgram, runSteps } from "./steps.ts";
import { shaOf, testCheckout } from "./tree.ts";

/** Ends everything that a killed loop's cycle left running (WTL-34). */
export async function clear(site: Site, cycle: Cycle): Promise<CycleEvent> {
  const ground = agentGround(site);
  const agents = await Promise.all((await openRuns(ground)).map((record) => giveUpAgent(record, ground, "the loop was killed")));
  const steps = await stopRemains(null, markOfCycle(cycle.cycle_id), { table: site.launch.table, remains_ms: 0 });
  const left = [...agents, steps].flatMap(({ still_alive }) => still_alive);
  return left.length === 0 ? { kind: "ok" } : { kind: "fault", reason: `processes of the killed loop cannot be ended: ${left.join(", ")}` };
}

/** The worktree is there, and what it held is kept. */
export async function ensure(site: Site, cycle: Cycle): Promise<CycleEvent> {
  const stuck = await stuckRuns(agentGround(site));
  if (stuck.length > 0) return { kind: "fault", reason: `processes of ${stuck.join(", ")} are still alive in the test worktree: end them` };
  const { checkout, made, warnings } = await ensureWorktree(site.git, {
    root: site.root,
    dir: site.worktree,
    branch: site.branch,
    base: shaOf(cycle.base_sha),
    stamp: stampOf(site),
  });
  for (const warning of [...warnings, ...(made ? await ignoreWarnings(site) : [])]) await site.notify(warning);
  // A candidate that waits for its promotion stands there on purpose.
  if (!made && !cycle.from_approve) {
    const main = await commitOf(site.git, placeOf(site.root), `refs/heads/${site.config.main_branch}`);
    await rescue(site.git, checkout, {
      cycle_id: cycle.cycle_id,
      main: main ?? shaOf(cycle.base_sha),
      folder: cycleLogs(site, cycle.cycle_id),
    });
  }
  return { kind: "ok" };
}

/** What the loop leaves in the main folder and git should not see: told, never changed (WTL-11). */
export async function ignoreWarnings(site: Site): Promise<readonly string[]> {
  const folders = ["logs", ".worktrees"];
  const ignored = await ignoredOf(
    site.git,
    placeOf(site.root),
    folders.map((name) => `${name}/any`),
  );
  const seen = folders.filter((name) => !ignored.includes(`${name}/any`));
  return seen.length === 0 ? [] : [`git does not ignore ${seen.map((name) => `${name}/`).join(" and ")}; add it to .gitignore`];
}

export async function stopTest(site: Site): Promise<CycleEvent> {
  const { was_running } = await stopComponent("test", componentGround(site), "up");
  return { kind: "stopped", was_running };
}

export async function reset(site: Site, cycle: Cycle): Promise<CycleEvent> {
  await resetWorktree(site.git, await testCheckout(site), site.root, { branch: site.branch, sha: shaOf(cycle.base_sha) });
  return { kind: "ok" };
}

/** Environment files, then the steps that bring what git does not hold. */
export async function prepare(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  await provideEnvFiles(site);
  const outcome = await runSteps(site, cycle, "prepare", site.config.profile.prepare, signal);
  if (outcome.kind === "stopped") return { kind: "aborted", reason: outcome.reason };
  if (outcome.kind === "fault") return { kind: "fault", reason: outcome.reason };
  const failed = failedStep(outcome.steps);
  return failed === null ? { kind: "ok" } : { kind: "fault", reason: `prepare ${failed.id}: ${failed.reason}` };
}

/** The files of the main folder, as they are now. */
export async function provideEnvFiles(site: Site): Promise<void> {
  const files = site.config.profile.worktree.env_files;
  const tracked = await trackedOf(site.git, placeOf(await testCheckout(site)), files);
  const { warnings } = copyEnvFiles(site.root.dir, site.worktree, files, tracked);
  for (const warning of warnings) await site.notify(warning);
}

/** One artifact per candidate; a complete one is used again. */
export async function build(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  const wanted = site.config.profile.build;
  const folder = `${site.state_dir}/artifacts`;
  if (wanted === undefined || completeArtifact(folder, cycle.candidate_sha) !== null) return { kind: "ok" };
  const dir = freshArtifact(folder, cycle.candidate_sha);
  const argv = [...filled(wanted.argv, { "{artifact_dir}": dir, "{root}": site.root.dir, "{worktree}": site.worktree })];
  const log = `${cycleLogs(site, cycle.cycle_id)}/${cycle.attempt}-build.log`;
  const outcome = await runProgram(site, cycle, { argv, timeout_seconds: wanted.timeout_seconds, log }, signal);
  if (outcome.kind === "stopped") return { kind: "aborted", reason: outcome.reason };
  if (outcome.kind === "fault") return { kind: "fault", reason: outcome.reason };
  if (!outcome.passed)
    return { kind: "failed", failure: { tier: "build", step: "build", exit_code: outcome.exit_code, reason: outcome.reason, log } };
  completeWith(dir, cycle.candidate_sha);
  return { kind: "ok" };
}

/** `20261121t100000z` */
export function stampOf(site: Pick<Site, "now">): string {
  return new Date(site.now().ms)
    .toISOString()
    .replace(/[-:]|\.\d+/g, "")
    .toLowerCase();
}
