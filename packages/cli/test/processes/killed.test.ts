/** A `connect` that is killed at any moment leaves nothing half-written, and running it again completes it (REL-1, design D12). */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { endOf, goalIds, openYard, type Yard } from "./built.ts";

const ATTEMPTS = 20;

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.remove());

/** What stands is whole: each file absent or complete. */
function expectWhole(project: string): void {
  for (const file of [join(project, ".loopx/registry.json"), join(yard.home, ".codex/loopx/registry.global.json")])
    if (existsSync(file)) expect(goalIds(yard.read(file.slice(yard.root.length)))).toEqual(["main"]);
  const state = join(project, ".codex/goals/main/ACTIVE_GOAL_STATE.md");
  if (existsSync(state)) expect(yard.read(state.slice(yard.root.length))).toMatch(/^---\n[\s\S]*Goal connected to LoopX\.\n$/);
}

test(`${ATTEMPTS} killed connects, each completed by the next`, async () => {
  const project = yard.folder("project");
  const whole = await timed(() => yard.start(yard.folder("measure"), "connect", "--goal-id", "measured", "--no-global-sync"));
  let killed = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const child = yard.launch(project, "connect", "--goal-id", "main");
    const watchdog = setTimeout(() => child.kill("SIGKILL"), momentOf(attempt, whole));
    const { code } = await endOf(child);
    clearTimeout(watchdog);
    if (code === null) killed += 1;
    else expect(code).toBe(0);
    expectWhole(project);
    // Every second one goes on from what the kill left; the others start from nothing again.
    if (attempt % 2 === 0) continue;
    await expectCompleted(project);
    for (const path of [join(project, ".loopx"), join(project, ".codex"), join(yard.home, ".codex")])
      rmSync(path, { recursive: true, force: true });
  }
  expect(killed).toBeGreaterThan(0);
});

/** The kills are spread over the last two thirds of the time a whole connect takes here: its writes lie there. */
function momentOf(attempt: number, wholeMs: number): number {
  return wholeMs * (0.35 + (0.7 * attempt) / ATTEMPTS);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

async function expectCompleted(project: string): Promise<void> {
  const again = await yard.start(project, "connect", "--goal-id", "main", "--json");
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(goalIds(yard.read("project/.loopx/registry.json"))).toEqual(["main"]);
  expect(goalIds(yard.read("home/.codex/loopx/registry.global.json"))).toEqual(["main"]);
  expectWhole(project);
  expect(yard.run(project, "registry").code).toBe(0);
  expect(yard.run(project, "should-run", "-g", "main")).toMatchObject({ code: 0, stderr: "" });
  expect(litter()).toEqual([]);
  // The record of a dead owner may still lock what the rerun had no need to write: the next writer takes it over (REL-6).
  expect(yard.run(project, "todo", "add", "-g", "main", "--role", "agent", "--text", "go on")).toMatchObject({ code: 0, stderr: "" });
}

/** Half-written siblings that nobody would look for again. */
function litter(): string[] {
  return readdirSync(yard.root, { recursive: true, encoding: "utf8" }).filter(
    (name) => !name.startsWith("program") && /loopx-tmp|\.clear\./.test(name),
  );
}
