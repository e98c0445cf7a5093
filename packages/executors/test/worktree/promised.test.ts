/** What a cycle promises beside its result: one record, one spend, one owner of its locks, each gate as often as it has to. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost } from "@loopx/core";
import { isJsonObject, parseGoalId, type JsonObject } from "@loopx/core/domain";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { loopKey } from "../../src/drivers/loop-files.ts";
import { runCycle } from "../../src/worktree/run-cycle.ts";
import type { Site } from "../../src/worktree/site.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { loopRig, type LoopRig } from "../rig/loop.ts";

let real: RealGround;
let rig: LoopRig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => rig.remove());

const never = new AbortController().signal;
const IGNORED = { ".gitignore": ".env\nlogs/\n.worktrees/\n.loopx/\n.codex/\n" };

/** A loop with these gates, whose agent is this shell script. */
function loop(gates: string, agent: string, files: Readonly<Record<string, string>> = {}, top = ""): void {
  rig = loopRig(real, "", files);
  const path = join(rig.repo.outside, "agent.sh");
  writeFileSync(path, `#!/bin/sh\n${agent}\n`, { mode: 0o755 });
  const config = `${top}worktree:\n${gates}  fix: {enabled: true, driver: command, argv: [${path}], paths: [value.txt, style.txt]}\n`;
  rig.repo.commit({ "loopx-loop.yaml": config, ...IGNORED }, "Begin");
}

const GOOD = `  fast_gate: [{id: unit, argv: [sh, -c, 'grep -qx good value.txt']}]\n`;

async function goal(): Promise<void> {
  const host = openHost({ cwd: rig.repo.dir, env: rig.env, home: rig.env["HOME"] ?? "", project: "." });
  await connect(host, { goal_id: "parser", project: rig.repo.dir, cwd: rig.repo.dir });
}

/** The goal's records, oldest first. */
async function records(): Promise<readonly JsonObject[]> {
  const goal_id = parseGoalId("parser");
  if (goal_id === null) throw new Error("no goal id");
  const page = await (await rig.open()).host.logs.tail({ kind: "runs", goal_id }, { limit: 100 });
  return page.kind === "page" ? page.entries.toReversed().flatMap((entry) => (entry.kind === "record" ? [entry.record] : [])) : [];
}

/** The site whose journal does this first when it comes to a phase. */
function meanwhile(site: Site, phase: string, act: () => Promise<void>): Site {
  const { logs } = site.host;
  const append: Site["host"]["logs"]["append"] = async (key, line, options) => {
    if (key.kind === "executor_log" && line["phase"] === phase && line["intent"] === true) await act();
    return logs.append(key, line, options);
  };
  return { ...site, host: { ...site.host, logs: { ...logs, append } } };
}

describe("the goal's history", () => {
  test("has one record for each cycle, with one thing to do; only a promotion is progress, and is paid for by that record (WTL-85, WTL-86)", async () => {
    loop(
      `${GOOD}  max_retries: 1\n`,
      "if test -e ../../able; then echo good > value.txt; fi",
      { "value.txt": "bad\n" },
      "goal_id: parser\n",
    );
    await goal();
    const failed = await rig.cycle();
    writeFileSync(join(rig.repo.dir, "able"), "");
    const promoted = await rig.cycle();
    const [first = {}, second = {}, spend = {}, ...more] = await records();
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      classification: "loop_cycle_fix_exhausted",
      recommended_action: `Fix the failing step "unit" of ${failed.candidate_sha.slice(0, 12)}.`,
      progress_scope: "agent_lane",
      agent_lane: "worktree-loop",
      loop_cycle: {
        cycle_id: failed.cycle_id,
        result: "fix_exhausted",
        attempts: 1,
        agent_runs: 1,
        gates: [{ tier: "fast", passed: false, failed_step: "unit" }],
      },
    });
    expect([first["delivery_outcome"], first["delivery_batch_scale"]]).toEqual([undefined, undefined]);
    expect(second).toMatchObject({
      classification: "loop_cycle_promoted",
      progress_scope: "goal",
      delivery_outcome: "outcome_progress",
      delivery_batch_scale: "single_surface",
      loop_cycle: {
        candidate_sha: promoted.candidate_sha,
        base_sha: promoted.base_sha,
        profile: "worktree",
        log: `logs/${promoted.cycle_id}`,
      },
    });
    expect(JSON.stringify(second)).toContain(promoted.candidate_sha);
    const event = isJsonObject(spend["quota_event"]) ? spend["quota_event"] : {};
    expect(event).toMatchObject({ source: "adapter", slots: 1 });
    expect(JSON.stringify(event)).toContain(String(second["run_id"]));
  });

  test("keeps a promotion whose spend is refused; the refusal is told and changes nothing else (WTL-86)", async () => {
    loop(GOOD, "echo good > value.txt", { "value.txt": "bad\n" }, "goal_id: parser\n");
    await goal();
    const site = await rig.open();
    const pausing = meanwhile(site, "promote", async () => void (await configureGoal(site.host, { goal_id: "parser", quota_compute: 0 })));
    const cycle = await runCycle(pausing, { base_sha: null, go_on: false }, never);
    expect([cycle.result, rig.repo.head()]).toEqual(["promoted", cycle.candidate_sha]);
    expect(
      (await records())
        .map((record) => record["classification"])
        .filter((name) => String(name).startsWith("loop_") || name === "quota_slot_spent"),
    ).toEqual(["loop_cycle_promoted"]);
    expect(rig.told.some((line) => line.includes("was not paid for"))).toBe(true);
  });
});

