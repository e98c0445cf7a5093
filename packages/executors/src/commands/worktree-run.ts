import { field, fields, title, type Answer, type Call } from "@loopx/cli/program";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import type { RUN_CYCLE_FLAGS } from "../options/worktree.ts";
import type { Cycle } from "../worktree/cycle.ts";
import { RESULT_EXITS } from "../worktree/exits.ts";
import { readMemory } from "../worktree/memory.ts";
import { memoryGround } from "../worktree/repair.ts";
import { runCycle } from "../worktree/run-cycle.ts";
import { FINAL } from "../worktree/schedule.ts";
import type { Site } from "../worktree/site.ts";
import { siteOf, working } from "./loop-site.ts";

/** One cycle in this process. */
export async function run(call: Call<typeof RUN_CYCLE_FLAGS>): Promise<Answer> {
  const base_sha = call.input.base_sha ?? null;
  const before = call.input.retry === true ? null : await doneBefore(await siteOf(call), base_sha);
  if (before !== null) return before;
  const go_on = call.input.retry !== true;
  return answerOf(await working(call, async ({ open, signal }) => runCycle(await open(), { base_sha, go_on }, signal)));
}

/** A commit that is done with is not run again unless somebody asks for it (WTL-35). */
async function doneBefore(site: Site, base_sha: string | null): Promise<Answer | null> {
  const sha = await commitOf(site.git, placeOf(site.root), base_sha ?? `refs/heads/${site.config.main_branch}`);
  const found = (await readMemory(memoryGround(site))).ended.findLast((each) => each.sha === sha && FINAL.has(each.result));
  if (found === undefined) return null;
  const payload = {
    result: found.result,
    reason: found.reason,
    cycle_id: found.cycle_id,
    base_sha: found.sha,
    done_at: found.at,
    repeated: false,
  };
  return {
    payload,
    lines: () => [
      title(`Cycle: ${found.result.replaceAll("_", " ")}`),
      ...fields(payload, ["result", "reason", "base_sha", "cycle_id", "done_at"]),
      ...field("next", "add --retry to run it again"),
    ],
    exit_code: RESULT_EXITS[found.result],
  };
}

function answerOf(cycle: Cycle): Answer {
  const { cycle_id, profile, base_sha, candidate_sha, attempt, agent_runs, gates, failure, stale_recovered, reason } = cycle;
  const result = cycle.result ?? "infra_error";
  const payload = {
    result,
    reason,
    cycle_id,
    profile,
    base_sha,
    candidate_sha,
    attempts: attempt,
    agent_runs,
    gates,
    failure,
    stale_recovered,
  };
  return {
    payload,
    lines: () => [
      title(`Cycle: ${result.replaceAll("_", " ")}`),
      ...fields(payload, ["result", "reason", "base_sha", "candidate_sha", "attempts", "agent_runs", "cycle_id"]),
      ...(failure === null ? [] : fields(failure, ["tier", "step", "exit_code", "log"])),
    ],
    exit_code: RESULT_EXITS[result],
  };
}
