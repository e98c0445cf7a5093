/**
 * Every file system call of a command, harmed in every way, one at a time (REL-164, REL-165). After each: every file is
 * the old or the new one, what was acknowledged is new, the next writer goes on within a second, and nothing is left over.
 */
import { expect } from "vitest";
import type { Entry, Snapshot } from "../../../../test/snapshot.ts";
import { connect } from "../../src/actions/connect.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { addTodo } from "../../src/actions/todo-add.ts";
import { LoopxError } from "../../src/domain/errors.ts";
import type { FsCalls } from "../../src/node/fs-calls.ts";
import { dyingAt, failingAt, harmed, Killed, writeHalf } from "../store/harmed-calls.ts";
import { clockAhead, DEAD_PID, deadIdentity } from "../store/rig.ts";
import { MINUTE, prepareMain, type Scenario } from "./scenarios.ts";
import { quickFs, type World } from "./world.ts";

/** A fault that nobody survives, an errno of one call, or a write that takes half of its bytes. */
export type Fault = `dies ${Death}` | "EIO" | "ENOSPC" | "EACCES" | "EROFS" | "EMFILE" | "a short write";
export type Death = "before" | "half-way through" | "after";

const ORPHANED_MS = 500;
const LITTER_MS = 3_700_000;

export interface Course {
  readonly world: World;
  readonly scenario: Scenario;
  readonly old: Snapshot;
  readonly now: Snapshot;
  /** The calls of the command when nothing goes wrong. */
  readonly trace: readonly (keyof FsCalls)[];
}

/** Prepares the scenario and runs it once unharmed. */
export async function courseOf(world: World, scenario: Scenario): Promise<Course> {
  world.reset(world.empty);
  if (scenario.from_nothing !== true) await prepareMain(world);
  await scenario.prepare?.(world);
  const old = world.snapshot();
  const trace: (keyof FsCalls)[] = [];
  const calls = harmed((name, run) => {
    trace.push(name);
    return run();
  }, quickFs);
  await scenario.act(world.host({ calls }, MINUTE), world);
  return { world, scenario, old, now: world.snapshot(), trace };
}

/** Harms each call of the course in that way, and answers how many points that were. */
export async function harmEvery(course: Course, fault: Fault, recovered: Set<string>): Promise<number> {
  let points = 0;
  for (const [index, name] of course.trace.entries()) {
    if ((fault === "dies half-way through" || fault === "a short write") && name !== "write") continue;
    points += 1;
    await harmAt(course, fault, index + 1, recovered);
  }
  return points;
}

async function harmAt(course: Course, fault: Fault, n: number, recovered: Set<string>): Promise<void> {
  const where = `${course.scenario.name}: ${fault} at call ${n} of ${course.trace.length} (${course.trace[n - 1] ?? ""})`;
  const machine = machineWith(fault, n);
  await harmWith(course, machine, where, recovered, assertOldOrNew);
  expect(machine.happened(), `${where}: the call is made`).toBe(true);
}

/**
 * A call fails, and a later one, of those that follow from it, is harmed too. Answers whether the second was reached: a
 * command may have given up before.
 */
export async function harmTwice(
  course: Course,
  first: { errno: string; n: number },
  second: { fault: Fault; n: number },
  recovered: Set<string>,
): Promise<boolean> {
  const broken = failingAt(first.n, first.errno, quickFs);
  const machine = machineWith(second.fault, second.n, broken.calls);
  const where = `${course.scenario.name}: ${first.errno} at call ${first.n}, then ${second.fault} at call ${second.n}`;
  await harmWith(course, machine, where, recovered, assertSound);
  expect(broken.failed(), `${where}: the first call is made`).not.toBe(null);
  return machine.happened();
}

