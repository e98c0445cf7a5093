/** A loop that dies at a point of its journal: the next one finishes or gives up, once, and no user's work is lost (WTL-34). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost, shouldRun, type FileHost } from "@loopx/core";
import { parseGoalId, type JsonObject } from "@loopx/core/domain";
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

/** The site of a process that dies when it is about to write that line of the journal. */
function dyingAt(site: Site, point: (line: JsonObject) => boolean): Site {
  const { logs } = site.host;
  const append: FileHost["logs"]["append"] = async (key, line, options) => {
    if (key.kind === "executor_log" && point(line)) throw new Error("killed");
    return logs.append(key, line, options);
  };
  return { ...site, host: { ...site.host, logs: { ...logs, append } } };
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

describe("a loop that is killed", () => {
  test.each<[string, boolean, readonly string[]]>([
    ["reset", true, ["loop_cycle_promoted", "quota_slot_spent"]],
    ["commit", false, ["loop_cycle_aborted", "loop_cycle_promoted", "quota_slot_spent"]],
    ["promote", false, ["loop_cycle_promoted", "quota_slot_spent"]],
    ["record", true, ["loop_cycle_promoted", "quota_slot_spent"]],
  ])("in %s, before it began (%s): the next one leaves one record and one spend for the promotion", async (phase, before, expected) => {
    await failingGoal();
    const base = rig.repo.head();
    const site = await rig.open();
    const point = (line: JsonObject): boolean => line["phase"] === phase && (line["intent"] === true) === before;
    await expect(runCycle(dyingAt(site, point), { base_sha: base, go_on: false }, never)).rejects.toThrow("killed");
    const between = rig.repo.head();
    // Main is the base or the tested repair, never anything else.
    if (between !== base) expect(rig.repo.git("log", "-1", "--format=%s")).toBe("fix: auto-fix from test (attempt 1)");
    await runCycle(await rig.open(), { base_sha: base, go_on: false }, never);
    expect(await history(site)).toEqual(expected);
    expect(rig.repo.git("log", "--format=%s")).toBe("fix: auto-fix from test (attempt 1)\nBreak it\nFirst");
    expect(rig.repo.git("status", "--porcelain")).toBe("");
  });

  test("leaves an edit of a person in the main folder alone", async () => {
    await failingGoal();
    const site = await rig.open();
    const point = (line: JsonObject): boolean => line["phase"] === "fast_gate";
    await expect(runCycle(dyingAt(site, point), { base_sha: null, go_on: false }, never)).rejects.toThrow("killed");
    rig.repo.write({ "check.mjs": "// half done\n" });
    expect((await runCycle(await rig.open(), { base_sha: null, go_on: false }, never)).result).toBe("promoted");
    expect(rig.repo.git("diff", "--name-only")).toBe("check.mjs");
  });
});

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
});
