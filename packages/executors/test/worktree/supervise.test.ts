/** A supervisor over real servers, by a clock that the test moves (WTL-80 to WTL-83). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readComponent } from "../../src/drivers/component.ts";
import { readConfig } from "../../src/worktree/config.ts";
import { newCycle } from "../../src/worktree/cycle.ts";
import { startServer, stopServer } from "../../src/worktree/serve.ts";
import { componentGround, type Site } from "../../src/worktree/site.ts";
import { statusOf } from "../../src/worktree/status.ts";
import { readSupervised, superviseNow } from "../../src/worktree/supervise.ts";
import { CHECK, freePort, loopRig, SERVER, type LoopRig } from "../rig/loop.ts";
import { runs } from "../rig/fake-command.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
let site: Site;
let port: number;
let later = 0;
const foreign: ChildProcess[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  real = await realGround();
  port = await freePort();
  const node = JSON.stringify(process.execPath);
  rig = loopRig(
    real,
    `worktree:\n  fast_gate: [${CHECK}]\n  components:\n    main: {argv: [${node}, server.mjs, value.txt], port: ${port}, health: {ready_seconds: 5}}\n    test: {argv: [${node}, -e, "setInterval(() => {}, 1e6)"]}\n`,
    { "server.mjs": SERVER },
  );
  const opened = await rig.open();
  site = { ...opened, now: () => ({ ...opened.now(), ms: opened.now().ms + later }) };
});
afterEach(async () => {
  for (const child of foreign.splice(0)) child.kill("SIGKILL");
  await Promise.all([stopServer(site, "main"), stopServer(site, "test")]);
});
afterAll(() => {
  rig.remove();
  real.remove();
});

const look = (name: "main" | "test" = "main"): Promise<void> => superviseNow(site, name, never);
const state = async (name: "main" | "test" = "main"): Promise<string> => (await readSupervised(site, name)).state;
const pidOf = async (name: "main" | "test"): Promise<number> => (await readComponent(componentGround(site), name))?.process?.pid ?? 0;

/** Ends it as a crash would, and waits until it is gone. */
async function crash(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  while (runs(pid)) await new Promise((resolve) => setImmediate(resolve));
}