async function harmWith(
  course: Course,
  machine: Machine,
  where: string,
  recovered: Set<string>,
  assertLeft: typeof assertOldOrNew,
): Promise<void> {
  const { world, scenario, old } = course;
  world.reset(old);
  const { calls, deadly } = machine;
  const host = world.host({ calls, ...(deadly ? { identity: deadIdentity() } : {}) }, MINUTE);
  const outcome: unknown = await scenario.act(host, world).catch((error: unknown) => error);
  // Who dies after the last word was said has said it.
  if (outcome instanceof Error && !(deadly && outcome instanceof Killed))
    expect(refusalOf(outcome), `${where}: a typed refusal, not ${String(outcome.stack)}`).not.toBe("internal");
  const left = world.snapshot();
  if (deadly || outcome instanceof Error) assertLeft(course, left, outcome instanceof Error ? null : outcome, where);
  else assertWhole(course, left, outcome, where);
  // Many points leave the same disk behind; what happens next depends on nothing else.
  const disk = fingerprint(left);
  if (recovered.has(disk)) return;
  recovered.add(disk);
  await assertRecovers(course, where, assertLeft === assertOldOrNew ? isLitter : isLock);
}

interface Machine {
  readonly calls: FsCalls;
  readonly happened: () => boolean;
  readonly deadly: boolean;
}

function machineWith(fault: Fault, n: number, base: FsCalls = quickFs): Machine {
  switch (fault) {
    case "dies before":
    case "dies half-way through":
    case "dies after": {
      const { calls, died } = dyingAt(n, fault.slice("dies ".length) as Death, base);
      return { calls, happened: died, deadly: true };
    }
    case "a short write": {
      let count = 0;
      const calls = harmed((_name, run, args) => ((count += 1) === n ? writeHalf(args) : run()), base);
      return { calls, happened: () => count >= n, deadly: false };
    }
    case "EIO":
    case "ENOSPC":
    case "EACCES":
    case "EROFS":
    case "EMFILE": {
      const { calls, failed } = failingAt(n, fault, base);
      return { calls, happened: () => failed() !== null, deadly: false };
    }
  }
}

function refusalOf(error: Error): string {
  if (error instanceof LoopxError) return error.code;
  // A refusal that the library answers as a value; the scenario throws it with its code.
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === "string" && syscall === undefined ? code : "internal";
}

/** REL-2, REL-4, REL-5: no third content exists. `told`: what an acknowledged command answered. */
export function assertOldOrNew({ old, now }: Course, left: Snapshot, told: unknown, where: string): void {
  const synced = !saysUnsynced(told);
  for (const path of new Set([...old.keys(), ...now.keys(), ...left.keys()])) {
    if (isLeftover(path)) continue;
    const [before, after, there] = [old, now, left].map((at) => shown(at.get(path)));
    const must = told !== null && (synced || !path.endsWith("registry.global.json"));
    if (there === after || (there === before && !must)) continue;
    // A line that was cut short stays until the next one isolates it.
    const torn = path.endsWith("index.jsonl") && !must && (after ?? "").startsWith(there ?? "?") && (there ?? "").startsWith(before ?? "");
    expect(torn, `${where}: ${path} is ${JSON.stringify(there?.slice(0, 300))}`).toBe(true);
  }
}

/**
 * After two faults a command may have taken another way than the unharmed one, such as the next free name, and a sibling
 * whose removal failed too stays until the next writer of its directory. Every file is still old, or whole.
 */
