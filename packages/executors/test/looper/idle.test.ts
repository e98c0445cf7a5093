/** A day of an idle service in minutes of nobody's time: real runs of an agent that crashes, a clock that the test moves. */
import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost } from "@loopx/core";
import { fakeClock, type FakeClock } from "@loopx/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { quickTime } from "../rig/quick-time.ts";
import { openYard, type Yard } from "./rig.ts";

const HOUR = 3_600_000;

let real: RealGround;
let yard: Yard;
let clock: FakeClock;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  yard = await openYard(real.keeper, {
    LOOPER_DEFAULT_PROMPT: "go on",
    LOOPER_IDLE_POLL_SECONDS: "1800",
    LOOPER_IDLE_LOG_STALE_SECONDS: "600",
  });
  clock = fakeClock({ at: "2026-11-21T00:00:00.000Z" });
});
afterEach(() => yard.remove());

const serve = () => yard.serve({}, { io: { ...yard.io(), clock }, timing: quickTime() });

interface Told {
  readonly ts: string;
  readonly event: string;
  readonly reason?: string;
  readonly detail?: string;
}

function ticks(): readonly Told[] {
  const text = readFileSync(join(yard.folder, "runtime/executors/looper/logs/looper-server.log"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Told).filter(({ event }) => event === "codex.exec.autopoll.tick");
}

/** The run logs as old as the clock says: the file system keeps another time. */
async function ended(): Promise<void> {
  while (yard.served.looper.live().length > 0) await new Promise((resolve) => setImmediate(resolve));
  if (ticks().at(-1)?.reason !== "start") return;
  const { body } = await yard.ask("GET", "/runs");
  const at = clock.now();
  for (const { log_path } of body["runs"] as { log_path: string }[]) utimesSync(log_path, at, at);
}

/** One look each half of an hour. */
async function look(hours: number): Promise<void> {
  for (let at = 0; at < hours * 2; at += 1) {
    await yard.served.looper.tick();
    await ended();
    clock.tick(HOUR / 2);
  }
}

const counts = (): Record<string, number> =>
  ticks().reduce<Record<string, number>>((all, { reason = "" }) => ({ ...all, [reason]: (all[reason] ?? 0) + 1 }), {});

describe("24 hours of an idle service (LPR-50 to LPR-52, LPR-77)", () => {
  beforeEach(() => {
    writeFileSync(yard.program, "#!/bin/sh\nexit 3\n");
    chmodSync(yard.program, 0o755);
  });

  test("an agent that crashes is started less and less often, then not at all, also by the next service", async () => {
    await serve();
    await look(8);
    await yard.served.close(false);
    await serve();
    await look(16);
    // Each wait is twice the one before; the fifth failure is one too many.
    expect(ticks().flatMap(({ reason, ts }) => (reason === "start" ? [ts.slice(11, 16)] : []))).toEqual([
      "00:00",
      "00:30",
      "01:30",
      "03:30",
      "07:30",
    ]);
    expect(counts()).toEqual({ start: 5, backing_off: 11, paused_after_failures: 32 });
    expect(((await yard.ask("GET", "/runs")).body["runs"] as { end: string }[]).map(({ end }) => end)).toEqual(
      Array(5).fill("agent_failed"),
    );
  });

  test("without a breaker the cap of a day holds", async () => {
    Object.assign(yard.env, { LOOPER_AUTO_MAX_FAILURES: "1000", LOOPER_AUTO_MAX_RUNS_PER_DAY: "4" });
    await serve();
    await look(24);
    expect(counts()).toMatchObject({ start: 4, daily_cap: expect.any(Number) });
    clock.tick(HOUR / 2);
    await yard.served.looper.tick();
    expect(ticks().at(-1)?.reason).toBe("start");
    await ended();
  });
});

test("a goal that may not run is started by nobody, and the log says why at each look (LPR-41, LPR-51)", async () => {
  const at = { cwd: yard.project, env: {}, home: yard.folder, runtime_root: join(yard.folder, "runtime") };
  await connect(openHost({ ...at, project: yard.project }), { goal_id: "g", project: yard.project, cwd: yard.project });
  await configureGoal(openHost(at), { goal_id: "g", quota_compute: 0 });
  await serve();
  await look(24);
  expect(counts()).toEqual({ goal_not_runnable: 48 });
  expect(new Set(ticks().map(({ detail }) => detail))).toEqual(new Set([expect.stringMatching(/^goal may not run: .{10}/)]));
  expect(yard.codex.calls()).toBe(0);
});