describe("a server that a person started", () => {
  test("and that crashes is started again after its wait, from the commit it had; a look at one that is well does nothing (WTL-80, WTL-82)", async () => {
    const { pid, sha } = await startServer(site, "main", never);
    await look();
    expect(await state()).toBe("healthy");
    await crash(pid ?? 0);
    await look();
    expect([await state(), (await statusOf(site)).mode]).toEqual(["backoff", "degraded"]);
    await look();
    expect(runs(await pidOf("main"))).toBe(false);
    later += 1_001;
    await look();
    const status = await statusOf(site);
    expect(status.components[0]).toMatchObject({ name: "main", state: "healthy", sha, restarts_10m: 1 });
    expect(status.components[0]?.pid).not.toBe(pid);
    expect(rig.told.at(-1)).toBe("main had ended; it runs again");
  });

  test("is not started again when he stopped it, nor on a port that another process holds, which lives (WTL-76, WTL-83)", async () => {
    const { pid } = await startServer(site, "main", never);
    await crash(pid ?? 0);
    const other = spawn(process.execPath, ["-e", `require("net").createServer().listen(${port},"127.0.0.1",()=>console.log(1))`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    foreign.push(other);
    await once(other.stdout ?? other, "data");
    await look();
    later += 61_000;
    await look();
    expect([await state(), runs(other.pid ?? 0)]).toEqual(["cooldown", true]);
    expect(rig.told.at(-1)).toContain(`pid ${other.pid ?? 0}`);
    await stopServer(site, "main");
    later += 600_000;
    await look();
    expect([await state(), runs(await pidOf("main"))]).toEqual(["stopped", false]);
  });

  test("is left to the cycle that stopped it, also when that was killed; main is watched all the same (WTL-81, WTL-138)", async () => {
    const { pid } = await startServer(site, "test", never);
    const { pid: mainPid } = await startServer(site, "main", never);
    await Promise.all([crash(pid ?? 0), crash(mainPid ?? 0)]);
    await writeCycle("fast_gate");
    for (const _look of [1, 2]) {
      await Promise.all([look("test"), look("main")]);
      later += 61_000;
    }
    expect([await state("test"), runs(await pidOf("test")), runs(await pidOf("main"))]).toEqual(["stopped", false, true]);
    await writeCycle("done");
    for (const _look of [1, 2]) {
      await look("test");
      later += 61_000;
    }
    expect(runs(await pidOf("test"))).toBe(true);
  });

  test("is told with a state that cannot be read, by a look that renames nothing; it is watched all the same (WTL-12, WTL-90)", async () => {
    const { pid } = await startServer(site, "test", never);
    writeFileSync(join(site.state_dir, "cycle.json"), "{");
    writeFileSync(join(site.state_dir, "watch.json"), "x");
    const { warnings, cycle } = await statusOf(site);
    expect([cycle, warnings.length, readdirSync(site.state_dir).filter((name) => name.includes(".bad"))]).toEqual([null, 2, []]);
    await crash(pid ?? 0);
    await look("test");
    expect(await state("test")).toBe("backoff");
    rmSync(join(site.state_dir, "cycle.json"));
  });

  test("whose starter died before it wrote down what it had started is found by its instance, and there is one (WTL-83)", async () => {
    const { pid } = await startServer(site, "test", never);
    const key = { kind: "executor_state", executor: site.executor, name: "components/test.json" } as const;
    const record = await readComponent(componentGround(site), "test");
    await site.host.documents.update(key, () => ({ write: JSON.stringify({ ...record, process: null }), value: null }));
    for (const _look of [1, 2]) {
      await look("test");
      later += 61_000;
    }
    expect([runs(pid ?? 0), runs(await pidOf("test"))]).toEqual([false, true]);
  });
});

describe("a status", () => {
  test("says before it matters that a repair cannot run, or that nothing confines it (AGT-52, AGT-84, WTL-63)", async () => {
    const said = async (fix: string): Promise<readonly string[]> => {
      const config = readConfig("loopx-loop.yaml", `worktree: {fast_gate: [${CHECK}], fix: ${fix}}\n`, "worktree", {});
      const { warnings } = await statusOf({ ...site, config, env: { PATH: rig.repo.outside } });
      return warnings.filter((each) => each.startsWith("fix:"));
    };
    expect(await said("{enabled: false, driver: codex}")).toEqual([]);
    expect(await said("{enabled: true, driver: codex, paths: [src]}")).toEqual(["fix: codex is not on this machine"]);
    expect(await said("{enabled: true, driver: claude}")).toEqual([
      "fix: without fix.paths or a goal no path may be changed",
      "fix: claude is not on this machine",
      "fix: claude is not confined: it may read and write whatever this user may; install bwrap and socat",
    ]);
    const own = `{enabled: true, driver: command, argv: [${JSON.stringify(process.execPath)}], paths: [src]}`;
    expect(await said(own)).toEqual([`fix: ${process.execPath} is not confined: it may read and write whatever this user may`]);
  });
});

async function writeCycle(phase: "fast_gate" | "done"): Promise<void> {
  const limits = { max_cycles: 1, max_retries: 0, max_slow_fixes: 0 };
  const start = {
    cycle_id: "cycle_1",
    profile: "worktree" as const,
    base_sha: rig.repo.head(),
    started_at: "",
    limits,
    fix_enabled: false,
  };
  const cycle = { ...newCycle({ ...start, starts_test: false, has_slow_gate: false, tested_candidate: null }), phase };
  const text = JSON.stringify({ schema_version: "loopx_loop_state_v1", seq: 0, state: cycle, pending: [] });
  const key = { kind: "executor_state", executor: site.executor, name: "cycle.json" } as const;
  await site.host.documents.update(key, () => ({ write: text, value: null }));
}