function assertSound(course: Course, left: Snapshot, told: unknown, where: string): void {
  if (told !== null) return assertWhole(course, left, told, where);
  for (const [path, { content }] of course.now)
    if (content !== null && course.old.has(path)) expect(left.has(path), `${where}: ${path} is there`).toBe(true);
  for (const [path, { content }] of left) {
    const before = course.old.get(path)?.content ?? "";
    if (content === null || isLeftover(path) || content === before) continue;
    const whole = path.endsWith(".jsonl") ? content.slice(0, content.lastIndexOf("\n") + 1) : content;
    expect(whole.endsWith("\n"), `${where}: ${path} ends`).toBe(true);
    if (path.endsWith(".json")) expect(() => JSON.parse(content) as unknown, `${where}: ${path}`).not.toThrow();
    if (path.endsWith(".jsonl")) {
      expect(content.startsWith(before), `${where}: ${path} grows`).toBe(true);
      expect(whole.split("\n").slice(0, -1).every(isRecord), `${where}: ${path}`).toBe(true);
    }
    if (path.endsWith("ACTIVE_GOAL_STATE.md")) expect(content, `${where}: ${path}`).toMatch(/^---\n[\s\S]*\n## Progress Ledger\n/);
  }
}

/** What was acknowledged in spite of a fault is there, whole; its words may say what could not be seen, or lie under the next name. */
function assertWhole({ world, scenario, old }: Course, left: Snapshot, told: unknown, where: string): void {
  expect(saysUnsynced(told) || scenario.settled(world), `${where}: acknowledged ${JSON.stringify(told)}`).toBe(true);
  for (const [path, { content }] of left) {
    if (content === null || isLeftover(path)) continue;
    // What did not change was whole before.
    if (old.get(path)?.content === content) continue;
    const before = old.get(path)?.content ?? "";
    if (path.endsWith(".json")) expect(() => JSON.parse(content) as unknown, `${where}: ${path}`).not.toThrow();
    if (path.endsWith(".jsonl"))
      expect(content.startsWith(before) && content.split("\n").slice(0, -1).every(isRecord), `${where}: ${path}`).toBe(true);
    expect(content.endsWith("\n"), `${where}: ${path}`).toBe(true);
  }
}

function isRecord(line: string): boolean {
  return line.startsWith("{") && JSON.parse(line) !== null;
}

/** Mode and content in one text; undefined for what is not there. */
function shown(entry: Entry | undefined): string | undefined {
  return entry === undefined ? undefined : `${entry.mode.toString(8)} ${entry.content ?? "directory"}`;
}

/** The answer says that the global registry did not follow (FIL-26). */
function saysUnsynced(told: unknown): boolean {
  return JSON.stringify(told ?? null).includes('"write_denied":true');
}

/** Locks and temporary siblings: what a dead process may leave until the next writer. */
function isLeftover(path: string): boolean {
  return path.endsWith(".loopx-tmp") || /(?:^|\/)locks(?:\/|$)/.test(path);
}

function fingerprint(left: Snapshot): string {
  const entries = [...left].map(([path, entry]) => {
    const name = path.replace(/\.\d+\.[0-9a-f]{16}\.loopx-tmp$/, ".tmp").replace(/\.clear\.[0-9a-f]+$/, ".clear");
    const text = name.includes("/locks/") ? (entry.content ?? "").includes(`"pid":${DEAD_PID}`) : shown(entry);
    return `${name} ${String(text)}`;
  });
  return entries.sort().join("\n");
}

export async function assertRecovers({ world, scenario }: Course, where: string, litter = isLitter): Promise<void> {
  const healthy = { file_clock: clockAhead(ORPHANED_MS), calls: quickFs };
  const again: unknown = await scenario.act(world.host(healthy, MINUTE + 1), world).catch((error: unknown) => error);
  if (again instanceof Error)
    expect(scenario.done_already ?? [], `${where}: the next writer, ${again.message}`).toContain(refusalOf(again));
  expect(scenario.settled(world), `${where}: the repeated command completes it`).toBe(true);
  const { project } = world;
  const later = { file_clock: clockAhead(LITTER_MS), calls: quickFs };
  await connect(world.host(later, MINUTE + 2), { project, cwd: project, goal_id: "main" });
  await addTodo(world.host(later, MINUTE + 3), { goal_id: "main", role: "agent", text: "and on", cwd: project });
  await refreshState(world.host(later, MINUTE + 4), { goal_id: "main" });
  expect([...world.snapshot().keys()].filter(litter), `${where}: litter`).toEqual([]);
}

function isLitter(path: string): boolean {
  return path.endsWith(".loopx-tmp") || isLock(path);
}

function isLock(path: string): boolean {
  return /\/locks\/./.test(path);
}
