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

function judged(world: World, cycle: Cycle, tier: "fast" | "slow"): CycleEvent {
  if (world.tree !== cycle.candidate_sha) world.wrong.push(`the ${tier} gate on another tree`);
  if (tier === "slow" && world.tree === FIXED) world.tested.add(FIXED);
  return gate(tier, world.tree === FIXED);
}

function promoted(world: World, { base_sha, candidate_sha }: Cycle): CycleEvent {
  if (!world.tested.has(candidate_sha)) world.wrong.push("promoted untested");
  if (world.main !== base_sha && world.main !== candidate_sha) return { kind: "not_promoted", result: "base_moved", reason: "" };
  world.main = candidate_sha;
  return { kind: "promoted" };
}

function deployed(world: World, { candidate_sha }: Cycle): CycleEvent {
  if (world.deployed !== candidate_sha) world.restarts += 1;
  world.deployed = candidate_sha;
  return { kind: "ready" };
}

/** What each phase does to the world; every other one just goes well. */
const ACTS: Readonly<Partial<Record<Phase, (world: World, cycle: Cycle) => CycleEvent>>> = {
  admit: () => ({ kind: "allowed" }),
  lock: () => ({ kind: "got" }),
  stop_test: () => ({ kind: "stopped", was_running: false }),
  reset: (world, { base_sha }) => {
    world.tree = base_sha;
    return { kind: "ok" };
  },
  fast_gate: (world, cycle) => judged(world, cycle, "fast"),
  slow_gate: (world, cycle) => judged(world, cycle, "slow"),
  fix: () => ({ kind: "changed", run_id: "run_1" }),
  commit: (world) => {
    world.tree = FIXED;
    return { kind: "committed", candidate_sha: FIXED };
  },
  approve: () => ({ kind: "not_needed" }),
  promote: promoted,
  deploy_test: deployed,
  deploy_main: deployed,
  record: (world, { cycle_id, result }) => {
    if (!world.recorded.has(cycle_id) && result === "promoted") world.paid += 1;
    world.recorded.set(cycle_id, result ?? "");
    return { kind: "recorded" };
  },
};

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
    effect.kind === "phase" ? (ACTS[effect.phase]?.(world, state) ?? { kind: "ok" }) : null;
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
