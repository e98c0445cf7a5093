/** What happens to a candidate that passed: approval, promotion, deployment, and the way back (WTL-70 to WTL-78). */
import { shouldRun } from "@loopx/core";
import { readComponent } from "../drivers/component.ts";
import { gateGround } from "../drivers/gate-ground.ts";
import { promote as promoteCommit, pushCommit } from "../drivers/git/promote.ts";
import type { Cycle, CycleEvent } from "./cycle.ts";
import { componentOf, runningFor, startFor, type ComponentName } from "./components.ts";
import { readMemory, remember } from "./memory.ts";
import { answerOf, askPerson, gateName } from "./question.ts";
import { memoryGround } from "./repair.ts";
import { componentGround, type Site } from "./site.ts";
import { shaOf } from "./tree.ts";

const LOCK_MS = 10_000;

/** Asked only when a repair is to be promoted and somebody said that he wants to be asked (WTL-72). */
export async function approve(site: Site, cycle: Cycle): Promise<CycleEvent> {
  if (cycle.candidate_sha === cycle.base_sha) return { kind: "not_needed" };
  const { goal_id } = site.config;
  const wanted = site.config.profile.promotion.require_approval || (goal_id !== null && (await goalAsks(site, goal_id)));
  if (!wanted) return { kind: "not_needed" };
  // Whatever the answer is, the verdicts about this candidate are kept for it.
  await remember(memoryGround(site), (memory) => ({ ...memory, tested: testedOf(site, cycle) }));
  const answer = goal_id === null ? null : await answerOf(site, goal_id, gateName(cycle.candidate_sha));
  if (answer === "approved") return { kind: "approved" };
  if (answer === "rejected") return { kind: "rejected", reason: "a person refused the promotion" };
  if (goal_id !== null) await askPerson(site, goal_id, cycle);
  return { kind: "open" };
}

export function testedOf(site: Site, { base_sha, candidate_sha, cycle_id }: Cycle) {
  // What the gates saw lies in the test worktree still; the main folder may have changed meanwhile.
  return { base_sha, candidate_sha, cycle_id, config_sha256: site.config_sha256, ground_sha256: groundIn(site, site.worktree) };
}

/** The fingerprint of what this profile's gates rest on, with the environment files of that folder (WTL-28). */
export function groundIn(site: Site, folder: string): string {
  const { worktree, fast_gate, slow_gate } = site.config.profile;
  const programs = [...fast_gate, ...slow_gate].map(({ argv }) => argv[0] ?? "");
  return gateGround(folder, worktree.env_files, programs, site.env);
}

async function goalAsks(site: Site, goal_id: string): Promise<boolean> {
  const { verdict } = await shouldRun(site.host, { goal_id, cwd: site.root.dir });
  return verdict.goal_boundary.requires_parent_approval.includes("promote");
}

/** Moves the main branch, under the one promotion lock of the repository. */
export async function promote(site: Site, cycle: Cycle): Promise<CycleEvent> {
  const lock = await site.host.lock.acquire(`${site.root.common_dir}/loopx-promotion`, { wait_ms: LOCK_MS, command: "loopx-loop promote" });
  if (lock.kind === "busy") return { kind: "fault", reason: `another promotion is going on (pid ${lock.owner?.pid ?? "unknown"})` };
  try {
    const order = { root: site.root, branch: site.config.main_branch, base: shaOf(cycle.base_sha), candidate: shaOf(cycle.candidate_sha) };
    const promotion = await promoteCommit(site.git, { ...order, has_artifact: site.config.profile.build !== undefined });
    if (promotion.kind === "promoted" || promotion.kind === "nothing_to_do") {
      await remember(memoryGround(site), (memory) => ({ ...memory, promoted_sha: cycle.candidate_sha, tested: null }));
      if (promotion.kind === "promoted") await push(site, cycle);
      return { kind: promotion.kind };
    }
    // Tried again later with the verdicts it has.
    if (promotion.kind !== "base_moved") await remember(memoryGround(site), (memory) => ({ ...memory, tested: testedOf(site, cycle) }));
    return { kind: "not_promoted", result: promotion.kind, reason: promotion.reason };
  } finally {
    await lock.release();
  }
}

/** A push that fails is a notice, never a result. */
async function push(site: Site, cycle: Cycle): Promise<void> {
  const wanted = site.config.profile.promotion.push;
  if (wanted === undefined) return;
  const reason = await pushCommit(site.git, site.root, { ...wanted, sha: shaOf(cycle.candidate_sha) }).then(
    (push) => (push.pushed ? null : push.reason),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (reason !== null) await site.notify(`push to ${wanted.remote} failed: ${site.secrets.redact(reason)}`);
}

/** Restarts a server that the loop had started; one that nobody wanted stays down (WTL-76). */
export async function deploy(site: Site, cycle: Cycle, name: ComponentName, signal: AbortSignal): Promise<CycleEvent> {
  if (componentOf(site, name) === null) return { kind: "ready" };
  const record = await readComponent(componentGround(site), name);
  const wanted = record?.wanted === "up" && (name === "main" || cycle.test_was_running || cycle.starts_test || cycle.from_approve);
  if (!wanted || (await runningFor(site, name, cycle.candidate_sha)) !== null) return { kind: "ready" };
  const started = await startFor(site, name, cycle.candidate_sha, signal);
  if (started.kind === "ready") return { kind: "ready" };
  return { kind: started.kind, reason: `${name}: ${started.reason}` };
}

/** The last validated artifact runs again wherever the new one was to run. */
export async function rollBack(site: Site, cycle: Cycle, signal: AbortSignal): Promise<CycleEvent> {
  const { last_validated_sha } = await readMemory(memoryGround(site));
  const told: string[] = [];
  for (const name of ["main", "test"] as const) {
    if (componentOf(site, name) === null) continue;
    const record = await readComponent(componentGround(site), name);
    if (record?.wanted !== "up" || (record.sha !== cycle.candidate_sha && (await runningFor(site, name, record.sha)) !== null)) continue;
    if (last_validated_sha === null) told.push(`${name}: there is no validated artifact to go back to`);
    else {
      const started = await startFor(site, name, last_validated_sha, signal);
      told.push(started.kind === "ready" ? `${name} runs ${last_validated_sha.slice(0, 12)} again` : `${name}: ${started.reason}`);
    }
  }
  return { kind: "rolled_back", reason: told.join("; ") };
}
