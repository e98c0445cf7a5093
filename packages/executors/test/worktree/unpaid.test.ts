/** A goal that may not run gets no cycle, and repairs that fail are bounded by a budget of their own. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost, shouldRun } from "@loopx/core";
import { parseGoalId } from "@loopx/core/domain";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readMemory } from "../../src/worktree/memory.ts";
import { memoryGround } from "../../src/worktree/repair.ts";
import { runCycle } from "../../src/worktree/run-cycle.ts";
import type { Site } from "../../src/worktree/site.ts";
import { CHECK, loopRig, scriptedAgent, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => rig.remove());

const never = new AbortController().signal;

/** A project with a goal, a failing commit on main, and an agent that repairs it, or does what it is told instead. */
async function failingGoal(does = 'fs.writeFileSync("value.txt", "good\\n");', fix = ""): Promise<void> {
  rig = loopRig(real, "");
  const agent = scriptedAgent(rig, does);
  const { HOME } = rig.env;
  const host = openHost({ cwd: rig.repo.dir, env: rig.env, home: HOME ?? "", project: "." });
  await connect(host, { goal_id: "parser", project: rig.repo.dir, cwd: rig.repo.dir });
  const config = `goal_id: parser\nworktree:\n  fast_gate: [${CHECK}]\n  fix: {enabled: true, driver: command, argv: [${JSON.stringify(process.execPath)}, ${JSON.stringify(agent)}], paths: [value.txt]${fix}}\n`;
  rig.repo.commit(
    { "loopx-loop.yaml": config, "value.txt": "bad\n", ".gitignore": ".env\nlogs/\n.worktrees/\n.loopx/\n.codex/\n" },
    "Break it",
  );
}

/** Lines of the goal's history, by classification. */
async function history(site: Site): Promise<readonly string[]> {
  const goal_id = parseGoalId("parser");
  if (goal_id === null) throw new Error("no goal id");
  const page = await site.host.logs.tail({ kind: "runs", goal_id }, { limit: 100 });
  return page.kind === "page"
    ? page.entries.toReversed().flatMap((entry) => (entry.kind === "record" ? [String(entry.record["classification"])] : []))
    : [];
}

describe("a goal that may not run", () => {
  test("gets no cycle: no ref, no worktree, no state, no spend (invariant 10)", async () => {
    await failingGoal();
    const site = await rig.open();
    await configureGoal(site.host, { goal_id: "parser", quota_compute: 0 });
    const refs = rig.repo.git("for-each-ref");
    expect(await runCycle(await rig.open(), { base_sha: null, go_on: false }, never)).toMatchObject({ result: "skipped_quota" });
    expect([rig.repo.git("for-each-ref"), rig.repo.git("worktree", "list").split("\n").length, await history(site)]).toEqual([refs, 1, []]);
    expect(existsSync(join(site.state_dir, "cycle.json"))).toBe(false);
  });
});

describe("a repair that fails", () => {
  test("uses up the budget of repairs and no slot of the goal: should-run says so, and the day's last repair is the last (WTL-60)", async () => {
    await failingGoal('fs.writeFileSync("value.txt", "bad " + Math.random() + "\\n");', ", max_runs_per_day: 2");
    const asked = async () => (await shouldRun((await rig.open()).host, { goal_id: "parser", cwd: rig.repo.dir })).verdict;
    const before = await asked();
    const overBudget = { result: "fix_exhausted", reason: "2 runs of agents in 24 hours are over" };
    expect(await rig.cycle()).toMatchObject(overBudget);
    expect((await asked()).quota).toEqual(before.quota);
    rig.repo.commit({ "value.txt": "bad again\n" }, "Break it again");
    expect(await rig.cycle()).toMatchObject(overBudget);
    expect((await readMemory(memoryGround(await rig.open()))).agent_runs_ms).toHaveLength(2);
    const after = await asked();
    expect([after.should_run, after.quota.spent_slots, await history(await rig.open())]).toEqual([
      true,
      0,
      ["loop_cycle_fix_exhausted", "loop_cycle_fix_exhausted"],
    ]);
  });

  test("stays counted when the memory is damaged: it is kept aside, people are told once, and the loop goes on (WTL-12, WTL-60)", async () => {
    await failingGoal('fs.writeFileSync("value.txt", "bad " + Math.random() + "\\n");', ", max_runs_per_day: 1");
    await rig.cycle();
    const site = await rig.open();
    for (const text of ["{ half", Buffer.from([0xff, 0xfe, 0x00])]) {
      writeFileSync(join(site.state_dir, "watch.json"), text);
      rig.told.length = 0;
      expect(await rig.cycle()).toMatchObject({ result: "fix_exhausted", reason: "1 runs of agents in 24 hours are over" });
      expect(rig.told.filter((line) => line.startsWith("watch.json cannot be read; it is kept as watch.json.corrupt-"))).toHaveLength(1);
    }
    const kept = readdirSync(site.state_dir).filter((name) => name.startsWith("watch.json.corrupt-"));
    expect(kept.map((name) => readFileSync(join(site.state_dir, name)).length).toSorted((a, b) => a - b)).toEqual([3, 6]);
    expect((await readMemory(memoryGround(site))).last?.result).toBe("fix_exhausted");
  });
});