describe("the locks of a cycle", () => {
  const lockFiles = (): string[] =>
    readdirSync(join(rig.env["LOOPX_RUNTIME_ROOT"] ?? "", "locks")).filter((name) => name.endsWith(".owner.json"));

  test("are there while it runs and gone when it ended, however it ended: the next one of the same process has them (WTL-37, WTL-127)", async () => {
    loop(GOOD, "exit 0");
    const held: string[][] = [];
    const site = meanwhile(await rig.open(), "fast_gate", async () => void held.push(lockFiles()));
    const broken = meanwhile(site, "approve", () => Promise.reject(new Error("the disk is full")));
    await expect(runCycle(broken, { base_sha: null, go_on: false }, never)).rejects.toThrow("the disk is full");
    expect(lockFiles()).toEqual([]);
    expect((await runCycle(site, { base_sha: null, go_on: false }, never)).result).toBe("validated");
    expect([held.length > 1 && held.every((names) => names.length > 0), lockFiles()]).toEqual([true, []]);
  });

  test("lost to another process in the middle end it before it promotes; main and the history are as they were (WTL-37)", async () => {
    loop(GOOD, "echo good > value.txt", { "value.txt": "bad\n" }, "goal_id: parser\n");
    await goal();
    const base = rig.repo.head();
    const folder = join(rig.env["LOOPX_RUNTIME_ROOT"] ?? "", "locks");
    const stolen = meanwhile(await rig.open(), "approve", async () => {
      for (const name of lockFiles())
        writeFileSync(join(folder, name), readFileSync(join(folder, name), "utf8").replace(/"nonce":"..../, '"nonce":"beef'));
    });
    await expect(runCycle(stolen, { base_sha: null, go_on: false }, never)).rejects.toMatchObject({ code: "conflict" });
    expect([rig.repo.head(), await records()]).toEqual([base, []]);
  });
});

describe("the gates of a cycle", () => {
  test("run once for each candidate, and after a repair of the slow one the fast one runs again: one that breaks it is not promoted (WTL-134)", async () => {
    const counted = join(real.folder, "counted");
    const count = (name: string): string => `{id: ${name}, argv: [sh, -c, 'echo ${name} >> "$0"; grep -qx good ${name}.txt', ${counted}]}`;
    // The first repair makes the slow gate pass and breaks the fast one; the second one makes both pass.
    loop(
      `  fast_gate: [${count("value")}]\n  slow_gate: [${count("style")}]\n  max_cycles: 3\n`,
      "if grep -qx good style.txt; then echo good > value.txt; else echo good > style.txt; echo bad > value.txt; fi",
      { "value.txt": "good\n", "style.txt": "bad\n" },
    );
    expect(await rig.cycle()).toMatchObject({ result: "promoted", attempt: 3, slow_fixes: 1, agent_runs: 2 });
    expect(readFileSync(counted, "utf8").split("\n")).toEqual(["value", "style", "value", "value", "style", ""]);
    expect(rig.repo.git("log", "--format=%s", "-2")).toBe("fix: auto-fix from test (attempt 2)\nfix: auto-fix from test (attempt 1)");
  });
});

describe("the folder of a loop", () => {
  test("is private, named by the main folder and the profile, and holds no more than it says (WTL-11)", async () => {
    loop(GOOD, "exit 0");
    rmSync(join(rig.repo.dir, ".gitignore"));
    rig.repo.git("rm", "-q", "--cached", ".gitignore");
    rig.repo.git("commit", "-q", "-m", "Ignore nothing");
    expect((await rig.cycle()).result).toBe("validated");
    expect((await rig.cycle()).result).toBe("validated");
    const { state_dir, executor } = await rig.open();
    expect([
      executor === loopKey(rig.repo.dir, "worktree"),
      executor === loopKey(rig.repo.dir, "lark"),
      statSync(state_dir).mode & 0o777,
    ]).toEqual([true, false, 0o700]);
    expect(executor).toMatch(/^loop-[0-9a-f]{16}$/);
    expect(readdirSync(state_dir).filter((name) => !["cycle.json", "journal.jsonl", "watch.json", "logs"].includes(name))).toEqual([]);
    // One warning, though nothing of it stands in the way of a cycle.
    expect(rig.told.filter((line) => line.includes("add it to .gitignore"))).toEqual([
      "git does not ignore logs/ and .worktrees/; add it to .gitignore",
    ]);
    expect(existsSync(join(rig.repo.dir, "logs/lark-loop.log"))).toBe(true);
  });
});
