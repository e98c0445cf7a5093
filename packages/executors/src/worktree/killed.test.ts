/**
 * The cycle killed at every single point of its journal, on a world in memory that counts (WTL-34). The real processes and
 * repositories are in test/worktree; here no point is left out.
 */
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import { describe, expect, test } from "vitest";
import { resumeMachine, runMachine, type Ground, type Progress } from "../machine.ts";
import { storedProgress } from "../progress.ts";
import { newCycle, type Cycle, type CycleEffect, type CycleEvent, type Phase } from "./cycle.ts";
import { cycleMachine } from "./machine.ts";

const [BASE, FIXED] = ["a".repeat(40), "b".repeat(40)] as const;
const PLACE = { executor: "loop", state: "cycle.json", journal: "journal" };
const never = new AbortController().signal;

/** What lies outside: it stays when the loop dies, and does each thing as the real effects do, again without harm. */
interface World {
  main: string;
  tree: string;
  readonly tested: Set<string>;
  readonly recorded: Map<string, string>;
  paid: number;
  deployed: string;
  restarts: number;
  readonly wrong: string[];
}

const failure = { tier: "fast" as const, step: "unit", exit_code: 1, reason: "exit code 1", log: null };
const gate = (tier: "fast" | "slow", passed: boolean): CycleEvent => ({
  kind: "gate",
  verdict: { tier, passed, flaky: false, failed_step: passed ? null : "unit" },
  failure: passed ? null : failure,
});

function eventOf(world: World, cycle: Cycle, phase: Phase): CycleEvent | null {
  switch (phase) {
    case "admit":
      return { kind: "allowed" };
    case "lock":
      return { kind: "got" };
    case "stop_test":
      return { kind: "stopped", was_running: false };
    case "reset":
      world.tree = cycle.base_sha;
      return { kind: "ok" };
    case "fast_gate":
    case "slow_gate": {
      if (world.tree !== cycle.candidate_sha) world.wrong.push(`${phase} on another tree`);
      if (phase === "slow_gate" && world.tree === FIXED) world.tested.add(FIXED);
      return gate(phase === "fast_gate" ? "fast" : "slow", world.tree === FIXED);
    }
    case "fix":
      return { kind: "changed", run_id: "run_1" };
    case "commit":
      world.tree = FIXED;
      return { kind: "committed", candidate_sha: FIXED };
    case "approve":
      return { kind: "not_needed" };
    case "promote":
      if (!world.tested.has(cycle.candidate_sha)) world.wrong.push("promoted untested");
      if (world.main !== cycle.base_sha && world.main !== cycle.candidate_sha)
        return { kind: "not_promoted", result: "base_moved", reason: "" };
      world.main = cycle.candidate_sha;
      return { kind: "promoted" };
    case "deploy_test":
    case "deploy_main":
      if (world.deployed !== cycle.candidate_sha) world.restarts += 1;
      world.deployed = cycle.candidate_sha;
      return { kind: "ready" };
    case "record":
      if (!world.recorded.has(cycle.cycle_id) && cycle.result === "promoted") world.paid += 1;
      world.recorded.set(cycle.cycle_id, cycle.result ?? "");
      return { kind: "recorded" };
    case "roll_back":
    case "done":
      return null;
    default:
      return { kind: "ok" };
  }
}

class Killed extends Error {}

/** Dies at the n-th write: before it, or with `torn` right after it. */
function dying(progress: Progress<Cycle, CycleEvent, CycleEffect>, at: number, after: boolean) {
  let writes = 0;
  const counted =
    <Args extends unknown[]>(act: (...args: Args) => Promise<void>) =>
    async (...args: Args): Promise<void> => {
      writes += 1;
      if (writes === at && !after) throw new Killed();
      await act(...args);
      if (writes === at) throw new Killed();
    };
  const { save, begin, end } = progress;
  return { save: counted(save), begin: counted(begin), end: counted(end), writes: () => writes };
}

function groundOf(host: MemoryHost, world: World): Ground<Cycle, CycleEvent, CycleEffect> & { progress: ReturnType<typeof progressOf> } {
  const carryOut: Ground<Cycle, CycleEvent, CycleEffect>["carryOut"] = async (effect, { state }) =>
    effect.kind === "phase" ? eventOf(world, state, effect.phase) : null;
  return { machine: cycleMachine, progress: progressOf(host), carryOut, now: () => host.clock.moment(), signal: never };
}

const progressOf = (host: MemoryHost) => storedProgress(host, PLACE, cycleMachine, () => host.clock.moment());

function cycleOf(cycle_id: string): Cycle {
  const limits = { max_cycles: 3, max_retries: 2, max_slow_fixes: 1 };
  const start = { cycle_id, profile: "worktree" as const, base_sha: BASE, started_at: "", limits, fix_enabled: true };
  return newCycle({ ...start, starts_test: false, has_slow_gate: true, tested_candidate: null });
}

/** The loop as it is started again and again until the commit is done with, as the watcher does (WTL-35). */
async function untilDone(host: MemoryHost, world: World): Promise<void> {
  for (let time = 2; time < 6; time += 1) {
    const ground = groundOf(host, world);
    const earlier = await ground.progress.load();
    if (earlier.kind === "found" && earlier.snapshot.state.phase !== "done") await resumeMachine(ground, earlier.snapshot, earlier.begun);
    if ([...world.recorded.values()].includes("promoted")) return;
    await runMachine(ground, cycleOf(`cycle_${time}`), { kind: "begin" });
  }
}

const newWorld = (): World => ({
  main: BASE,
  tree: "",
  tested: new Set(),
  recorded: new Map(),
  paid: 0,
  deployed: BASE,
  restarts: 0,
  wrong: [],
});

describe("a cycle with a repair that is killed", () => {
  test("at any write of its journal or state, before or after it, is finished once: one promotion, one payment, one restart of each server", async () => {
    let points = 0;
    for (const after of [false, true])
      for (let at = 1; ; at += 1) {
        const [host, world] = [memoryHost(), newWorld()];
        const ground = groundOf(host, world);
        const progress = dying(ground.progress, at, after);
        const ended = await runMachine({ ...ground, progress }, cycleOf("cycle_1"), { kind: "begin" }).catch((error: unknown) => error);
        if (!(ended instanceof Killed)) break;
        points += 1;
        expect([BASE, FIXED]).toContain(world.main);
        if (world.main === FIXED) expect(world.tested.has(FIXED)).toBe(true);
        await untilDone(host, world);
        expect([at, after, world.wrong, world.main, world.paid, world.restarts]).toEqual([at, after, [], FIXED, 1, 1]);
        expect([...world.recorded.values()].filter((result) => result === "promoted").length).toBe(1);
      }
    expect(points).toBeGreaterThan(100);
  });
});
