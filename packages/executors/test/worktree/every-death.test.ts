/**
 * A loop that is killed at any point of a cycle, on a real repository with real gates and agents: the next one finishes or gives up,
 * once; main never holds a commit that was not tested, and no work of a person is lost (WTL-34).
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, openHost } from "@loopx/core";
import { isJsonObject, parseGoalId } from "@loopx/core/domain";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openRuns } from "../../src/drivers/agents/run.ts";
import { recoverCycle, runCycle } from "../../src/worktree/run-cycle.ts";
import { agentGround, type Site } from "../../src/worktree/site.ts";
import { deathsOf, type Death, type Deaths } from "../rig/deaths.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { loopRig, type LoopRig } from "../rig/loop.ts";

let real: RealGround;
let rig: LoopRig;
let deaths: Deaths;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => {
  deaths.remove();
  rig.remove();
});

const never = new AbortController().signal;
const REPAIR = "fix: auto-fix from test (attempt 1)";

/** A goal whose main fails, an agent that writes this, and a person in the middle of something. Answers the failing commit. */
async function failing(written: string, limits: string): Promise<string> {
  rig = loopRig(real, "");
  deaths = deathsOf(rig);
  rmSync(join(rig.repo.dir, ".git/hooks"), { recursive: true });
  const agent = join(rig.repo.outside, "agent.sh");
  writeFileSync(agent, `#!/bin/sh\necho ${written} > value.txt\n`);
  chmodSync(agent, 0o755);
  const { HOME = "" } = rig.env;
  const host = openHost({ cwd: rig.repo.dir, env: rig.env, home: HOME, project: "." });
  await connect(host, { goal_id: "parser", project: rig.repo.dir, cwd: rig.repo.dir });
  rig.repo.git("config", "core.fsync", "none");
  const base = rig.repo.commit(
    {
      "loopx-loop.yaml": `goal_id: parser
worktree:
  fast_gate: [{id: unit, argv: [sh, -c, 'grep -qx good value.txt']}]
  slow_gate: [{id: lint, argv: ["true"]}]
  fix: {enabled: true, driver: command, argv: [${agent}], paths: [value.txt]}
  ${limits}
`,
      "value.txt": "bad\n",
      ".gitignore": ".env\nlogs/\n.worktrees/\n.loopx/\n.codex/\n",
    },
    "Break it",
  );
  rig.repo.write({ "check.mjs": "// half done\n", "new.txt": "not yet added\n" });
  return base;
}

/** The goal's history by classification, oldest first. */
async function history(site: Site): Promise<readonly string[]> {
  const goal_id = parseGoalId("parser");
  if (goal_id === null) throw new Error("no goal id");
  const page = await site.host.logs.tail({ kind: "runs", goal_id }, { limit: 100 });
  return page.kind === "page"
    ? page.entries.toReversed().flatMap((entry) => (entry.kind === "record" ? [String(entry.record["classification"])] : []))
    : [];
}

/** The gates that the journal says passed. */
function gatesPassed(folder: string, state_dir: string): readonly string[] {
  const journal = join(state_dir.replace(rig.repo.outside, folder), "journal.jsonl");
  return readFileSync(journal, "utf8")
    .split("\n")
    .flatMap((line) => {
      const value: unknown = line === "" ? null : JSON.parse(line);
      const event = isJsonObject(value) && isJsonObject(value["event"]) ? value["event"] : {};
      return isJsonObject(event["verdict"]) && event["verdict"]["passed"] === true ? [String(event["verdict"]["tier"])] : [];
    });
}

/** Runs one cycle to its end, and answers every death on its way. */
async function diedEverywhere(base: string): Promise<readonly Death[]> {
  const site = await rig.open();
  await runCycle(deaths.watched(site), { base_sha: base, go_on: false }, never);
  const distinct = await deaths.distinct();
  // Some 185 points with a promotion and 140 without one, which leave the disk in 34 and in 24 ways.
  expect(deaths.points()).toBeGreaterThan(130);
  expect(distinct.length).toBeGreaterThan(20);
  for (const { folder, at } of distinct) {
    const main = readFileSync(join(folder, "my project/.git/refs/heads/main"), "utf8").trim();
    if (main !== base) expect([at, gatesPassed(folder, site.state_dir)]).toEqual([at, ["fast", "slow"]]);
  }
  return distinct;
}

/**
 * Lets the next loop go on from each death, and judges how it left things. A cycle that starts over, or is tried again after it was
 * given up, does so from a clean tree of the same commit, and so comes to the same end, which is waited for once of each.
 */
async function goOnFrom(all: readonly Death[], base: string, judge: (at: string, told: readonly string[]) => void): Promise<void> {
  const waited = new Set<string>();
  for (const death of all) {
    deaths.bringBack(death);
    const site = await rig.open();
    const recovered = await cut(waited.has("over") ? toBuild(site) : site, (own) => recoverCycle(own, never));
    const result = recovered === "built" ? "built" : (recovered?.result ?? null);
    if (result === "aborted") {
      const open = await openRuns(agentGround(site));
      expect([death.at, rig.repo.head(), await history(site), open]).toEqual([death.at, base, ["loop_cycle_aborted"], []]);
      untouched();
    }
    const again = result === null || result === "aborted";
    const way = result === "aborted" ? "again" : "over";
    const built =
      again &&
      (await cut(waited.has(way) ? toBuild(site) : site, (own) => runCycle(own, { base_sha: base, go_on: false }, never))) === "built";
    if (built || result === "built") startsClean(base);
    else
      judge(
        death.at,
        (await history(site)).filter((each) => each !== "loop_cycle_aborted"),
      );
    waited.add(way);
  }
}

class Built extends Error {}

/** The site of a loop that comes to its first build and no further. */
function toBuild(site: Site): Site {
  const { logs } = site.host;
  const append: Site["host"]["logs"]["append"] = async (key, line, options) => {
    if (line["phase"] === "build") throw new Built();
    return logs.append(key, line, options);
  };
  return { ...site, host: { ...site.host, logs: { ...logs, append } } };
}

async function cut<Value>(site: Site, run: (site: Site) => Promise<Value>): Promise<Value | "built"> {
  try {
    return await run(site);
  } catch (error) {
    if (error instanceof Built) return "built";
    throw error;
  }
}

/** The test worktree is that commit and nothing else. */
function startsClean(base: string): void {
  expect(rig.repo.git("-C", rig.worktree(), "rev-parse", "HEAD")).toBe(base);
  expect(rig.repo.git("-C", rig.worktree(), "status", "--porcelain")).toBe("");
}

/** The edits of the person, as they were. */
function untouched(): void {
  expect(rig.repo.git("status", "--porcelain")).toBe(" M check.mjs\n?? new.txt");
  expect(readFileSync(join(rig.repo.dir, "check.mjs"), "utf8")).toBe("// half done\n");
}

test("a cycle with a repair that dies anywhere leaves one promotion, one record of it and one spend", async () => {
  const base = await failing("good", "max_cycles: 3");
  await goOnFrom(await diedEverywhere(base), base, (at, told) => {
    expect([at, told]).toEqual([at, ["loop_cycle_promoted", "quota_slot_spent"]]);
    expect(rig.repo.git("log", "--format=%s")).toBe(`${REPAIR}\nBreak it\nFirst`);
    untouched();
  });
});

test("a cycle whose repairs fail that dies anywhere leaves main as it was, one record and no spend", async () => {
  const base = await failing("still bad", "max_cycles: 2\n  max_retries: 1");
  // Up to the first repair it is the cycle above.
  const all = await diedEverywhere(base);
  const repaired = all.findIndex(({ at }) => at.startsWith("after git update-ref"));
  await goOnFrom(all.slice(repaired), base, (at, told) => {
    expect([at, told, rig.repo.head()]).toEqual([at, ["loop_cycle_fix_exhausted"], base]);
    untouched();
  });
});
